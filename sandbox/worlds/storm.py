"""One trouble, told by three senders, and another one in between: sign-in fails as in the world ``login``, and while
Alertmanager, Sentry and PagerDuty all speak of it the payment provider of another service is down."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sandbox.worlds.builder import tell
from sandbox.worlds.login import PLACE, alert_of
from sandbox.worlds.model import Step, World
from sandbox.worlds.outage import ALERT as CHARGES_FAIL
from sandbox.worlds.outage import PLACE as PAYMENTS
from sandbox.worlds.scripts import it_is_over, roll_back
from sandbox.worlds.senders import Page, SentryIssue, pagerduty, sentry

SUMMARY = "three senders tell of one trouble, and an unrelated one comes in between: two cards"
ISSUE = SentryIssue(
    project="web",
    error="TypeError",
    culprit="auth.session in is_expired",
    value="can't subtract offset-naive and offset-aware datetimes",
    environment="production",
    release="web@1.4.0",
    short_id="WEB-2C",
    number=51873,
)
_PAGE = Page(number=7214, title="Login error rate is high (production)", service="web", assigned="Kim Okafor")


def build(t0: datetime, folder: Path) -> World:
    told, payments = tell("login", PLACE, t0, folder), tell("outage", PAYMENTS, t0, folder)
    others = (CHARGES_FAIL.firing, sentry(ISSUE).firing, pagerduty(_PAGE).firing)
    world = told.world(
        SUMMARY,
        more=(payments,),
        service="web",
        aliases=("webshop",),
        alert=alert_of(told),
        script=(*(Step("post", value=str(nth)) for nth in range(len(others))), *roll_back("mara"), *it_is_over()),
        expect=replace(told.expect(45, state="resolved", card_says=("3 alert messages",)), cards=2),
        services=(("payments", PAYMENTS.path),),
        others=others,
    )
    return replace(world, name="storm")

"""The inbox by itself: what is kept, and what stays behind when keeping fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backtrace_core.scope import Catalog
from bot.catch_up import CatchUp
from bot.inbox import Inbox
from bot.linking.commands import LinkCommands
from bot.settings import BotSettings, GitLabSettings, Secrets, Settings, SlackSettings
from bot.slack.audience import Audience, AudienceRules
from bot.slack.client import make_client
from bot.slack.hands import MessageDelivery, Press
from bot.slack.poster import Poster
from bot.store import Action, NewIncident, Store, open_database
from bot.workflows import Starter
from sandbox.slack import Slack, serve_slack
from tests.bot.slack.conftest import ALERTS, FAST, IDENTITY, OTHER, TEAM, VANI, Clock, team
from tests.bot.test_store import ALERT

FIRING = {"ts": "1700000000.000100", "bot_id": "B0HOOK0001", "text": "[FIRING:1] LoginErrors"}


@dataclass
class Started(Starter):
    """Starts nothing, and remembers what it was asked to start."""

    alerts: list[str] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)
    fails: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    async def alert(self, incident_id: str) -> None:
        if self.fails:
            raise OSError("disk full")
        self.alerts.append(incident_id)

    async def action(self, action: Action) -> None:
        self.actions.append(action)

    async def joined(self, incident_id: str, untold: str) -> None:
        self.told.append((incident_id, untold))

    async def card(self, incident_id: str, cause: str) -> None:
        self.told.append((incident_id, cause))


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with serve_slack(team(), Clock(), FAST) as running:
        yield running


@pytest.fixture
async def inbox(tmp_path: Path, slack: Slack) -> AsyncIterator[Inbox]:
    database = open_database(tmp_path)
    store, clock = Store(database), Clock()
    client = make_client(slack.state.team.bot_token, f"{slack.url}/api/")
    poster, audience = Poster(client), Audience(client, AudienceRules(TEAM), clock)
    settings = Settings(
        GitLabSettings(url="http://127.0.0.1:9"),
        SlackSettings(channels=(ALERTS,)),
        BotSettings(),
        Catalog(()),
        {},
        Secrets("", ""),
    )
    catching_up = CatchUp((ALERTS,), store, poster, clock)
    await catching_up.begin()
    linking = LinkCommands(settings, store.links, audience, None, clock)
    yield Inbox(settings, store, poster, catching_up, Started(), TEAM, IDENTITY.bot_id, clock, audience, linking)
    await database.close()


def started(inbox: Inbox) -> Started:
    assert isinstance(inbox.start, Started)
    return inbox.start


def delivery(channel: str = ALERTS, team: str = TEAM) -> MessageDelivery:
    return MessageDelivery("Ev1", team, channel, FIRING["ts"], FIRING)


async def test_an_alert_is_kept_and_its_answer_started(inbox: Inbox) -> None:
    """Delivered twice it is one incident, and its one run is asked for each time: the first may have been cut off."""
    await inbox.keep_message(delivery())
    await inbox.keep_message(delivery())

    assert set(started(inbox).alerts) == {f"{TEAM}-{ALERTS}-{FIRING['ts']}"}


async def test_what_could_not_be_kept_is_read_again(inbox: Inbox) -> None:
    """Slack gives up after its retries: then the channel's history has it, since the channel counts as behind."""
    await inbox.catch_up()
    assert not inbox.catching_up.behind
    started(inbox).fails = True
    with pytest.raises(OSError, match="disk full"):
        await inbox.keep_message(delivery())

    assert inbox.catching_up.behind == (ALERTS,)


def edit(after_s: int) -> MessageDelivery:
    """The same alert, edited so long after it was posted."""
    changed = f"{float(FIRING['ts']) + after_s:.6f}"
    event = {"type": "message", "subtype": "message_changed", "ts": changed, "message": FIRING}
    return MessageDelivery(f"Ev-edit-{after_s}", TEAM, ALERTS, FIRING["ts"], event)


async def test_an_edit_that_comes_before_its_message_opens_the_incident(inbox: Inbox) -> None:
    """Slack delivers again what was refused, and later things meanwhile: one incident, by whichever comes first."""
    await inbox.keep_message(edit(after_s=40))
    await inbox.keep_message(delivery())

    assert len(await inbox.store.messages.of(f"{TEAM}-{ALERTS}-{FIRING['ts']}")) == 1
    assert set(started(inbox).alerts) == {f"{TEAM}-{ALERTS}-{FIRING['ts']}"}


async def test_an_edit_of_an_old_message_is_left_alone(inbox: Inbox) -> None:
    """Of what was posted before the bot was there nobody wants a card because a link was shortened."""
    await inbox.keep_message(edit(after_s=3600))

    assert await inbox.store.incidents.unanswered() == ()


RESOLVED = {**FIRING, "ts": "1700000060.000100", "text": "[RESOLVED] LoginErrors"}
INCIDENT = f"{TEAM}-{ALERTS}-{FIRING['ts']}"


def edited(after_s: int, text: str) -> MessageDelivery:
    """The alert's message, edited so long after it was posted."""
    changed = f"{float(FIRING['ts']) + after_s:.6f}"
    event = {"type": "message", "subtype": "message_changed", "ts": changed, "message": {**FIRING, "text": text}}
    return MessageDelivery(f"Ev-edited-{after_s}", TEAM, ALERTS, FIRING["ts"], event)


ENDINGS = [MessageDelivery("Ev2", TEAM, ALERTS, RESOLVED["ts"], RESOLVED), edited(60, RESOLVED["text"])]


@pytest.mark.parametrize("ending", ENDINGS, ids=["its own message", "an edit"])
async def test_an_end_that_comes_before_its_message_ends_it(inbox: Inbox, ending: MessageDelivery) -> None:
    """In whatever order Slack delivers the two, and however often: one incident, answered, and over."""
    await inbox.keep_message(ending)
    assert started(inbox).alerts == []
    await inbox.keep_message(delivery())
    await inbox.keep_message(ending)

    incident = await inbox.store.incidents.existing(INCIDENT)
    assert incident.resolved_at == datetime.fromtimestamp(1700000060.0001, UTC)
    assert started(inbox).alerts == [INCIDENT]


@pytest.mark.parametrize("ending", ENDINGS, ids=["its own message", "an edit"])
async def test_what_fires_after_an_early_end_is_open(inbox: Inbox, ending: MessageDelivery) -> None:
    """The end is that of what was said before it: an edit which says later that it fires opens it again."""
    await inbox.keep_message(ending)
    await inbox.keep_message(delivery())
    await inbox.keep_message(edited(120, FIRING["text"] + " again"))

    row = await inbox.store.messages.get(ALERTS, FIRING["ts"])
    assert row is not None
    assert (row.resolved_at is None) == (ending is ENDINGS[1])


async def test_an_edit_after_an_early_end_opens(inbox: Inbox) -> None:
    """The first version of the message never came: it fired, was over, and fires again."""
    await inbox.keep_message(edited(60, RESOLVED["text"]))
    await inbox.keep_message(edited(120, FIRING["text"]))

    assert (await inbox.store.incidents.existing(INCIDENT)).resolved_at is None


@pytest.mark.parametrize("foreign", [delivery(channel=OTHER), delivery(team="T0OTHER001")])
async def test_other_channels_and_workspaces_are_not_ours(inbox: Inbox, foreign: MessageDelivery) -> None:
    """Where the bot was not asked to answer it keeps nothing."""
    await inbox.keep_message(foreign)

    assert started(inbox).alerts == []
    assert await inbox.store.incidents.unanswered() == ()


@pytest.mark.parametrize(("card_ts", "kept"), [(None, ["assign"]), ("5.0", ["assign"]), ("4.0", [])])
async def test_a_press_counts_on_the_card_itself(inbox: Inbox, card_ts: str | None, kept: list[str]) -> None:
    """Also when it is quicker than the note of where the card stands; not on another message."""
    incident = NewIncident("i1", TEAM, ALERTS, "1.0", inbox.clock(), alert=ALERT)
    await inbox.store.incidents.keep("e1", incident)
    if card_ts:
        await inbox.store.incidents.save_card("i1", card_ts, inbox.clock())
    await inbox.press(Press(TEAM, ALERTS, VANI, "assign", "i1", "5.0", "trigger"))

    assert [action.kind for action in started(inbox).actions] == kept

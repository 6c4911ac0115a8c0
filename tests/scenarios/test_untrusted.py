"""Foreign text goes through the whole bot and is only ever read: in Slack no markup of theirs, in GitLab no command."""

import json
import logging
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.gitlab import BOT_TOKEN
from sandbox.worlds.model import World
from sandbox.worlds.senders import alertmanager
from tests.scenarios.looking import (
    alert_card,
    card_says,
    id_of,
    press,
    press_on,
    ready_to_submit,
    roll_back,
    shown_only_to,
    written_by_bot,
)
from tests.scenarios.stage import PROMPT, Scene, scene

IN_SLACK = "<!channel> <@U02KEH41T9D> <https://evil.example|login> *bold* `code` & :fire: <!subteam^S1>"
IN_GITLAB = "@all @kim Closes #1 closes !45 ~security %1 ```\n/close\n/assign @kim\n/label ~security\n/confidential\n"
HOSTILE = f"session {IN_GITLAB}/severity S1\n{IN_SLACK}"
ALERT = f"""login error rate jumped 5x
/close
```  File "/srv/web/auth/session.py", line 42, in is_expired```
{HOSTILE}"""


def hostile(world: World) -> World:
    """Everything that somebody outside may have written is hostile: alert, titles, branches, names."""
    users = (replace(one, name=f"{one.name} {HOSTILE}") for one in world.users)
    changes = (
        replace(one, title=HOSTILE, description=HOSTILE, source_branch=HOSTILE) if one.iid > 40 else one
        for one in world.merge_requests
    )
    issues = (replace(one, title=HOSTILE, description=HOSTILE) for one in world.issues)
    fired = alertmanager(f"LoginErrorRateHigh {HOSTILE} web", "production critical", ALERT)
    return replace(
        world, users=tuple(users), merge_requests=tuple(changes), issues=tuple(issues), alert=fired, aliases=()
    )


def said_in_slack(play: Scene) -> list[str]:
    """Each text that the bot has said: in channels, to people alone, in modals."""
    calls = [
        exchange.request for exchange in play.stage.slack.recorded if exchange.name.startswith(("chat.", "views."))
    ]
    assert calls != []
    return list(_texts(calls))


def _texts(thing: Any) -> list[str]:
    """All strings in it, but those in plain_text objects, which Slack shows as they are."""
    if isinstance(thing, str) and thing.startswith(("[", "{")):
        return _texts(json.loads(thing))
    if isinstance(thing, str):
        return [thing]
    if isinstance(thing, dict) and thing.get("type") == "plain_text":
        return []
    values = thing.values() if isinstance(thing, dict) else thing if isinstance(thing, list) else ()
    return [text for value in values for text in _texts(value)]


async def everything_pressed(play: Scene) -> None:
    """Alert, card, each button, the modal, a rollback to its end."""
    await alert_card(play)
    await ready_to_submit(play, "mara")
    await play.stage.slack.close(id_of(play, "mara"))
    await press(play, "tomas", "assign")
    await card_says(play, "tomas assigned")
    await press(play, "tomas", "page")
    await card_says(play, "tomas mentioned")
    await roll_back(play, "mara")
    await card_says(play, "Rolled back.")
    await press(play, "tomas", "not_culprit")
    await card_says(play, "tomas said that !45 is not the culprit")


ON_CALL = replace(PROMPT, service='on_call = ["aiko"]')


async def test_foreign_text_is_no_markup_in_slack(tmp_path: Path) -> None:
    """Nobody is mentioned, no group is called, no address of theirs is a link; the words themselves can be read."""
    async with scene("login", tmp_path, bot_options=ON_CALL, change=hostile) as play:
        await everything_pressed(play)

        said = said_in_slack(play)
        assert [text for text in said if "&lt;!channel&gt;" in text] != []
        links = {link for text in said for link in re.findall(r"<([^>|]*)", text)}
        ours = (f"{play.stage.gitlab.url}/", "!date^", f"@{id_of(play, 'aiko')}", f"@{id_of(play, 'mara')}")
        assert {link for link in links if not link.startswith(ours)} == set()


async def test_foreign_text_is_no_command_in_gitlab(tmp_path: Path) -> None:
    """No quick action runs, nobody is mentioned but those whom Backtrace means, nothing is referred to or closed."""
    async with scene("login", tmp_path, bot_options=ON_CALL, change=hostile) as play:
        await everything_pressed(play)

        state = play.stage.gitlab.state
        (incident,) = state.incidents
        assert (incident.state, incident.confidential, incident.severity) == ("opened", False, "UNKNOWN")
        assert incident.assignees == ["vani"]
        assert set(incident.labels) == {"incident", "backtrace"}
        written = [incident.title, incident.description, *(note.body for note in incident.notes)]
        assert "Closes" not in "".join(written)
        for text in written:
            assert set(re.findall(r"@\w+", text)) <= {"@mara", "@aiko"}
            words = re.sub(r"\]\(http://127[^)\s]*\)|<!--", "", text)
            assert re.findall(r"[#!~%]\w", words) == []
            assert [line for line in text.splitlines() if line.startswith("/")] == []


async def test_a_question_is_quoted_without_its_markup(tmp_path: Path) -> None:
    """What somebody typed comes back to them as they typed it, and calls nobody."""
    async with scene("login", tmp_path) as play:
        tomas = play.stage.slack_id("tomas")
        await play.stage.slack.command(tomas, play.stage.alerts, "since <!channel> login")

        shown = await shown_only_to(play, tomas, "is not understood")
        assert "<!" not in shown["text"]


def secrets_of(play: Scene) -> list[str]:
    """All that must be known to nobody, trigger ids included; answer addresses are kept while they are needed, and are
    looked for after each test (:mod:`tests.leaks`)."""
    team, slack = play.stage.team, play.stage.slack.state
    return [BOT_TOKEN, team.bot_token, team.app_token, team.signing_secret, *slack.triggers]


async def test_no_secret_is_in_a_log_or_a_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """After a question, an alert, each button and a rollback, with Backtrace's own log at its most talkative."""
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, "bot")
    async with scene("login", tmp_path, bot_options=ON_CALL) as play:
        tomas = play.stage.slack_id("tomas")
        await play.stage.slack.command(tomas, play.stage.alerts, "since nonsense login")
        await shown_only_to(play, tomas, "is not understood")
        await everything_pressed(play)
        card = await play.player.card()
        await press_on(play, {**card, "ts": "1.0"}, "kim", "page")
        secrets = secrets_of(play)
    assert len(secrets) > 8
    written = written_by_bot(tmp_path)
    assert caplog.text != ""
    assert [secret for secret in secrets if secret in caplog.text or secret.encode() in written] == []

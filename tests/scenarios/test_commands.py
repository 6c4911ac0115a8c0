"""``/backtrace`` through the whole bot: what is understood, in whose time, and what the asker reads when it is not."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.slack.command import EXAMPLES
from sandbox.player import eventually
from sandbox.slack.draw import render_text
from tests.scenarios.looking import cards_in, one_line, shown_only_to
from tests.scenarios.stage import Scene, scene
from tests.scenarios.town import ALERTS, GENERAL, GUEST, OTHER_TEAM, QUIET, SERVED, SEVERAL, SHARED, STRANGER, TOWN


async def ask(play: Scene, username: str, words: str) -> str:
    """Ask in #alerts; what the asker is told at once."""
    reply = await play.stage.slack.command(play.stage.slack_id(username), play.stage.alerts, words)
    assert reply.error == ""
    return reply.text


async def answer(play: Scene) -> str:
    """The one card in #alerts, as text."""

    async def look() -> list[dict[str, Any]]:
        return await cards_in(play, play.stage.alerts)

    (card,) = await eventually("an answer", look, 15)
    return one_line(render_text(card))


@pytest.mark.parametrize(
    ("words", "about"),
    [
        ("login errors", "web, production: login errors"),
        ("webshop login errors", "web, production: webshop login errors"),
        ("/backtrace web login errors", "web, production: login errors"),
        ("shop/web production since 2h 500s on login", "web, production: 500s on login"),
        ("WEB staging basket is empty", "web, staging: basket is empty"),
    ],
)
async def test_a_question_is_answered_with_a_card_in_its_channel(words: str, about: str, tmp_path: Path) -> None:
    """By symptom alone, by alias, by name, by project path with an environment: one card that everybody sees."""
    async with scene("login", tmp_path) as play:
        assert await ask(play, "tomas", words) == "Looking for what changed…"

        assert about in await answer(play)


NONE_NAMED = "The question names no service that Backtrace knows: it was answered for the only one, web, in production."


@pytest.mark.parametrize(
    ("words", "is_said"),
    [
        ("payments is down", True),
        ("payments production is down", True),
        ("login errors", True),
        ("web login errors", False),
        ("login errors on the webshop", False),
        ("500s at shop/web since 1h", False),
    ],
)
async def test_a_question_that_names_no_known_service_says_whom_it_was_answered_for(
    words: str, tmp_path: Path, *, is_said: bool
) -> None:
    """It is about the only one there is, and the asker may have meant another; not where the words name it."""
    async with scene("login", tmp_path) as play:
        await ask(play, "tomas", words)

        said = await answer(play)
        assert (f"{words.partition(' since')[0]} {NONE_NAMED}" in said) is is_said
        assert (NONE_NAMED in said) is is_said


@pytest.mark.parametrize(("username", "since"), [("kim", "16 Nov 13:45 UTC"), ("tomas", "16 Nov 12:45 UTC")])
async def test_a_time_is_one_of_the_askers_own_zone(username: str, since: str, tmp_path: Path) -> None:
    """14:00 in London is an hour later than in Prague; what is looked at begins three days and a quarter earlier."""
    async with scene("login", tmp_path) as play:
        await ask(play, username, "web since 14:00")

        said = await answer(play)
        assert f"since {since}" in said
        assert f"as {username} said." in said


async def test_a_question_that_says_what_fails_names_the_culprit(tmp_path: Path) -> None:
    """A question is worth as much as an alert that says the same: culprit, target and buttons."""
    async with scene("login", tmp_path) as play:
        await ask(play, "tomas", "web TypeError in is_expired, auth/session.py")

        card = await answer(play)
        assert "Likely culprit: !45 Tighten session expiry" in card
        assert "[Roll back]" in card


@pytest.mark.parametrize("words", ["", "help", "HELP"])
async def test_help_and_nothing_at_all_are_answered_with_the_usage(words: str, tmp_path: Path) -> None:
    """At once, seen by the asker alone, with all three forms of a question."""
    async with scene("login", tmp_path) as play:
        said = await ask(play, "tomas", words)

        for example in EXAMPLES:
            assert f"/backtrace {example}" in said
        assert '"since" says when it began' in said
        assert "Times are in your own time zone" in said


@pytest.mark.parametrize("example", EXAMPLES)
async def test_what_the_usage_suggests_can_be_tried_in_the_demos_story(example: str, tmp_path: Path) -> None:
    """Each of its examples is a question about the shop's web service, and is answered with a card."""
    async with scene("login", tmp_path) as play:
        await ask(play, "tomas", example)

        said = await answer(play)
        assert "web, production: " in said
        assert ("Likely culprit: !45" in said) is (example == EXAMPLES[0])


@pytest.mark.parametrize(
    "words", ["since yesterdayish login", "login since 99:99", "production", "since 1000d x", "``", "???"]
)
async def test_nonsense_is_answered_with_the_usage(words: str, tmp_path: Path) -> None:
    """Never silence: the asker alone reads what was not understood, and how to ask; nobody gets a card."""
    async with scene("login", tmp_path) as play:
        await ask(play, "tomas", words)

        await shown_only_to(play, play.stage.slack_id("tomas"), f"/backtrace {EXAMPLES[0]}")
        assert await cards_in(play, play.stage.alerts) == []


@pytest.mark.parametrize(
    ("channel", "knows"),
    [(ALERTS, "Backtrace knows web. Name"), (QUIET, "Backtrace knows web, billing. Name")],
)
async def test_with_several_services_an_unknown_one_is_asked_for(channel: str, knows: str, tmp_path: Path) -> None:
    """The asker reads which services may be shown in this channel, no others, and how to name one."""
    async with scene("login", tmp_path, TOWN, SEVERAL) as play:
        tomas = play.stage.slack_id("tomas")
        await play.stage.slack.command(tomas, channel, "basket is empty")

        said = await shown_only_to(play, tomas, "not clear which service", "/backtrace web login errors")
        assert knows in said["text"]


async def test_where_the_bot_does_not_serve_no_service_is_named(tmp_path: Path) -> None:
    """Nor whether there is one of that name."""
    async with scene("login", tmp_path, TOWN, SEVERAL) as play:
        tomas = play.stage.slack_id("tomas")
        await play.stage.slack.command(tomas, GENERAL, "basket is empty")

        said = await shown_only_to(play, tomas, "Not in this channel")
        assert "billing" not in said["text"]
        assert "web" not in said["text"]


async def test_where_the_bot_is_no_member_only_the_asker_sees_the_answer(tmp_path: Path) -> None:
    """The whole card without acting buttons, and how to invite the bot; the channel itself stays empty."""
    async with scene("login", tmp_path, TOWN, SEVERAL) as play:
        tomas = play.stage.slack_id("tomas")
        await play.stage.slack.command(tomas, QUIET, "web TypeError in is_expired, auth/session.py")

        shown = await shown_only_to(play, tomas, "Tighten session expiry", "/invite @Backtrace")
        buttons = [part for block in shown["blocks"] if block["type"] == "actions" for part in block["elements"]]
        assert buttons != []
        assert all("url" in button for button in buttons)
        assert await play.stage.slack.messages(QUIET) == []


@pytest.mark.parametrize(("channel", "service"), [(GENERAL, "web"), (ALERTS, "billing")])
async def test_a_service_is_not_shown_in_a_foreign_channel(channel: str, service: str, tmp_path: Path) -> None:
    """Neither in a channel that is not served, nor in one that is not among the service's own."""
    async with scene("login", tmp_path, TOWN, SEVERAL) as play:
        tomas = play.stage.slack_id("tomas")
        await play.stage.slack.command(tomas, channel, f"{service} login errors")

        await shown_only_to(play, tomas, "Not in this channel")
        assert await cards_in(play, channel) == []
        assert not [exchange for exchange in play.stage.gitlab.recorded if "deployments" in exchange.request.path]


ALLOWED = (
    (GUEST, ALERTS, f'allow_guests = ["{GUEST}"]'),
    (STRANGER, ALERTS, f'allow_teams = ["{OTHER_TEAM}"]\nallow_guests = ["{STRANGER}"]'),
    ("U02V6JW2YHA", SHARED, f'allow_shared_channels = ["{SHARED}"]'),
)


@pytest.mark.parametrize(
    ("user", "channel", "why"),
    [
        (GUEST, ALERTS, "does not answer guests"),
        (STRANGER, ALERTS, "members of its own workspace only"),
        ("U02V6JW2YHA", SHARED, "shared with other organisations"),
    ],
)
async def test_those_outside_are_not_answered(user: str, channel: str, why: str, tmp_path: Path) -> None:
    """Guests, members of other workspaces, anybody in a channel shared with others: words, and GitLab is not asked."""
    async with scene("login", tmp_path, TOWN, SERVED) as play:
        await play.stage.slack.command(user, channel, "login errors")

        await shown_only_to(play, user, why)
        assert await cards_in(play, channel) == []
        assert not [exchange for exchange in play.stage.gitlab.recorded if "deployments" in exchange.request.path]


@pytest.mark.parametrize(("user", "channel", "allowed"), ALLOWED)
async def test_those_outside_are_answered_where_a_setting_names_them(
    user: str, channel: str, allowed: str, tmp_path: Path
) -> None:
    """The same three get their card once the settings allow them by name."""
    async with scene("login", tmp_path, TOWN, replace(SERVED, slack=allowed)) as play:
        await play.stage.slack.command(user, channel, "login errors")

        async def look() -> list[dict[str, Any]]:
            return await cards_in(play, channel)

        assert len(await eventually("a card", look, 10)) == 1


@pytest.mark.parametrize(
    "words",
    [
        "pause forever",
        "pause 2 h please",
        "audit all",
        "link fatima",
        "unlink me",
        "help me login fails",
        "roll back",
        "rollback",
        "pasue 1h",
        "audti",
        "lnik status",
        "hlep",
    ],
)
async def test_a_mistyped_command_is_no_question(words: str, tmp_path: Path) -> None:
    """Only its writer is told how commands go; no card is posted for the whole channel to read."""
    async with scene("login", tmp_path) as play:
        told = await ask(play, "tomas", words)

        assert "Ask like this:" in told
        assert any(said in told for said in ("not understood", "Going back is a button on a card", "perhaps you meant"))
        assert await cards_in(play, play.stage.alerts) == []


@pytest.mark.parametrize("words", ["link to the login page is broken", "audit-log answers 500s", "audio", "heap"])
async def test_a_question_may_begin_with_a_word_of_ours(words: str, tmp_path: Path) -> None:
    """Links may be what is broken, and services be called nearly so."""
    async with scene("login", tmp_path) as play:
        assert await ask(play, "tomas", words) == "Looking for what changed…"

"""Who may read an answer: the own workspace's people in its own channels, and who is allowed by name."""

from __future__ import annotations

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.audience import Audience, AudienceRules
from bot.slack.client import SlackError, make_client
from sandbox.slack import Fault, Slack
from tests.bot.slack.conftest import ALERTS, GONE, GUEST, OTHER, SECRET, SHARED, STRANGER, TEAM, VANI, Clock


@pytest.fixture
def audience(client: AsyncWebClient, clock: Clock) -> Audience:
    return Audience(client, AudienceRules(TEAM), clock)


def calls(slack: Slack, method: str) -> int:
    return sum(exchange.name == method for exchange in slack.recorded)


@pytest.mark.parametrize(("place", "user"), [((TEAM, ALERTS), VANI), ((TEAM, ALERTS), None), ((TEAM, OTHER), VANI)])
async def test_own_people_are_answered(audience: Audience, place: tuple[str, str], user: str | None) -> None:
    """In channels of the workspace, alerts and people alike; also where the bot is no member yet."""
    team, channel = place

    assert await audience.refusal(team, user, channel) is None


@pytest.mark.parametrize(
    ("case", "says"),
    [
        (("T0OTHER001", VANI, ALERTS), "own workspace"),
        ((TEAM, GUEST, ALERTS), "guests"),
        ((TEAM, STRANGER, ALERTS), "own workspace"),
        ((TEAM, GONE, ALERTS), "deactivated"),
        ((TEAM, "U0NOBODY01", ALERTS), "who is asking"),
        ((TEAM, VANI, SHARED), "shared"),
        ((TEAM, None, SHARED), "shared"),
        ((TEAM, VANI, SECRET), "/invite @Backtrace"),
        ((TEAM, VANI, "C0NOWHERE1"), "can't see this channel"),
    ],
)
async def test_others_are_refused(audience: Audience, case: tuple[str, str | None, str], says: str) -> None:
    """Other workspaces, guests, strangers, shared channels; and what Slack does not show."""
    team, user, channel = case
    refusal = await audience.refusal(team, user, channel)

    assert refusal is not None
    assert says in refusal


async def test_what_is_allowed_by_name_is_answered(client: AsyncWebClient, clock: Clock) -> None:
    """The settings may let in a workspace, a guest, a shared channel."""
    rules = AudienceRules(TEAM, frozenset({"T0OTHER001"}), frozenset({GUEST, STRANGER}), frozenset({SHARED}))
    audience = Audience(client, rules, clock)

    assert await audience.refusal(TEAM, GUEST, ALERTS) is None
    assert await audience.refusal("T0OTHER001", STRANGER, SHARED) is None


async def test_a_guest_of_an_allowed_workspace_is_still_a_guest(client: AsyncWebClient, clock: Clock) -> None:
    """To let in a workspace does not let in its strangers one by one."""
    audience = Audience(client, AudienceRules(TEAM, frozenset({"T0OTHER001"})), clock)

    assert "guests" in str(await audience.refusal(TEAM, STRANGER, ALERTS))


async def test_answers_are_remembered_for_some_minutes(audience: Audience, slack: Slack, clock: Clock) -> None:
    """Slack is asked once for a burst of alerts, and again later: channels become shared."""
    for _ in range(3):
        await audience.refusal(TEAM, VANI, ALERTS)
    assert (calls(slack, "conversations.info"), calls(slack, "users.info")) == (1, 1)

    clock.forward(301)
    await audience.refusal(TEAM, VANI, ALERTS)

    assert (calls(slack, "conversations.info"), calls(slack, "users.info")) == (2, 2)


async def test_refused_questions_are_asked_again(audience: Audience, slack: Slack) -> None:
    """After the invitation that the refusal asks for, the next try sees the channel."""
    await audience.refusal(TEAM, VANI, SECRET)
    await audience.refusal(TEAM, VANI, SECRET)

    assert calls(slack, "conversations.info") == 2


async def test_a_slack_that_does_not_answer_is_no_refusal(audience: Audience, slack: Slack) -> None:
    """A passing trouble is raised, so that the run tries again, and nothing is said meanwhile."""
    slack.faults.add(Fault("conversations.info", "500"))
    with pytest.raises(SlackError) as caught:
        await audience.refusal(TEAM, VANI, ALERTS)

    assert not caught.value.permanent


async def test_missing_rights_refuse(slack: Slack, clock: Clock) -> None:
    """With a token that may not ask, nobody is answered."""
    audience = Audience(make_client("xoxb-wrong", f"{slack.url}/api/"), AudienceRules(TEAM), clock)

    assert await audience.refusal(TEAM, VANI, ALERTS) is not None


@pytest.mark.parametrize(("channel", "member"), [(ALERTS, True), (OTHER, False), (SECRET, False)])
async def test_membership_is_slacks_word(audience: Audience, channel: str, member: bool) -> None:  # noqa: FBT001 - the expected value
    """Where the bot is no member it answers the asker alone."""
    assert await audience.is_member(channel) is member

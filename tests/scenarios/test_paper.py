"""Assign and page: the GitLab incident behind the card, once, with the right people; every press on record."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.store import Action
from sandbox.gitlab import EscalationPolicy, Fault, FaultKind
from sandbox.gitlab.records import Issue
from sandbox.player import eventually
from sandbox.slack.draw import render_text
from sandbox.worlds.model import MergeRequest, World
from tests.scenarios.looking import alert_card, card_says, id_of, press
from tests.scenarios.stage import PROMPT, QUICK, Scene, scene
from tests.scenarios.town import GUEST, TOWN

ON_CALL = replace(PROMPT, service='on_call = ["kim", "tomas"]')
POLICY = EscalationPolicy(1, "Web on-call", ("kim",))
PREMIUM = replace(QUICK, gitlab=replace(QUICK.gitlab, tier="premium", policies=(POLICY,)))


def the_incident(play: Scene) -> Issue:
    (incident,) = play.stage.gitlab.state.incidents
    return incident


async def actions(play: Scene) -> tuple[Action, ...]:
    """What the store has on record for the alert's incident."""
    key = (await play.player.card())["metadata"]["event_payload"]["incident"]
    return await play.bot.house.store.actions.of(key)


async def test_assign_opens_an_incident_for_the_author(tmp_path: Path) -> None:
    """With the key by which it is found again, the author, the labels, and the verdict as a note."""
    async with scene("login", tmp_path) as play:
        card = await alert_card(play)
        await press(play, "tomas", "assign")

        said = await card_says(play, "tomas assigned Vani Raghavan (@vani) to shop/web#")
        incident = the_incident(play)
        assert f"Incident in GitLab: shop/web#{incident.iid}" in said
        assert f"<!-- backtrace:{card['metadata']['event_payload']['incident']} -->" in incident.description
        assert incident.assignees == ["vani"]
        assert set(incident.labels) >= {"incident", "backtrace"}
        (note,) = incident.notes
        for words in ("Likely culprit", "!\u200b45 Tighten session expiry", "deployed by @mara", "deployment 49519"):
            assert words in note.body


@pytest.mark.parametrize("who", [("kim", "tomas"), ("kim", "kim")])
async def test_pressed_twice_there_is_one_incident_and_one_note(who: tuple[str, str], tmp_path: Path) -> None:
    """At the same moment, by two people or by one; and once more afterwards."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await asyncio.gather(*(press(play, one, "assign") for one in who))
        await press(play, "aiko", "assign")

        await card_says(play, f"{who[0]} assigned", f"{who[1]} assigned", "aiko assigned")
        assert len(the_incident(play).notes) == 1


def culprit_by(change: Callable[[MergeRequest], MergeRequest]) -> Callable[[World], World]:
    """The login world with another culprit."""

    def changed(world: World) -> World:
        merged = tuple(change(one) if one.iid == 45 else one for one in world.merge_requests)
        return replace(world, merge_requests=merged)

    return changed


def blocked(world: World, *usernames: str) -> World:
    users = (replace(one, state="blocked") if one.username in usernames else one for one in world.users)
    return replace(world, users=tuple(users))


@pytest.mark.parametrize(
    ("change", "assigned"),
    [
        (culprit_by(lambda one: replace(one, author="renovate-bot", merged_by="kim")), "Kim Okafor (@kim)"),
        (lambda world: blocked(world, "vani"), "Mara Lindqvist (@mara)"),
    ],
    ids=["a bot's change", "a blocked author"],
)
async def test_where_the_author_cant_answer_the_one_who_merged_it_is_asked(
    change: Callable[[World], World], assigned: str, tmp_path: Path
) -> None:
    """Bots and blocked accounts read nothing."""
    async with scene("login", tmp_path, change=change) as play:
        await alert_card(play)
        await press(play, "tomas", "assign")

        await card_says(play, f"tomas assigned {assigned}")
        assert the_incident(play).assignees == [assigned.partition("@")[2].rstrip(")")]


def stranger(world: World, username: str) -> World:
    """The culprit came from a fork of somebody who is no member of the project."""
    users = (replace(one, access_level=0) if one.username == username else one for one in world.users)
    return culprit_by(lambda one: replace(one, fork=9_999))(replace(world, users=tuple(users)))


async def test_who_is_no_member_is_passed_over(tmp_path: Path) -> None:
    """GitLab would drop such an assignee without a word: the merger is asked, and card and incident say why."""
    async with scene("login", tmp_path, change=lambda world: stranger(world, "vani")) as play:
        await alert_card(play)
        await card_says(play, "Author: Vani Raghavan (vani), from a fork")
        await press(play, "tomas", "assign")

        why = "Vani Raghavan is no member of shop/web; Mara Lindqvist merged it"
        await card_says(play, "tomas assigned Mara Lindqvist (@mara) to shop/web#", f"not the author: {why}")
        assert the_incident(play).assignees == ["mara"]
        (note,) = [one.body for one in the_incident(play).notes if "instead of the change's author" in one.body]
        assert why in note


async def test_a_bots_change_shows_the_person_to_ask(tmp_path: Path) -> None:
    """Before anybody presses: on the card; afterwards in the incident's notes as well."""
    bots = culprit_by(lambda one: replace(one, author="renovate-bot", merged_by="kim"))
    async with scene("login", tmp_path, change=bots) as play:
        await alert_card(play)
        await card_says(play, "Renovate Bot (renovate-bot), a bot", "Merged by Kim Okafor (kim): the person to ask")
        await press(play, "tomas", "assign")

        await card_says(play, "not the author: Renovate Bot is a bot; Kim Okafor merged it")
        assert the_incident(play).assignees == ["kim"]
        assert any("the person to ask is `Kim Okafor`" in one.body for one in the_incident(play).notes)


async def test_who_gitlab_drops_is_passed_over(tmp_path: Path) -> None:
    """Blocked after the trace: GitLab's answer lacks the assignee, and the next one is asked."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        play.stage.gitlab.state.users["vani"] = replace(play.stage.gitlab.state.users["vani"], state="blocked")
        await press(play, "tomas", "assign")

        await card_says(play, "tomas assigned Mara Lindqvist (@mara)", "Vani Raghavan can't be assigned in GitLab")
        assert the_incident(play).assignees == ["mara"]


def nobody_fits(world: World) -> World:
    """Who wrote, merged, approved or deployed the culprit is blocked or a bot."""
    culprit = next(one for one in world.merge_requests if one.iid == world.expect.culprit)
    return blocked(world, culprit.author, culprit.merged_by, *culprit.approved_by)


async def test_where_nobody_can_be_assigned_the_card_says_so(tmp_path: Path) -> None:
    """The incident stands all the same."""
    async with scene("login", tmp_path, change=nobody_fits) as play:
        await alert_card(play)
        await press(play, "tomas", "assign")

        await card_says(play, "tomas asked to assign in shop/web#", "nobody in GitLab could be assigned")
        assert the_incident(play).assignees == []


async def test_paging_goes_by_gitlabs_escalation_policy(tmp_path: Path) -> None:
    """Where GitLab pages by itself, it is asked to, once; nobody is mentioned besides."""
    async with scene("login", tmp_path, PREMIUM, ON_CALL) as play:
        await alert_card(play)
        await asyncio.gather(press(play, "mara", "page"), press(play, "aiko", "page"))

        said = await card_says(
            play, "mara", "aiko", "paged kim by GitLab's escalation policy Web on-call", "nobody twice"
        )
        assert said.count(" paged kim") == 1
        assert the_incident(play).policy == 1
        assert play.stage.gitlab.state.effects["graphql"] == 1
        assert "please look" not in "".join(note.body for note in the_incident(play).notes)


async def test_paging_without_a_policy_mentions_those_on_call(tmp_path: Path) -> None:
    """By name in the incident, and in the alert's thread those whose Slack user is known."""
    async with scene("login", tmp_path, bot_options=ON_CALL) as play:
        await alert_card(play)
        await press(play, "mara", "page")

        await card_says(play, "mara mentioned @kim @tomas in shop/web#")
        assert [note.body for note in the_incident(play).notes if "@kim @tomas please look" in note.body] != []
        thread = await play.stage.slack.thread(play.stage.alerts, play.player.alert_ts)
        mentions = [one["text"] for one in thread if "please look" in one["text"]]
        assert mentions == [f"<@{id_of(play, 'kim')}> <@{id_of(play, 'tomas')}> please look at this."]


async def test_a_second_page_claims_nothing_that_was_done_before(tmp_path: Path) -> None:
    """The incident has mentioned them; only in Slack they are mentioned again, and the card says just that."""
    async with scene("login", tmp_path, bot_options=ON_CALL) as play:
        await alert_card(play)
        await press(play, "mara", "page")
        await card_says(play, "mara mentioned @kim @tomas in shop/web#")
        await press(play, "aiko", "page")

        await card_says(play, "aiko asked to page: shop/web#", "mentions @kim @tomas already, again in Slack only")
        assert len([note for note in the_incident(play).notes if "please look" in note.body]) == 1
        thread = await play.stage.slack.thread(play.stage.alerts, play.player.alert_ts)
        assert len([one for one in thread if "please look" in one["text"]]) == 2


@pytest.mark.parametrize("kind", ["took_effect_then_reset", "500"])
async def test_a_page_whose_answer_was_lost_is_the_presss_own(kind: FaultKind, tmp_path: Path) -> None:
    """Looked for again, the policy is set, or is set now: either way this press paged, and nobody before it."""
    async with scene("login", tmp_path, PREMIUM, ON_CALL) as play:
        play.stage.gitlab.faults.add(Fault("POST", "/api/graphql", kind, holds="mutation"))
        await alert_card(play)
        await press(play, "mara", "page")

        await card_says(play, "mara paged kim by GitLab's escalation policy Web on-call")
        assert play.stage.gitlab.state.effects["graphql"] == 1


async def test_where_nobody_is_on_call_the_card_says_so(tmp_path: Path) -> None:
    """Neither a policy nor a setting: nobody was paged, and that is not hidden."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await press(play, "mara", "page")

        await card_says(play, "Nobody was paged: ", "on_call is empty for web")


@pytest.mark.parametrize("kind", ["took_effect_then_reset", "500"])
async def test_an_incident_whose_answer_was_lost_is_opened_once(kind: FaultKind, tmp_path: Path) -> None:
    """It is looked for before another one is opened."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        play.stage.gitlab.faults.add(Fault("POST", "/projects/*/issues", kind))
        await press(play, "tomas", "assign")

        await card_says(play, "tomas assigned Vani Raghavan")
        assert the_incident(play).assignees == ["vani"]


async def test_a_gitlab_that_refuses_is_told_on_the_card(tmp_path: Path) -> None:
    """The press ends, in words, and stays on record as failed."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        play.stage.gitlab.faults.add(Fault("POST", "/projects/*/issues", "403", times=99))
        await press(play, "tomas", "assign")

        await card_says(play, "tomas tried to assign, without success", "403")
        assert [one.result for one in await actions(play)] == ["failed"]


async def test_every_press_is_on_record(tmp_path: Path) -> None:
    """Who, what, when, how it ended: those that were done, and those that were refused."""
    async with scene("login", tmp_path, TOWN) as play:
        play.stage.gitlab.state.levels["tomas"] = 10
        await alert_card(play)
        began = play.clock()
        await press(play, "kim", "assign")
        await card_says(play, "kim assigned")
        await press(play, GUEST, "page")
        await press(play, "tomas", "roll_back")

        async def ended() -> bool:
            return all(one.finished_at for one in await actions(play))

        await eventually("all presses ended", ended, 10)
        rows = {one.kind: one for one in await actions(play)}
        assert {kind: (row.slack_user, row.result) for kind, row in rows.items()} == {
            "assign": (id_of(play, "kim"), "done"),
            "page": (GUEST, "refused"),
            "roll_back": (id_of(play, "tomas"), "refused"),
        }
        assert "does not answer guests" in rows["page"].says
        assert "role Developer" in rows["roll_back"].says
        assert all(began <= row.at <= (row.finished_at or began) <= play.clock() for row in rows.values())
        shown = (await play.stage.slack.ephemerals(GUEST))[-1]
        assert "does not answer guests" in render_text(shown)

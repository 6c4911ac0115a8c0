"""What the bot is killed in: each story is told up to the kill, and after the restart it must have ended well, once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sandbox.gitlab import EscalationPolicy, Fault
from sandbox.gitlab.deploying import retry
from sandbox.gitlab.records import Issue
from sandbox.player import eventually, facts_of
from sandbox.slack import Fault as SlackFault
from sandbox.slack.draw import render_text
from sandbox.stage import BotOptions, StageOptions
from sandbox.worlds.model import FeatureFlag, Step
from sandbox.worlds.senders import sentry
from sandbox.worlds.storm import ISSUE
from tests.scenarios.stage import PROMPT, QUICK
from tests.scenarios.test_one_card import EXPORTS, SLOW_MAIL
from tests.scenarios.test_proof import SLOW
from tests.slow.dying import WAIT_S, Play

Part = Callable[[Play], Awaitable[None]]

ALWAYS = 100_000
LONG = replace(QUICK, gitlab=replace(QUICK.gitlab, success_after=3600.0))
PAPER = ("find_paper", "label_paper", "assign_paper", "keep_timeline", "write_note")
PREMIUM = replace(
    QUICK, gitlab=replace(QUICK.gitlab, tier="premium", policies=(EscalationPolicy(1, "Web shop", ("kim",)),))
)


TWO = replace(PROMPT, service="second_person = true")


@dataclass(frozen=True, slots=True)
class Story:
    """``steps`` are the durable steps that the bot is killed in, while ``happens``, after ``before``.

    ``ends`` looks, after the restart, at what has to stand, and counts what the parties were asked to do.
    """

    name: str
    steps: tuple[str, ...]
    happens: Part
    ends: Part
    before: Part
    world: str = "login"
    stage: StageOptions = field(default=QUICK)
    bot: BotOptions = field(default=PROMPT)
    breaks: str = ""


# --- what people and parties do -------------------------------------------------------------------------------------


async def nothing(_play: Play) -> None: ...


async def alert(play: Play) -> None:
    await play.player.fire()


async def card(play: Play) -> None:
    await play.player.fire()
    await play.player.card()


async def gitlab_lets_nobody_cancel(play: Play) -> None:
    play.stage.gitlab.faults.add(Fault("POST", "/projects/*/jobs/*/cancel", "403", times=ALWAYS))
    await card(play)


async def names_a_flag(play: Play) -> None:
    """The alert; what its culprit says in quotes is a flag that is on in production, and by itself elsewhere."""
    flag = FeatureFlag("seen", "", play.stage.world.t0 - timedelta(days=90), ("production", "staging"), apart=True)
    play.stage.gitlab.state.flags[flag.name] = flag
    await card(play)


async def shows_no_flag(play: Play) -> None:
    play.stage.slack.faults.add(SlackFault("views.update", "500", times=3))
    await names_a_flag(play)


async def slack_shows_no_modal(play: Play) -> None:
    play.stage.slack.faults.add(SlackFault("views.update", "500", times=3))
    await card(play)


def asks(words: str) -> Part:
    async def ask(play: Play) -> None:
        await play.stage.slack.command(play.stage.slack_id("tomas"), play.stage.alerts, words)

    return ask


def presses(action: str, username: str = "mara") -> Part:
    async def press(play: Play) -> None:
        card = await play.player.card()
        user = play.stage.slack_id(username)
        # A bot that dies of it answers nobody: what the person sees then is Slack's business.
        await play.stage.slack.press(user, play.stage.alerts, card["ts"], f"backtrace:{action}")

    return press


async def submits(play: Play) -> None:
    user = play.stage.slack_id("mara")

    async def is_ready() -> bool:
        view = await play.stage.slack.view_of(user)
        return bool(view and view.get("submit"))

    await eventually("the modal with its submit button", is_ready, WAIT_S)
    await play.stage.slack.submit(user)


async def rolls_back(play: Play) -> None:
    await presses("roll_back")(play)
    await submits(play)


async def switches_the_flag_off(play: Play) -> None:
    await presses("switch_flag")(play)
    await submits(play)


async def runs_without_target(play: Play) -> None:
    """The alert; its culprit is still being rolled out, and nothing older can be retried."""
    state = play.stage.gitlab.state
    for row in state.deployments.values():
        if row.status != "running" and row.job_id is not None:
            state.jobs[row.job_id].archived = True
    await card(play)


async def shows_no_cancelling(play: Play) -> None:
    await runs_without_target(play)
    play.stage.slack.faults.add(SlackFault("views.update", "500", times=3))


async def cancels_it(play: Play) -> None:
    await presses("cancel")(play)
    await submits(play)


async def a_sender_that_ends(play: Play) -> None:
    """The alert, and another one of its sender that is over."""
    await card(play)
    await play.stage.slack.post_webhook(play.stage.alerts, dict(SLOW.firing))
    await one_card(play, "2 alert messages", posts=2)
    await play.stage.slack.post_webhook(play.stage.alerts, dict(SLOW.resolved))


async def ready_to_submit(play: Play) -> None:
    await card(play)
    await presses("roll_back")(play)
    user = play.stage.slack_id("mara")

    async def is_ready() -> bool:
        view = await play.stage.slack.view_of(user)
        return bool(view and view.get("submit"))

    await eventually("the modal with its submit button", is_ready, WAIT_S)


async def agreed_and_rolled_back(play: Play) -> None:
    await is_waiting(play)
    await presses("agree", "kim")(play)
    await rolled_back(play)


async def waits_for_second(play: Play) -> None:
    await card(play)
    await rolls_back(play)
    await is_waiting(play)


async def is_waiting(play: Play) -> None:
    async def look() -> bool:
        return any("A second person has to agree" in _drawn(one) for one in await cards(play))

    await eventually("a rollback that waits for somebody else", look, WAIT_S)


async def rolling_on(play: Play) -> None:
    await card(play)
    await rolls_back(play)

    async def look() -> bool:
        return any("It runs." in _drawn(one) for one in await cards(play))

    await eventually("a rollback that runs", look, WAIT_S)


async def submits_in_vain(play: Play) -> None:
    """A right that was taken away refuses, and Slack does not let the modal say so."""
    play.stage.gitlab.state.levels["mara"] = 10
    play.stage.slack.faults.add(SlackFault("views.update", "500", times=3))
    await play.stage.slack.submit(play.stage.slack_id("mara"))


async def another_sender(play: Play) -> None:
    await play.stage.slack.post_webhook(play.stage.alerts, dict(sentry(ISSUE).firing))


async def another_trouble(play: Play) -> None:
    await play.stage.slack.post_webhook(play.stage.alerts, dict(EXPORTS.firing))


async def joined_by_mail(play: Play) -> None:
    await card(play)
    await play.stage.slack.post_webhook(play.stage.alerts, dict(SLOW_MAIL.firing))
    await one_card(play, "2 alert messages", posts=2)


async def splits(play: Play) -> None:
    only = await play.player.card()
    user = play.stage.slack_id("mara")
    await play.stage.slack.press(user, play.stage.alerts, only["ts"], "backtrace:more", "split")


async def pauses(play: Play) -> None:
    await play.stage.slack.command(play.stage.slack_id("tomas"), play.stage.alerts, "pause 2h")


async def it_is_over(play: Play) -> None:
    await play.player.play(Step("resolve"))


async def opens_incident(play: Play) -> None:
    state = play.stage.gitlab.state
    now = state.now()
    title = "Login errors: five times as many as usual"
    text = "login error rate jumped 5x on web production\n\nSession expired: auth/session.py"
    state.issues[900] = Issue(9900, 900, title, text, "kim", now, now, kind="incident")


# --- how it has to end ----------------------------------------------------------------------------------------------


async def cards(play: Play) -> list[dict[str, Any]]:
    messages = await play.stage.slack.messages(play.stage.alerts)
    return [message for message in messages if message.get("metadata", {}).get("event_type") == "backtrace_card"]


async def one_card(play: Play, *words: str, posts: int = 1) -> dict[str, Any]:
    """The only card, once it has these words and the bot has nothing left to do."""

    async def look() -> bool:
        return any(all(word in _drawn(one) for word in words) for one in await cards(play))

    await eventually(f"a card with {words}", look, WAIT_S)
    await play.quiet()
    (only,) = await cards(play)
    assert all(word in _drawn(only) for word in words), _drawn(only)
    assert play.stage.slack.state.written["chat.postMessage"] == posts
    return only


def _drawn(message: dict[str, Any]) -> str:
    return " ".join(render_text(message).split())


async def named(play: Play) -> None:
    assert facts_of(await one_card(play, "Likely culprit"))["culprit"] == "!45"


async def answered(play: Play) -> None:
    await one_card(play, "web, production: login errors")


async def no_card(play: Play) -> None:
    await play.quiet()
    assert await cards(play) == []
    assert play.stage.slack.state.written["chat.postMessage"] == 0


async def failed_in_words(play: Play) -> None:
    await one_card(play, "Backtrace itself failed (ArithmeticError)")


async def told_in_words(play: Play) -> None:
    await play.quiet()
    shown = await play.stage.slack.ephemerals(play.stage.slack_id("tomas"))
    assert len([message for message in shown if "yesterdayish" in _drawn(message)]) == 1
    assert await cards(play) == []


async def rolled_back(play: Play) -> None:
    await play.player.settled("rolled_back")
    await one_card(play, "is live")
    assert len(play.stage.gitlab.state.retries) == 1


async def shown_to_be_in_vain(play: Play) -> None:
    only = await one_card(play, "after the rollback: that speaks against !45", posts=2)
    assert facts_of(only)["outcome"] == "shortlist"
    assert len(play.stage.gitlab.state.retries) == 1


async def rolls_forward(play: Play) -> None:
    await one_card(play, "Roll forward again")
    await presses("roll_forward")(play)
    await submits(play)


async def rolled_forward(play: Play) -> None:
    await play.player.settled("rolled_forward")
    await one_card(play, "rolled production forward")
    assert len(play.stage.gitlab.state.retries) == 2


async def revert_opened(play: Play) -> None:
    await one_card(play, "to revert !45", "once it is merged")
    effects = play.stage.gitlab.state.effects
    assert (effects["branch"], effects["revert"], effects["merge_request"]) == (1, 1, 1)


async def gone_back(play: Play) -> None:
    await card(play)
    await rolls_back(play)
    await rolled_back(play)


async def both_rolled_back(play: Play) -> None:
    await play.player.settled("rolled_back")
    await one_card(play, "Rolled production/eu back", "Rolled production/us back")
    state = play.stage.gitlab.state
    environments = [state.deployments[retry.deployment_id].environment for retry in state.retries]
    assert sorted(environments) == ["production/eu", "production/us"]


async def one_pipeline(play: Play) -> None:
    await play.player.settled("rolled_back")
    await one_card(play, "rolled production back")
    state = play.stage.gitlab.state
    assert state.effects["pipeline"] == len([one for one in state.pipelines.values() if one.source == "api"]) == 1


async def rolled_back_by_hand(play: Play) -> None:
    """Somebody presses GitLab's own button once the card waits for it."""

    async def waits() -> bool:
        return any("Backtrace waits for it" in _drawn(one) for one in await cards(play))

    await eventually("a card that waits", waits, WAIT_S)
    state = play.stage.gitlab.state
    target = facts_of(await play.player.card())["target"]
    retry(state, state.jobs[state.deployments[int(target)].job_id or 0], state.users["tomas"])
    await play.player.settled("rolled_back")
    await one_card(play, "which tomas rolled back")
    assert len(state.retries) == 1


async def stopped(play: Play) -> None:
    await play.player.settled("rollback_stopped")
    await one_card(play, "which mara stopped")
    state = play.stage.gitlab.state
    assert (len(state.retries), state.effects["cancel"]) == (1, 1)


async def no_retry(play: Play) -> None:
    await one_card(play)
    assert play.stage.gitlab.state.retries == []


async def checked_and_rolled_back(play: Play) -> None:
    await submits(play)
    await rolled_back(play)


async def canceled_and_rolled_back(play: Play) -> None:
    await rolled_back(play)
    assert play.stage.gitlab.state.effects["cancel"] == 1


async def shown_and_cancelled(play: Play) -> None:
    await submits(play)
    await is_cancelled(play)


async def is_cancelled(play: Play) -> None:
    """The card says by whom; where it was traced again since, of the deployment that it "was cancelled" elsewhere."""
    await one_card(play, "mara", "deployment 49156", "cancelled")
    assert play.stage.gitlab.state.effects["cancel"] == 1


async def runs_on(play: Play) -> None:
    async def look() -> bool:
        return "Backtrace cancelled nothing" in str(await play.stage.slack.view_of(play.stage.slack_id("mara")))

    await eventually("a modal that says that nothing was cancelled", look, WAIT_S)
    assert play.stage.gitlab.state.effects["cancel"] == 0


async def given_up(play: Play) -> None:
    await play.player.settled("rollback_failed")
    await one_card(play, "tried a rollback of production, without success: GitLab: 403")
    assert play.stage.gitlab.state.retries == []


async def nothing_started(play: Play) -> None:
    async def look() -> bool:
        return "did not start a rollback" in str(await play.stage.slack.view_of(play.stage.slack_id("mara")))

    await eventually("a modal that says so", look, WAIT_S)
    await one_card(play)
    assert play.stage.gitlab.state.retries == []


async def assigned(play: Play) -> None:
    await one_card(play, "assigned Vani")
    _one_incident(play, notes=1)


async def mentioned(play: Play) -> None:
    await one_card(play, "mentioned @kim", posts=2)
    _one_incident(play, notes=2)


async def paged(play: Play) -> None:
    await one_card(play, "paged kim")
    _one_incident(play, notes=1)
    assert play.stage.gitlab.state.effects["graphql"] == 1


def _one_incident(play: Play, *, notes: int) -> None:
    state = play.stage.gitlab.state
    (incident,) = state.incidents
    assert len(incident.notes) == notes
    assert state.effects["issue"] == 1
    assert state.effects["note"] == notes


async def followed(play: Play) -> None:
    """One card, one note, one assignee, each event once."""
    await one_card(play, "Likely culprit")
    state = play.stage.gitlab.state
    (incident,) = state.incidents
    await eventually("the note with its link", lambda: _has_link(incident), WAIT_S)
    await play.quiet()
    assert len(incident.notes) == state.effects["note"] == 1
    assert incident.assignees == ["vani"]
    assert len({event.note for event in incident.timeline}) == len(incident.timeline) == state.effects["timeline"]


async def _has_link(incident: Issue) -> bool:
    return any("The card in Slack" in note.body for note in incident.notes)


async def opened(play: Play) -> None:
    await one_card(play, "opened shop/")
    _one_incident(play, notes=1)


async def next_suspect(play: Play) -> None:
    only = await one_card(play, "said that !45 is not the culprit")
    assert facts_of(only)["culprit"] != "!45"


async def ruled_out(play: Play) -> None:
    await card(play)
    await presses("not_culprit")(play)
    await one_card(play, "Ruled out by mara")


async def suspect_again(play: Play) -> None:
    only = await one_card(play, "mara put !45 back")
    assert facts_of(only)["culprit"] == "!45"


async def flag_is_off(play: Play) -> None:
    await one_card(play, "mara switched the feature flag seen off in production")
    assert play.stage.gitlab.state.flags["seen"].scopes == ("staging",)
    assert play.stage.gitlab.state.effects["flag"] == 1


async def flag_is_shown_and_switched_off(play: Play) -> None:
    await submits(play)
    await flag_is_off(play)


async def flag_is_as_it_was(play: Play) -> None:
    await one_card(play, "Likely culprit")
    assert play.stage.gitlab.state.flags["seen"].scopes == ("production", "staging")


async def is_claimed(play: Play) -> None:
    drawn = _drawn(await one_card(play, "mara is on it"))
    assert drawn.count("is on it") == 1


async def resolved(play: Play) -> None:
    await play.player.settled("resolved")
    await one_card(play, "Resolved")


async def told_of_once(play: Play) -> None:
    await one_card(play, "2 alert messages: Alertmanager, Sentry", posts=2)


async def has_its_own_card(play: Play) -> None:
    await two_cards(play)
    assert play.stage.slack.state.written["chat.postMessage"] == 2


async def split_by_hand(play: Play) -> None:
    await two_cards(play)
    assert play.stage.slack.state.written["chat.postMessage"] == 3


async def two_cards(play: Play) -> None:
    async def look() -> bool:
        return len(await cards(play)) > 1

    await eventually("a second card", look, WAIT_S)
    await play.quiet()
    assert len({one["thread_ts"] for one in await cards(play)}) == len(await cards(play)) == 2


async def said_once(play: Play) -> None:
    async def look() -> list[dict[str, Any]]:
        messages = await play.stage.slack.messages(play.stage.alerts)
        return [one for one in messages if "has paused Backtrace" in _drawn(one)]

    await eventually("words to the channel", look, WAIT_S)
    await play.quiet()
    assert len(await look()) == 1


# --- the stories ----------------------------------------------------------------------------------------------------

ALERT = Story("alert", ("may_answer_here", "trace_incident", "post_card"), alert, named, nothing)
QUESTION = Story("question", ("understand_question", "post_card"), asks("login errors"), answered, nothing)
NONSENSE = Story("nonsense", ("reply_in_words",), asks("since yesterdayish login"), told_in_words, nothing)
CHECKS = Story("checks", ("show_checks",), presses("roll_back"), checked_and_rolled_back, card)
ROLLBACK = Story(
    "rollback",
    (
        "incident_of",
        "check_again",
        "show_progress",
        "legs_of",
        "retry_target",
        "find_deployment",
        "follow",
        "show_leg",
        "watch_on",
        "keep_ahead",
        "refresh_card",
    ),
    rolls_back,
    rolled_back,
    card,
)
IN_VAIN = Story(
    "in vain",
    ("look_at_proof", "rank_again"),
    rolls_back,
    shown_to_be_in_vain,
    a_sender_that_ends,
    bot=replace(PROMPT, bot="proof_after_minutes = 0.02"),
)
REVERT = Story("revert", ("propose_revert",), presses("revert"), revert_opened, gone_back)
REGIONS = Story(
    "regions",
    ("check_again", "legs_of", "retry_target", "find_deployment", "follow", "show_leg"),
    rolls_back,
    both_rolled_back,
    card,
    world="regions",
)
GITOPS = Story(
    "gitops",
    ("cancel_running", "start_pipeline", "follow_place", "show_leg"),
    rolls_back,
    one_pipeline,
    card,
    world="gitops",
)
BY_HAND = Story(
    "by hand",
    ("await_elsewhere", "follow_place"),
    rolls_back,
    rolled_back_by_hand,
    card,
    bot=replace(PROMPT, service='rollback = "link"'),
)
STOP = Story(
    "stop",
    ("ask_to_stop",),
    presses("stop"),
    stopped,
    rolling_on,
    stage=LONG,
)
FORWARD = Story("forward", (), rolls_forward, rolled_forward, gone_back)
"""Its steps are those of going back, which comes before: it is killed by what it does."""
CANCEL = Story("cancel", ("cancel_running",), rolls_back, canceled_and_rolled_back, card, world="rolling")
ASSIGN = Story(
    "assign",
    ("may_press", "open_incident", "assign", "label_and_note", "finish_action", "refresh_card", "incident_of_press"),
    presses("assign"),
    assigned,
    card,
)
MENTION = Story(
    "mention", ("page",), presses("page"), mentioned, card, bot=replace(PROMPT, service='on_call = ["kim"]')
)
PAGE = Story("page", ("page",), presses("page"), paged, card, stage=PREMIUM)
DISMISS = Story(
    "dismiss", ("exclude_suspect", "trace_again", "refresh_card"), presses("not_culprit"), next_suspect, card
)
PUT_BACK = Story("put back", ("include_suspect",), presses("put_back"), suspect_again, ruled_out)
FLAG_SHOWN = Story("flag shown", ("show_flag",), presses("switch_flag"), flag_is_shown_and_switched_off, names_a_flag)
FLAG_OFF = Story("flag off", ("take_strategy_away",), switches_the_flag_off, flag_is_off, names_a_flag)
SECOND = Story(
    "second person",
    ("agree",),
    presses("agree", "kim"),
    rolled_back,
    waits_for_second,
    bot=TWO,
)
WAITING = Story("waiting", ("check_again", "await_second"), rolls_back, agreed_and_rolled_back, card, bot=TWO)
CLAIMED = Story("claimed", ("claim",), presses("claim"), is_claimed, card)
RESOLVED = Story("resolved", ("refresh_card",), it_is_over, resolved, card)
JOINED = Story("joined", ("look_at_joined", "tell_in_thread", "refresh_card"), another_sender, told_of_once, card)
PARTED = Story("parted", ("look_at_joined",), another_trouble, has_its_own_card, card)
SPLIT = Story("split", ("split_joined", "finish_action"), splits, split_by_hand, joined_by_mail)
PAUSED = Story("paused", ("say_pause",), pauses, said_once, nothing)

INCIDENT = Story(
    "incident",
    ("is_paused_there", "may_show_incident", "trace_incident", "post_card", *PAPER),
    opens_incident,
    followed,
    nothing,
    bot=replace(PROMPT, gitlab="poll_s = 0.5"),
)

STORIES = (
    INCIDENT,
    Story("open", ("open_for_press",), presses("open_incident"), opened, card, world="outage"),
    ALERT,
    QUESTION,
    NONSENSE,
    CHECKS,
    FLAG_SHOWN,
    FLAG_OFF,
    ROLLBACK,
    IN_VAIN,
    REVERT,
    FORWARD,
    CANCEL,
    ASSIGN,
    MENTION,
    PAGE,
    DISMISS,
    PUT_BACK,
    CLAIMED,
    SECOND,
    WAITING,
    RESOLVED,
    JOINED,
    PARTED,
    SPLIT,
    PAUSED,
    Story(
        "another channel's",
        ("stay_silent",),
        alert,
        no_card,
        nothing,
        bot=replace(PROMPT, channels=("C0ALERTS01", "C0GENERAL1"), service='channels = ["C0GENERAL1"]'),
    ),
    Story("our own fault", ("keep_failure",), alert, failed_in_words, nothing, breaks="fails"),
    Story("no cancelling", ("give_up_leg",), rolls_back, given_up, gitlab_lets_nobody_cancel, world="rolling"),
    Story("no answer", ("give_up",), submits_in_vain, no_retry, ready_to_submit),
    REGIONS,
    GITOPS,
    BY_HAND,
    STOP,
    Story(
        "cancel shown", ("show_running",), presses("cancel"), shown_and_cancelled, runs_without_target, world="rolling"
    ),
    Story("cancel it", ("cancel_offered",), cancels_it, is_cancelled, runs_without_target, world="rolling"),
    Story("no cancel", ("show_not_running",), presses("cancel"), runs_on, shows_no_cancelling, world="rolling"),
    Story("no flag", ("show_no_flag",), presses("switch_flag"), flag_is_as_it_was, shows_no_flag),
    Story("no modal", ("show_no_checks",), presses("roll_back"), nothing_started, slack_shows_no_modal),
)

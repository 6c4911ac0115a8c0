"""People's tokens: refreshed in time and once, given up when they are dead, never in clear on the disk."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.fernet import Fernet

from bot.gitlab.client import GitLabError
from bot.gitlab.errors import NotSent
from bot.linking.errors import LinkBrokenError, NotLinkedError
from sandbox.browser import browsing
from sandbox.gitlab import Fault
from sandbox.player import eventually
from sandbox.stage import TOKEN_KEY
from tests.scenarios.linking import ask_link, given_back, link, linked_as, own_rights, standing, with_page
from tests.scenarios.looking import (
    alert_card,
    card_says,
    id_of,
    modal_says,
    one_line,
    press,
    ready_to_submit,
    roll_back,
    written_by_bot,
)
from tests.scenarios.stage import PROMPT, Scene
from tests.scenarios.test_link import NEWCOMER, jonas_is_new, visitor

TOKEN = "/oauth/token"


@asynccontextmanager
async def mara_is_linked(folder: Path) -> AsyncIterator[Scene]:
    async with own_rights(folder) as play:
        await link(play, "mara")
        yield play


async def who_acts(play: Scene, who: str = "mara") -> str:
    """Act as a person once, by asking GitLab who that is."""
    async with play.bot.house.acting(id_of(play, who)) as client:
        return str((await client.get("/user"))["username"])


async def test_a_token_that_ends_within_a_minute_is_refreshed_once(tmp_path: Path) -> None:
    """Ten uses at the same moment: one refresh, ten answers, and the new pair is what is kept."""
    async with mara_is_linked(tmp_path) as play:
        oauth = play.stage.gitlab.state.oauth
        play.clock.forward(timedelta(hours=1, minutes=58))
        await who_acts(play)
        assert oauth.refreshes == 0
        play.clock.forward(timedelta(minutes=1, seconds=30))

        names = await asyncio.gather(*(who_acts(play) for _ in range(10)))

        assert names == ["mara"] * 10
        assert oauth.refreshes == 1
        play.clock.forward(timedelta(hours=2))
        assert await who_acts(play) == "mara"
        assert (oauth.refreshes, len(oauth.pairs)) == (2, 1)


async def test_two_presses_at_once_refresh_once(tmp_path: Path) -> None:
    """Through Slack: two cards' worth of checks and one rollback run on one new pair."""
    async with mara_is_linked(tmp_path) as play:
        await alert_card(play)
        play.clock.forward(timedelta(hours=3))
        await asyncio.gather(press(play, "mara", "roll_back"), press(play, "mara", "roll_back"))
        await modal_says(play, "mara", "In GitLab you are mara")

        assert play.stage.gitlab.state.oauth.refreshes == 1


async def test_a_refresh_whose_answer_is_lost_before_it_took_effect_is_tried_again(tmp_path: Path) -> None:
    """GitLab was restarting: the old pair still lives, so the second try goes through."""
    async with mara_is_linked(tmp_path) as play:
        play.clock.forward(timedelta(hours=3))
        play.stage.gitlab.faults.add(Fault("POST", TOKEN, "502"))

        assert await who_acts(play) == "mara"


async def test_a_refresh_that_took_effect_and_was_lost_needs_a_new_link(tmp_path: Path) -> None:
    """The old pair is dead and nobody has the new one: the modal says so, and the link that it offers works."""
    async with mara_is_linked(tmp_path) as play:
        await alert_card(play)
        play.clock.forward(timedelta(hours=3))
        play.stage.gitlab.faults.add(Fault("POST", TOKEN, "took_effect_then_reset"))
        await press(play, "mara", "roll_back")
        await modal_says(play, "mara", "The link to mara in GitLab is of no use any more", "its last refresh was lost")
        assert await linked_as(play, "mara") == ""

        await play.stage.slack.close(play.stage.slack_id("mara"))
        await link(play, "mara")
        await roll_back(play, "mara")
        await card_says(play, "Rolled back.")


async def test_gitlab_that_is_away_costs_no_link(tmp_path: Path) -> None:
    """The refresh gets no answer, and the next one does."""
    async with mara_is_linked(tmp_path) as play:
        play.clock.forward(timedelta(hours=3))
        play.stage.gitlab.faults.add(Fault("POST", TOKEN, "502", times=2))
        with pytest.raises(GitLabError, match="could not be refreshed"):
            await who_acts(play)

        assert await linked_as(play, "mara") == "mara"
        assert await who_acts(play) == "mara"


async def test_a_long_wait_outlives_its_token(tmp_path: Path) -> None:
    """A run that reads for hours under one person's name, and writes at the end, is not told that they are blocked."""
    async with mara_is_linked(tmp_path) as play:
        project = play.stage.world.project.path.replace("/", "%2F")
        async with play.bot.house.acting(id_of(play, "mara")) as client:
            for _ in range(2):
                play.clock.forward(timedelta(hours=3))
                assert (await client.get("/user"))["username"] == "mara"
            play.clock.forward(timedelta(hours=3))
            await client.post(f"/projects/{project}/labels", {"name": "late", "color": "#112233"})

        assert await linked_as(play, "mara") == "mara"


async def test_a_refresh_beside_a_request_kills_neither(tmp_path: Path) -> None:
    """GitLab ends the old token at once, also under a request that has just left with it: that one goes again."""
    async with mara_is_linked(tmp_path) as play:
        play.clock.forward(timedelta(hours=1, minutes=58, seconds=59))
        play.stage.gitlab.faults.add(Fault("GET", "/user", "latency", seconds=0.7))
        earlier = asyncio.create_task(who_acts(play))
        await asyncio.sleep(0.2)
        play.clock.forward(timedelta(seconds=2))

        assert await who_acts(play) == "mara"
        assert play.stage.gitlab.state.oauth.refreshes == 1
        assert await earlier == "mara"
        assert await linked_as(play, "mara") == "mara"


async def test_a_refresh_without_an_answer_sends_no_write(tmp_path: Path) -> None:
    """What was to be written is not in doubt then: it was never sent, and the link stays."""
    async with mara_is_linked(tmp_path) as play, play.bot.house.acting(id_of(play, "mara")) as client:
        play.clock.forward(timedelta(hours=3))
        play.stage.gitlab.faults.add(Fault("POST", TOKEN, "502", times=2))
        with pytest.raises(NotSent, match="could not be refreshed"):
            await client.post("/projects/1/labels", {"name": "late", "color": "#112233"})
        assert await linked_as(play, "mara") == "mara"


async def test_a_token_that_was_revoked_in_gitlab_is_told(tmp_path: Path) -> None:
    """Between the modal and the submit the person took it back there: nothing is started, and it is said why."""
    async with mara_is_linked(tmp_path) as play:
        await alert_card(play)
        await ready_to_submit(play, "mara")
        play.stage.gitlab.state.oauth.revoke_all_of("mara")
        await play.stage.slack.submit(play.stage.slack_id("mara"))

        await modal_says(play, "mara", "did not start a rollback", "it was revoked", "/backtrace link")
        assert await linked_as(play, "mara") == ""
        assert play.stage.gitlab.state.retries == []
        with pytest.raises(LinkBrokenError):
            await who_acts(play)


async def test_who_is_not_linked_can_not_be_acted_for(tmp_path: Path) -> None:
    """Neither before nor after."""
    async with mara_is_linked(tmp_path) as play:
        with pytest.raises(NotLinkedError, match="/backtrace link"):
            await who_acts(play, "kim")
        await play.stage.slack.command(play.stage.slack_id("mara"), play.stage.alerts, "unlink")
        with pytest.raises(NotLinkedError):
            await who_acts(play)


async def test_a_gitlab_that_is_away_revokes_later(tmp_path: Path) -> None:
    """The link is gone at once, and GitLab is told as soon as it answers, also after a restart."""
    bot = with_page()
    async with standing(tmp_path) as place:
        async with place.bot(bot) as play:
            await link(play, "mara")
            play.stage.gitlab.faults.add(Fault("POST", "/oauth/revoke", "502", times=99))
            await play.stage.slack.command(play.stage.slack_id("mara"), play.stage.alerts, "unlink")

            async def asked() -> bool:
                return any(exchange.request.path == "/oauth/revoke" for exchange in play.stage.gitlab.recorded)

            await eventually("the first try", asked, 10)
            assert await linked_as(play, "mara") == ""
            assert len(play.stage.gitlab.state.oauth.pairs) == 1
        place.stage.gitlab.faults.clear()
        async with place.bot(bot) as play:
            await given_back(play)


async def test_a_busy_gitlab_revokes_later(tmp_path: Path) -> None:
    """A 429 is no answer: the token waits for its turn, and does not live on."""
    async with mara_is_linked(tmp_path) as play:
        play.stage.gitlab.faults.add(Fault("POST", "/oauth/revoke", "429", seconds=0.1))
        await play.stage.slack.command(play.stage.slack_id("mara"), play.stage.alerts, "unlink")
        linker = play.bot.house.linker
        assert linker is not None

        async def refused() -> bool:
            return any(exchange.fault == "429" for exchange in play.stage.gitlab.recorded)

        await eventually("the first try", refused, 10)
        linker.nudge()
        await given_back(play)


async def test_a_link_that_breaks_off_leaves_no_grant_in_gitlab(tmp_path: Path) -> None:
    """GitLab takes the access token no more, and would still refresh it: the whole grant is ended there."""
    async with mara_is_linked(tmp_path) as play:
        oauth, linker = play.stage.gitlab.state.oauth, play.bot.house.linker
        assert linker is not None
        (pair,) = oauth.pairs.values()
        oauth.tokens[pair.access] = replace(oauth.tokens[pair.access], active=False)
        with pytest.raises(LinkBrokenError, match="was revoked, or the user is blocked"):
            await who_acts(play)

        linker.nudge()
        await given_back(play)


async def test_who_linked_before_the_bot_acted_for_itself_can_end_it(tmp_path: Path) -> None:
    """After a switch to act_as = "bot" the link goes at once; GitLab is told once there is an application again."""
    async with standing(tmp_path) as place:
        async with place.bot(with_page()) as play:
            await link(play, "mara")
        async with place.bot(PROMPT) as play:
            mara = play.stage.slack_id("mara")
            reply = await play.stage.slack.command(mara, play.stage.alerts, "unlink")
            assert "You are not mara for Backtrace any more" in one_line(reply.text)
            assert "can't ask GitLab" in one_line(reply.text)
            assert "Preferences &gt; Applications" in one_line(reply.text)
            assert await linked_as(play, "mara") == ""
            again = await play.stage.slack.command(mara, play.stage.alerts, "unlink")
            assert "not linked" in again.text
        async with place.bot(with_page()) as play:
            await given_back(play)


async def test_no_token_and_no_code_is_in_any_file_or_log_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor the verifier, the state, the cookie: not while it goes on, and not afterwards."""
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, logger="bot")
    async with own_rights(tmp_path) as play:
        secrets = await watched_link(play)
        pair = next(iter(play.stage.gitlab.state.oauth.pairs.values()))
        play.clock.forward(timedelta(hours=3))
        await who_acts(play)
        newer = next(iter(play.stage.gitlab.state.oauth.pairs.values()))
        assert newer.access != pair.access
        written = written_by_bot(tmp_path)
        said = caplog.text

    for secret in (*secrets, pair.access, pair.refresh, newer.access, newer.refresh, TOKEN_KEY):
        assert len(secret) >= 8
        assert secret.encode() not in written
        assert secret not in said


async def watched_link(play: Scene) -> list[str]:
    """Link mara; what a thief could have used on the way."""
    url, code = await ask_link(play, "mara")
    async with browsing() as browser:
        page = await browser.open(url)
        at_gitlab = await browser.send(page, code=code)
        cookie = browser.cookies(url)["backtrace_link"]
        done = await browser.send(at_gitlab, username="mara", decision="authorize")
    back = parse_qs(urlsplit(done.url).query)
    return [code, url.rpartition("/")[2], cookie, page.fields["form"], back["state"][0], back["code"][0]]


async def test_keys_can_be_rotated(tmp_path: Path) -> None:
    """A start with a new key before the old one seals everything anew; then the old one can go."""
    newer = Fernet.generate_key().decode()
    bot = with_page()
    async with standing(tmp_path) as place:
        async with place.bot(bot) as play:
            await link(play, "mara")
        for keys in (f"{newer},{TOKEN_KEY}", newer):
            async with place.bot(bot, BACKTRACE_TOKEN_KEYS=keys) as play:
                assert await who_acts(play) == "mara"


async def test_the_administrators_word_ends_a_link(tmp_path: Path) -> None:
    """Who linked as jonas, and is entered in the table as somebody else afterwards, acts as nobody."""
    stage, newer = visitor("Jonas Brandt", "jonas@lindenshop.example"), f'{NEWCOMER} = "somebody"'
    async with standing(tmp_path, stage, jonas_is_new) as place:
        async with place.bot(with_page()) as play:
            await link(play, NEWCOMER, "jonas")
            assert await who_acts(play, NEWCOMER) == "jonas"
        async with place.bot(with_page(people=newer)) as play:
            with pytest.raises(LinkBrokenError, match="says that you are somebody"):
                await who_acts(play, NEWCOMER)


async def test_a_key_that_is_gone_says_so(tmp_path: Path) -> None:
    """Nothing can be opened with another key: the person links again, and the bot starts all the same."""
    bot = with_page()
    async with standing(tmp_path) as place:
        async with place.bot(bot) as play:
            await link(play, "mara")
        async with place.bot(bot, BACKTRACE_TOKEN_KEYS=Fernet.generate_key().decode()) as play:
            with pytest.raises(LinkBrokenError, match="can't be decrypted"):
                await who_acts(play)

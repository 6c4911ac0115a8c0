"""The client: reads are repeated with care, writes never, and every failure has one name."""

import asyncio
import time

import pytest

from bot.gitlab.client import GitLabClient, GitLabRefused, GitLabUnavailable, OutcomeUnknown
from bot.gitlab.paths import in_project
from tests.bot.gitlab.fake import TOKEN, FakeGitLab, Reply, client_of, fake_gitlab, pages

BROKEN = {
    "timeout": Reply({}, delay_s=5),
    "reset": Reply(fate="reset"),
    "500": Reply({"message": "500 Internal Server Error"}, 500),
    "502": Reply(b"<html>Bad gateway</html>", 502),
    "503": Reply(b"", 503),
}
LOST = {**BROKEN, "half an answer": Reply(b'{"id": 1', 201), "a page": Reply(b"<html>sign in</html>", 200)}


@pytest.fixture
async def hasty(fake: FakeGitLab):
    async with client_of(fake.url, timeout_s=0.3) as made:
        yield made


@pytest.mark.parametrize("how", BROKEN)
async def test_a_read_that_fails_once_is_tried_again(fake: FakeGitLab, hasty: GitLabClient, how: str):
    """A read succeeds although the first answer was lost in any of these ways."""
    fake.on("GET", "/version", BROKEN[how], {"version": "19.4.0"})

    assert await hasty.get("/version") == {"version": "19.4.0"}
    assert len(fake.sent("GET", "/version")) == 2


async def test_a_read_gives_up_after_three_tries(fake: FakeGitLab, client: GitLabClient):
    """A GitLab that stays broken is asked three times and no more."""
    fake.on("GET", "/version", BROKEN["500"])

    with pytest.raises(GitLabUnavailable, match="500"):
        await client.get("/version")
    assert len(fake.seen) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
async def test_a_refusal_is_final(fake: FakeGitLab, client: GitLabClient, status: int):
    """GitLab's no is not asked for twice, and keeps its status and its words."""
    fake.on("GET", "/user", Reply({"message": f"{status} for a reason"}, status))

    with pytest.raises(GitLabRefused, match="for a reason") as caught:
        await client.get("/user")
    assert caught.value.status == status
    assert len(fake.seen) == 1


async def test_what_gitlab_does_not_implement_is_not_asked_again(fake: FakeGitLab, client: GitLabClient):
    """501 is no passing trouble."""
    with pytest.raises(GitLabUnavailable):
        await client.get("/nowhere")
    assert len(fake.seen) == 1


@pytest.mark.parametrize("how", LOST)
@pytest.mark.parametrize("verb", ["post", "put"])
async def test_a_write_is_sent_once_whatever_happens(fake: FakeGitLab, hasty: GitLabClient, verb: str, how: str):
    """A write whose answer was lost or can't be read is not repeated: its outcome is unknown."""
    fake.on(verb.upper(), "/projects/1/issues/1", LOST[how])

    with pytest.raises(OutcomeUnknown):
        await getattr(hasty, verb)("/projects/1/issues/1", {"title": "x"})
    await asyncio.sleep(0.1)
    assert len(fake.seen) == 1


@pytest.mark.parametrize("how", LOST)
async def test_a_mutation_is_sent_once_whatever_happens(fake: FakeGitLab, hasty: GitLabClient, how: str):
    """GraphQL mutations are writes."""
    fake.on("POST", "/api/graphql", LOST[how])

    with pytest.raises(OutcomeUnknown):
        await hasty.graphql("mutation { jobRetry { errors } }", {})
    await asyncio.sleep(0.1)
    assert len(fake.seen) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 429])
async def test_a_refused_write_did_not_happen(fake: FakeGitLab, client: GitLabClient, status: int):
    """4xx says that nothing was done, also 429; it is not sent again."""
    fake.on("POST", "/projects/1/jobs/7/retry", Reply({"message": "no"}, status))

    with pytest.raises(GitLabRefused) as caught:
        await client.post("/projects/1/jobs/7/retry")
    assert caught.value.status == status
    assert len(fake.seen) == 1


async def test_a_write_to_a_moved_project_is_refused(fake: FakeGitLab, client: GitLabClient):
    """A redirect would turn the write into a read: it is a refusal, not a lost answer."""
    fake.on("POST", "/projects/1/issues", Reply(b"", 301, {"Location": f"{fake.url}/api/v4/projects/2/issues"}))
    fake.on("GET", "/projects/2/issues", [])

    with pytest.raises(GitLabRefused, match="moved"):
        await client.post("/projects/1/issues", {"title": "x"})


async def test_a_list_is_read_page_after_page(fake: FakeGitLab, client: GitLabClient):
    """All pages are read from our GitLab, even when the next link names another host."""
    path = "/projects/1/issues"
    fake.on("GET", path, *pages(path, [{"iid": 1}, {"iid": 2}], [{"iid": 3}]))

    assert [row["iid"] for row in await client.list_all(path, limit=200)] == [1, 2, 3]
    assert [seen.query["page"] for seen in fake.seen] == ["1", "2"]


async def test_a_list_ends_at_its_limit(fake: FakeGitLab, client: GitLabClient):
    """A limit reads no page that it does not need and returns no row too many."""
    path = "/projects/1/issues"
    fake.on("GET", path, *pages(path, [{"iid": 1}, {"iid": 2}], [{"iid": 3}]))

    assert len(await client.list_all(path, limit=2)) == 2
    assert [seen.query["per_page"] for seen in fake.seen] == ["2"]


@pytest.mark.parametrize("body", [{"id": 1}, ["text"], [None], "text", None, b"[" * 100_000])
async def test_a_list_that_is_none_is_an_error(fake: FakeGitLab, client: GitLabClient, body: object):
    """What is no list of objects is never taken for an empty one."""
    fake.on("GET", "/projects/1/issues", body)

    with pytest.raises(GitLabUnavailable):
        await client.list_all("/projects/1/issues", limit=5)


async def test_a_text_is_read_as_it_is(fake: FakeGitLab, client: GitLabClient):
    """A job's trace is no JSON."""
    fake.on("GET", "/projects/1/jobs/7/trace", Reply(b"$ make deploy\nok\n", headers={"Content-Type": "text/plain"}))

    assert await client.text("/projects/1/jobs/7/trace") == "$ make deploy\nok\n"


async def test_project_paths_stay_in_one_piece(fake: FakeGitLab, client: GitLabClient):
    """The slash of a full path goes over the wire as %2F, and so does one in an environment's name."""
    fake.on("GET", "/projects/shop%2Fweb/protected_environments/review%2Fx", {"name": "review/x"})

    answer = await client.get(in_project("shop/web", "protected_environments", "review/x"))
    assert answer == {"name": "review/x"}


async def test_the_token_stays_with_its_gitlab(fake: FakeGitLab, client: GitLabClient):
    """Redirected to another host, the client does not bring the token along."""
    async with fake_gitlab() as stranger:
        elsewhere = stranger.url.replace("127.0.0.1", "localhost")
        fake.on("GET", "/user", Reply(b"", 302, {"Location": f"{elsewhere}/api/v4/user"}))
        stranger.on("GET", "/user", {"id": 1})
        await client.get("/user")

    assert fake.seen[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert len(stranger.seen) == 1
    assert TOKEN not in str(stranger.seen[0].headers)


async def test_a_dripping_answer_is_cut_off(fake: FakeGitLab):
    """An answer that comes byte by byte never times out by its silences; in all it may take two timeouts."""
    fake.on("GET", "/user", Reply({"name": "x" * 40}, drip_s=0.05))
    async with client_of(fake.url, timeout_s=0.2) as client:
        before = time.monotonic()
        with pytest.raises(GitLabUnavailable, match="timed out"):
            await client.get("/user")

    assert time.monotonic() - before < 4


async def test_reads_run_beside_each_other(fake: FakeGitLab, client: GitLabClient):
    """Sixteen reads are under way at once, no more, and the event loop stays free meanwhile."""
    fake.on("GET", "/user", Reply({"id": 1}, delay_s=0.1))

    await asyncio.gather(*(client.get("/user") for _ in range(40)))
    assert fake.most_at_once == 16


async def test_graphql_without_data_is_refused(fake: FakeGitLab, client: GitLabClient):
    """GraphQL says most failures with status 200."""
    fake.on("POST", "/api/graphql", {"errors": [{"message": "Field 'x' doesn't exist"}], "data": None})

    with pytest.raises(GitLabRefused, match="doesn't exist"):
        await client.graphql("query { x }", {})


async def test_graphql_keeps_what_it_has(fake: FakeGitLab, client: GitLabClient):
    """Null for the forbidden beside what is allowed: the answer is passed on; a lost query is asked again."""
    fake.on("POST", "/api/graphql", BROKEN["502"], {"data": {"project": None}, "errors": [{"message": "no"}]})

    assert await client.graphql("query { project }", {"path": "a/b"}) == {"project": None}
    assert fake.seen[1].body["variables"] == {"path": "a/b"}


async def test_the_message_of_an_error_page_is_short(fake: FakeGitLab, client: GitLabClient):
    """A proxy's HTML is not shown to people."""
    fake.on("GET", "/user", Reply(b"<html>" + b"x" * 9000 + b"</html>", 403))

    with pytest.raises(GitLabRefused) as caught:
        await client.get("/user")
    assert str(caught.value) == "403: an error page instead of an answer"


class FullDisk:
    """A recorder that keeps what is sent, and fails at the answer."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def sends(self, method: str, path: str) -> int:
        self.sent.append(f"{method} {path}")
        return len(self.sent)

    async def answered(self, number: int, answer: str) -> None:
        raise OSError(f"no room for {number}: {answer}")


async def test_an_answer_that_can_not_be_recorded_is_an_answer_all_the_same(fake: FakeGitLab, client: GitLabClient):
    """The write took effect, or was refused: whoever asked for it learns that, whatever becomes of the record."""
    fake.on("POST", "/projects/1/jobs", {"id": 5}, Reply({"message": "no"}, 403))
    recorder = FullDisk()
    recorded = client.recorded_by(recorder)

    assert await recorded.post("/projects/1/jobs") == {"id": 5}
    with pytest.raises(GitLabRefused, match="no"):
        await recorded.post("/projects/1/jobs")
    assert recorder.sent == ["POST /projects/1/jobs"] * 2

"""Incidents in the embedded GitLab, which executes quick actions wherever it finds one."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.gitlab import incident
from bot.gitlab.client import GitLabClient, GitLabRefused, OutcomeUnknown
from bot.gitlab.note import hidden, incident_text, note_of
from bot.gitlab.people import bot_user
from sandbox.gitlab import BOT_TOKEN, EscalationPolicy, Fault, GitLab, GitLabOptions, serve_gitlab
from tests.bot.gitlab.fake import FakeGitLab, Reply, client_of
from tests.bot.gitlab.verdicts import NASTY, verdict
from tests.sandbox.gitlab.small_world import ANA, BO, T0, small_world

PROJECT = "acme/checkout"
PREMIUM = GitLabOptions(tier="premium", policies=(EscalationPolicy(5, "Payments", ("bo",)),))


@pytest.fixture(params=[GitLabOptions()])
async def gitlab(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[GitLab]:
    async with serve_gitlab(small_world(tmp_path), lambda: T0, options=request.param) as running:
        yield running


@pytest.fixture
async def there(gitlab: GitLab) -> AsyncIterator[GitLabClient]:
    """A client of the embedded GitLab."""
    async with client_of(gitlab.url, token=BOT_TOKEN) as made:
        yield made


async def opened(client: GitLabClient, key: str = "inc-1") -> incident.Incident:
    title, description = incident_text(verdict(NASTY), key)
    return await incident.open_incident(client, PROJECT, title, description, PROJECT)


async def test_an_incident_is_found_again_by_its_key(there: GitLabClient):
    """Opened once, it is found by the hidden comment; another key finds nothing."""
    assert await incident.find_incident(there, PROJECT, "inc-1", None) is None
    made = await opened(there)

    assert await incident.find_incident(there, PROJECT, "inc-1", None) == made
    assert await incident.find_incident(there, PROJECT, "inc-2", None) is None


async def test_a_copied_comment_does_not_mislead(there: GitLabClient):
    """Somebody copies our description into a new incident: the older one stays ours."""
    made = await opened(there)
    await opened(there)

    assert await incident.find_incident(there, PROJECT, "inc-1", None) == made


async def test_what_somebody_else_opened_is_not_ours(gitlab: GitLab, there: GitLabClient):
    """Also where theirs is the older one: people copy descriptions, and may do so before ours is looked for."""
    own = await bot_user(there)
    assert own is not None
    async with client_of(gitlab.url, token="glpat-ana") as anas:
        theirs = await opened(anas)
    assert await incident.find_incident(there, PROJECT, "inc-1", own.id) is None
    made = await opened(there)

    assert made.iid > theirs.iid
    assert await incident.find_incident(there, PROJECT, "inc-1", own.id) == made
    assert await incident.find_incident(there, PROJECT, "inc-1", None) == theirs


async def test_an_incident_is_opened_once(gitlab: GitLab, there: GitLabClient):
    """It took effect, then the connection broke: unknown to us, and found when looked for."""
    gitlab.faults.add(Fault("POST", "/projects/*/issues", "took_effect_then_reset"))

    with pytest.raises(OutcomeUnknown):
        await opened(there)
    assert await incident.find_incident(there, PROJECT, "inc-1", None) is not None
    assert len(gitlab.state.incidents) == 1


INTERNAL, PRIVATE = {"visibility": "internal"}, {"visibility": "private"}
PUBLIC = {"visibility": "public", "issues_access_level": "enabled", "repository_access_level": "enabled"}
BROKEN = Reply(b"", 502)


@pytest.mark.parametrize(
    ("place", "about", "confidential"),
    [
        (PRIVATE, PRIVATE, False),
        (PRIVATE, PUBLIC, False),
        (PUBLIC, PUBLIC, False),
        (PUBLIC, INTERNAL, True),
        (INTERNAL, PRIVATE, True),
        ({**PUBLIC, "issues_access_level": "private"}, PRIVATE, False),
        (PUBLIC, {**PUBLIC, "repository_access_level": "private"}, True),
        (PUBLIC, {**PUBLIC, "merge_requests_access_level": "private"}, True),
        ({}, INTERNAL, True),
        (PUBLIC, {}, True),
        (Reply({"message": "404 Project Not Found"}, 404), PUBLIC, True),
        (PRIVATE, BROKEN, True),
    ],
)
async def test_an_incident_publishes_nothing(
    fake: FakeGitLab,
    client: GitLabClient,
    place: object,
    about: object,
    confidential: bool,  # noqa: FBT001 - a column of the table
):
    """Where more people may read incidents than the service's changes it is confidential, and in doubt as well."""
    fake.on("GET", "/projects/ops%2Fincidents", place)
    fake.on("GET", "/projects/shop%2Fweb", about)
    made = {"iid": 1, "title": "x", "web_url": "https://gitlab.example.com/x"}
    fake.on("POST", "/projects/ops%2Fincidents/issues", Reply(made, 201))

    await incident.open_incident(client, "ops/incidents", "x", "x", "shop/web")

    (sent,) = fake.sent("POST", "/projects/ops%2Fincidents/issues")
    assert sent.body.get("confidential", False) is confidential


async def test_assignment_and_labels_go_by_the_api(gitlab: GitLab, there: GitLabClient):
    """The author becomes the assignee, labels are added to those that there are."""
    made = await opened(there)
    await incident.assign(there, made, (ANA.id,))
    await incident.add_labels(there, made, ("incident", "backtrace"))
    await incident.add_labels(there, made, ())

    (issue,) = gitlab.state.incidents
    assert issue.assignees == ["ana"]
    assert {"incident", "backtrace"} <= set(issue.labels)


async def test_a_note_is_left_once(gitlab: GitLab, there: GitLabClient):
    """The same key again leaves no second note; another key does. Also where the first answer was lost."""
    made = await opened(there)
    gitlab.faults.add(Fault("POST", "/projects/*/notes", "took_effect_then_reset"))
    with pytest.raises(OutcomeUnknown):
        await incident.note_once(there, made, "verdict:1", "one")
    await incident.note_once(there, made, "verdict:1", "one")
    await incident.note_once(there, made, "page:1", "two")

    assert [note.body for note in gitlab.state.notes] == [
        "<!-- backtrace:note:verdict:1 -->\none",
        "<!-- backtrace:note:page:1 -->\ntwo",
    ]


async def test_nothing_that_others_wrote_is_executed(gitlab: GitLab, there: GitLabClient):
    """Alert, title, names and gaps are full of quick actions: the incident stays open, unassigned, unlabelled."""
    made = await opened(there)
    await incident.note_once(there, made, "verdict:1", note_of(verdict(NASTY)))

    (issue,) = gitlab.state.incidents
    (note,) = gitlab.state.notes
    assert (issue.assignees, issue.labels, issue.closed_at, issue.confidential) == ([], [], None, False)
    assert note.body.count("/assign") > 3


@pytest.mark.parametrize("gitlab", [PREMIUM], indirect=True)
async def test_paging_sets_the_escalation_policy(gitlab: GitLab, there: GitLabClient):
    """Where GitLab has on-call, it pages, and says whom; asked again it pages nobody twice, and says that."""
    made = await opened(there)
    first, second = await incident.page(there, made), await incident.page(there, made)

    assert first == incident.PageResult(done=True, says="bo by GitLab's escalation policy Payments")
    assert second == replace(first, before=True)
    assert gitlab.state.effects["graphql"] == 1


async def test_without_on_call_nobody_is_paged(there: GitLabClient):
    """GitLab Free has no policies: said, not raised."""
    result = await incident.page(there, await opened(there))

    assert not result.done
    assert "no escalation polic" in result.says


INCIDENT = incident.Incident(PROJECT, 7, "x", "https://gitlab.example.com/x")
POLICY = {"id": "gid://gitlab/IncidentManagement::EscalationPolicy/5", "name": "Payments", "onCallUsers": []}
HAS_POLICY = {"data": {"project": {"issues": None, "incidentManagementEscalationPolicies": {"nodes": [POLICY]}}}}


@pytest.mark.parametrize(
    "answer",
    [
        {"data": {"project": None}},
        {"data": {"project": {"incidentManagementEscalationPolicies": None}}},
        {"data": {"project": {"incidentManagementEscalationPolicies": {"nodes": []}}}},
        {"errors": [{"message": "Field 'incidentManagementEscalationPolicies' doesn't exist on type 'Project'"}]},
    ],
)
async def test_every_form_of_no_policy_is_understood(fake: FakeGitLab, client: GitLabClient, answer: object):
    """Null project, null field, empty list, unknown field."""
    fake.on("POST", "/api/graphql", answer)

    assert not (await incident.page(client, INCIDENT)).done


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"data": {"issueSetEscalationPolicy": {"errors": ["not on my watch"]}}}, "not on my watch"),
        ({"data": {"issueSetEscalationPolicy": None}}, "may not set"),
        (Reply({"message": "403 Forbidden"}, 403), "403"),
    ],
)
async def test_a_refused_page_is_said(fake: FakeGitLab, client: GitLabClient, answer: object, why: str):
    """GitLab's no is no page, with its reason."""
    fake.on("POST", "/api/graphql", HAS_POLICY, answer)

    result = await incident.page(client, INCIDENT)
    assert (result.done, why in result.says) == (False, True)


async def test_a_page_whose_answer_was_lost_is_unknown(fake: FakeGitLab, client: GitLabClient):
    """One mutation leaves; whether it paged must be looked for."""
    fake.on("POST", "/api/graphql", HAS_POLICY, Reply(fate="reset"))

    with pytest.raises(OutcomeUnknown):
        await incident.page(client, INCIDENT)
    assert len(fake.seen) == 2


async def test_a_token_that_may_not_write_is_refused(there: GitLabClient, gitlab: GitLab):
    """With a read-only token nothing is opened."""
    async with client_of(gitlab.url, token="glpat-read") as reader:
        with pytest.raises(GitLabRefused):
            await opened(reader)
    assert gitlab.state.incidents == []
    assert BO.username in gitlab.state.users


@pytest.mark.parametrize("key", ["", "a b", "-->", "x--y", "a\nb", "-x"])
def test_a_key_cannot_end_the_comment(key: str):
    """Keys are ours; one that could break out is a mistake."""
    with pytest.raises(ValueError, match="not a key"):
        hidden(key)

"""Which Slack member and GitLab user may be one person."""

from dataclasses import replace

import pytest

from bot.linking.pair import GitLabPerson, SlackPerson, why_not

ANA = SlackPerson("U1", "Ana Silva", "ana", "ana@acme.test", "acme")
IN_GITLAB = GitLabPerson(7, "ana", "Ana Silva", "ana@acme.test")
HIDDEN = replace(ANA, email="")


@pytest.mark.parametrize("way", ["page", "device"])
@pytest.mark.parametrize(
    ("slack", "gitlab", "people"),
    [
        (ANA, IN_GITLAB, {}),
        (ANA, replace(IN_GITLAB, email="Ana@ACME.test"), {}),
        (ANA, IN_GITLAB, {"U1": "ana"}),
        (ANA, replace(IN_GITLAB, email="a.silva@home.test"), {"U1": "Ana"}),
        (HIDDEN, IN_GITLAB, {"U1": "ana", "U2": "kim"}),
    ],
)
def test_one_person(slack: SlackPerson, gitlab: GitLabPerson, people: dict[str, str], way: str) -> None:
    """The same address, in whatever case, or the administrator's word, which is above addresses."""
    assert why_not(slack, gitlab, people, way) == ""


@pytest.mark.parametrize("way", ["page", "device"])
@pytest.mark.parametrize(
    ("slack", "gitlab", "people", "why"),
    [
        (ANA, replace(IN_GITLAB, email="vani@acme.test"), {}, "different e-mail addresses"),
        (ANA, replace(IN_GITLAB, username="vani"), {"U1": "ana"}, "is ana in GitLab, and in GitLab vani was"),
        (ANA, IN_GITLAB, {"U2": "ana"}, "is another Slack member"),
        (HIDDEN, IN_GITLAB, {"U2": "ANA"}, "is another Slack member"),
        (ANA, replace(IN_GITLAB, state="blocked"), {"U1": "ana"}, "is blocked"),
        (ANA, replace(IN_GITLAB, bot=True), {"U1": "ana"}, "is a bot"),
    ],
)
def test_not_one_person(slack: SlackPerson, gitlab: GitLabPerson, people: dict[str, str], why: str, way: str) -> None:
    """Each alone refuses, in words that tell nobody an address."""
    said = why_not(slack, gitlab, people, way)

    assert why in said
    assert "@acme.test" not in said


@pytest.mark.parametrize(
    ("slack", "gitlab"),
    [(HIDDEN, IN_GITLAB), (ANA, replace(IN_GITLAB, email="")), (HIDDEN, replace(IN_GITLAB, email=""))],
)
def test_an_unknown_address_refuses_only_where_no_page_has_seen_the_browser(
    slack: SlackPerson, gitlab: GitLabPerson
) -> None:
    """By the page the code and the cookie are the proof; by the device grant there is none."""
    assert why_not(slack, gitlab, {}, "page") == ""
    assert "Nothing shows that" in why_not(slack, gitlab, {}, "device")

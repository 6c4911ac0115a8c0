"""A library's change on the card, in the note and in the report: labelled with its project, with what brought it."""

import json
from dataclasses import replace

from backtrace_core.model import Bump, Outcome, Suspect
from bot.gitlab.note import note_of
from bot.slack.card import render_card
from bot.trace_report import as_json, as_text
from tests.bot.slack import stories

BY = stories.change(52, "Update <linden-auth> to v1.5.0")


def of_library() -> Suspect:
    candidate = stories.CULPRIT.candidate
    bump = Bump("linden-auth", "1.4.2", "1.5.0", "requirements.txt", 3)
    change = replace(candidate.change, project="shop/linden-auth", iid=7, bump=bump)
    return replace(stories.CULPRIT, candidate=replace(candidate, change=change, via=BY))


VERDICT = stories.verdict(Outcome.NAMED, (of_library(),))


def test_the_card_says_what_brought_it() -> None:
    """One sentence, with links to the bump and to the line in it; what GitLab says is escaped."""
    said = json.dumps(render_card(stories.view(VERDICT)).blocks, ensure_ascii=False)

    assert "shop/linden-auth!7" in said
    assert "Reached web by " in said
    assert "!52 Update &lt;linden-auth&gt; to v1.5.0" in said
    assert f"{BY.url}/diffs#" in said
    assert "linden-auth 1.4.2 → 1.5.0" in said


def test_a_shortlist_says_it_too() -> None:
    """Beside each that a library brought, and beside no other."""
    verdict = stories.verdict(Outcome.SHORTLIST, (of_library(), stories.ANOTHER))
    said = json.dumps(render_card(stories.view(verdict)).blocks, ensure_ascii=False)
    assert said.count("Reached web by ") == 1


def test_the_note_says_what_brought_it() -> None:
    """The incident's note has the bump and the versions."""
    assert "linden-auth 1.4.2 to 1.5.0" in note_of(VERDICT)
    assert "came by" not in note_of(stories.verdict(Outcome.NAMED, (stories.CULPRIT,)))


def test_the_report_says_what_brought_it() -> None:
    """In JSON under ``via``, null for a change of the service itself; a line of text for people."""
    (found,) = as_json(VERDICT)["suspects"]
    (own,) = as_json(stories.verdict(Outcome.NAMED, (stories.CULPRIT,)))["suspects"]

    assert (found["via"]["key"], found["via"]["old"], found["via"]["new"]) == (BY.key, "1.4.2", "1.5.0")
    assert own["via"] is None
    assert f"by {BY.key}" in as_text(VERDICT)


def test_one_of_the_services_own_projects_may_be_its_library_too() -> None:
    """The change is told without versions then; what brought it is said all the same."""
    library = of_library()
    change = replace(library.candidate.change, bump=None, prefix="shop/linden-auth")
    own = replace(library, candidate=replace(library.candidate, change=change))
    verdict = stories.verdict(Outcome.NAMED, (own,))

    assert "Reached web by " in json.dumps(render_card(stories.view(verdict)).blocks)
    assert "came by " in note_of(verdict)
    assert as_json(verdict)["suspects"][0]["via"]["package"] is None
    assert f"by {BY.key}" in as_text(verdict)

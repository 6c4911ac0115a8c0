"""The escaper for GitLab: what others wrote starts no line, calls nobody, closes nothing, breaks out of nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gitlab.text import fenced, inline, linked, titled

NASTY = st.text(alphabet=st.sampled_from(list("`~@#!%&/<>- \n\r\t\u2028\u202eclosefixab1[]()*_")), max_size=60)
REFERENCE = re.compile(r"[@#!~%&]\w")
CLOSING = re.compile(r"\b(clos(e[sd]?|ing)|fix(e[sd]|ing)?|resolv(e[sd]?|ing)|implement(s|ed|ing)?)\b", re.IGNORECASE)


def inside(span: str) -> str:
    """What a code span holds, by CommonMark's rule: the opening run of ticks closes at the next run of that length."""
    opening = re.match(r"`+", span)
    assert opening is not None
    ticks = len(opening[0])
    closing = [run for run in re.finditer(r"`+", span) if run.start() > 0 and len(run[0]) == ticks]
    assert closing[0].end() == len(span)
    return span[ticks:-ticks]


@given(NASTY | st.text())
def test_inline_text_is_one_span_on_one_line(text: str):
    """The span ends where ours ends; no line break is in it, no reference, no closing word, nothing invisible."""
    span = inline(text)
    if not span:
        assert not any(char.isalnum() for char in text)
        return

    held = inside(span)
    assert len(span.splitlines()) == 1
    assert not REFERENCE.search(held)
    assert not CLOSING.search(held)
    assert "<!--" not in held


@given(NASTY | st.text())
def test_a_fence_holds_its_text(text: str):
    """Every line between the fences begins with our bar, and no line of the text is a fence."""
    first, *lines, last = fenced(text).split("\n")

    assert first == f"{last}text"
    assert set(last) == {"`"}
    assert all(line.startswith("|") for line in lines)
    assert all(last not in line for line in lines)
    assert not any(REFERENCE.search(line) or CLOSING.search(line) for line in lines)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("auth/session.py", "`auth/session.py`"),
        ("a `b` c", "``a `b` c``"),
        ("``x", "``` ``x ```"),
        ("/assign @vani", "`/assign @\u200bvani`"),
        ("Closes #12", "`Clo\u200bses #\u200b12`"),
        ("see shop/web!45 ~bug %v1", "`see shop/web!\u200b45 ~\u200bbug %\u200bv1`"),
        ("100 % sure", "`100 % sure`"),
        ("two\nlines", "`two lines`"),
        ("over\u202eturned", "`overturned`"),
        ("<!-- backtrace:x -->", "`<!\u200b-- backtrace:x -->`"),
        ("   ", ""),
    ],
)
def test_inline_examples(text: str, span: str):
    """Readable as it was, harmless."""
    assert inline(text) == span


def test_long_text_is_cut():
    """Nobody fills an incident with one title."""
    assert len(inline("x" * 5000)) <= 302
    assert len(fenced("x\n" * 50_000)) < 20_000


def test_a_title_begins_with_our_word():
    """A title is one line, calls nobody, and is no longer than GitLab takes (255)."""
    title = titled("Incident", "/close @all\n" + "é" * 400)

    assert title.startswith("Incident: /clo\u200bse @\u200ball é")
    assert len(title) <= 255


@pytest.mark.parametrize(
    ("url", "is_link"),
    [
        ("https://gitlab.example.com/shop/web/-/merge_requests/45", True),
        ("javascript:alert(1)", False),
        ("https://x.test/) [click](https://evil.test", False),
        ("https://x.test/\ud800", False),  # can't be sent at all
        ("https://x.test/\u202egnp.exe", False),
        ("", False),
    ],
)
def test_only_web_addresses_become_links(url: str, is_link: bool):  # noqa: FBT001 - a column of the table
    """Anything else stays a plain label."""
    assert (linked("!45", url) == f"[`!\u200b45`]({url})") is is_link
    assert linked("!45", url).startswith("[`" if is_link else "`")

"""The Slack escaper: what goes in is shown, what it means to Slack is gone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import text

TOKEN = re.compile(r"<[^>]*>")


@pytest.mark.parametrize(
    "hostile",
    [
        "<!channel>",
        "<!here|x>",
        "<@U0123>",
        "<#C0123>",
        "<!subteam^S1>",
        "<!date^1^{date}|x>",
        "<https://evil.test|ok>",
    ],
)
def test_markup_of_slack_is_disarmed(hostile: str) -> None:
    """No token of Slack's survives in foreign text."""
    shown = text.escape(f"Fix {hostile} now", 200)

    assert not TOKEN.search(shown)
    assert "<" not in shown
    assert ">" not in shown


def test_ampersands_are_escaped_once() -> None:
    """The three characters of Slack's rule are replaced, and an entity in the text stays the text it was."""
    assert text.escape("a & b &amp; <c>", 100) == "a &amp; b &amp;amp; &lt;c&gt;"


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("exe\u202egpj.txt", "exegpj.txt"),
        ("a\u200bb\ufeffc\u2060d\u00ade", "abcde"),
        ("a\x00b\x07c", "abc"),
        ("one\ntwo\r\n\tthree\u2028four", "one two three four"),
        ("\u3164\u115f", ""),
        ("lone \ud800 half", "lone half"),
    ],
)
def test_what_the_eye_can_not_see_is_gone(given_text: str, shown: str) -> None:
    """Controls, colours, bidi overrides, zero-width and blank characters are stripped; lines become one."""
    assert text.escape(given_text, 100) == shown
    assert text.plain(given_text, 100) == shown


def test_marks_do_not_draw_over_other_lines() -> None:
    """Only a few combining marks stay on one character."""
    assert text.escape("Z" + "\u0300" * 500, 1000) == "Z" + "\u0300" * text.MOST_MARKS


@pytest.mark.parametrize("marker", ["*", "_", "~", "`", "```", "***"])
def test_formatting_can_not_be_opened(marker: str) -> None:
    """Bold, italic, strike and code of foreign text stay plain."""
    shown = text.escape(f"say {marker}this{marker} now", 100)

    assert not set("*~`") & set(shown)
    assert not re.search(r"(?<!\w)_|_(?!\w)", shown)


def test_names_in_snake_case_can_still_be_copied() -> None:
    """An underscore inside a word formats nothing, so it is left alone."""
    assert text.escape("def session_expiry_at in auth/session_store.py", 100) == (
        "def session_expiry_at in auth/session_store.py"
    )


@pytest.mark.parametrize(
    ("word", "limit"),
    [("e\u0301" * 10, 7), ("👍🏽" * 10, 8), ("🇩🇪" * 10, 6), ("\u1112\u1161\u11ab" * 10, 9), ("a&" * 20, 12)],
)
def test_a_cut_leaves_whole_characters(word: str, limit: int) -> None:
    """What is cut is cut between what a reader takes for characters, and no entity is cut in two."""
    shown = text.escape(word, limit)

    assert len(shown) <= limit
    assert shown.endswith(text.ELLIPSIS)
    kept = shown.removesuffix(text.ELLIPSIS).replace("&amp;", "&")
    assert word.startswith(kept)
    unit = 2 if word[0] in "ea👍🇩" else 3
    assert word[0] == "a" or len(kept) % unit == 0


@given(st.text(max_size=300), st.integers(min_value=1, max_value=80))
def test_every_text_fits_and_carries_no_markup(foreign: str, limit: int) -> None:
    """Whatever the text, what is sent is within the limit, one line, and without a token."""
    shown = text.escape(foreign, limit)

    assert len(shown) <= limit
    assert not set("<>\n`*~") & set(shown)
    assert not re.search(r"&(?!amp;|lt;|gt;)", shown)
    shown.encode("utf-8")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "https://gitlab.test@evil.test/x",
        "https://gitlab.test/a|b",
        "https://gitlab.test/<!channel>",
        "https:///nohost",
        "https://[::1",
        "//gitlab.test/x",
        "https://gitlab.test/a b",
        "https://gitlab.test/\u202egpj",
        "",
        "https://gitlab.test/" + "a" * 3000,
    ],
)
def test_a_doubtful_address_is_no_link(url: str) -> None:
    """Only plain http(s) addresses become links; of the rest the label is shown."""
    assert text.link(url, "here") == "here"


def test_a_label_can_not_leave_its_link() -> None:
    """Pipes, brackets and newlines of a label stay inside."""
    made = text.link("https://gitlab.test/x?a=1&b=2", "Fix <this>|that\nnow")

    assert made == "<https://gitlab.test/x?a=1&amp;b=2|Fix &lt;this&gt;\u00a6that now>"


@pytest.mark.parametrize("wrong", ["", "U1|x", "!channel", "u123", "C0123456", "U123>"])
def test_only_member_ids_are_mentioned(wrong: str) -> None:
    """A mention is made of a member id, never of free text."""
    assert text.mention("U0123ABC") == "<@U0123ABC>"
    with pytest.raises(ValueError, match="member id"):
        text.mention(wrong)

"""Messages drawn for a terminal."""

from __future__ import annotations

from sandbox.slack.draw import render_text


def text(words: str, kind: str = "mrkdwn") -> dict[str, str]:
    return {"type": kind, "text": words}


def test_a_card_is_drawn_line_by_line() -> None:
    """Every block that a card has is drawn; buttons and menus look like buttons and menus."""
    roll_back = {"type": "button", "text": text("Roll back", "plain_text")}
    more = {"type": "overflow", "options": [{"text": text("a", "plain_text")}, {"text": text("b", "plain_text")}]}
    message = {
        "text": "for notifications",
        "blocks": [
            {"type": "header", "text": text("Likely culprit: !45", "plain_text")},
            {"type": "section", "text": text("*By* <https://a.test|vani> &amp; <@U1>"), "accessory": roll_back},
            {"type": "section", "fields": [text("*Target*\n#12")]},
            {"type": "context", "elements": [text("one"), {"type": "image", "alt_text": "graph"}]},
            {"type": "divider"},
            {"type": "actions", "elements": [roll_back, more]},
        ],
    }

    assert render_text(message).splitlines() == [
        "Likely culprit: !45",
        "===================",
        "By vani & @U1",
        "[Roll back]",
        "  Target #12",
        "  one · (image: graph)",
        "-" * 40,
        "[Roll back] [⋯ a | b]",
    ]


def test_an_alert_is_drawn_from_its_attachments() -> None:
    """Text that is empty is no line; attachments are set off."""
    attachment = {
        "title": "[FIRING:1] Login",
        "text": "<https://a.test>",
        "fields": [{"title": "env", "value": "prod"}],
    }

    assert render_text({"text": "", "attachments": [attachment]}) == (
        "| [FIRING:1] Login\n| https://a.test\n| env: prod"
    )


def test_a_message_does_not_steer_the_terminal() -> None:
    """Escape sequences and bidirectional marks are dropped; text in escapes stays text."""
    drawn = render_text({"text": "a\x1b[31mb\u202ec &lt;script&gt; &amp;lt;"})

    assert drawn == "a[31mbc <script> &lt;"


def test_marks_inside_words_stay() -> None:
    """snake_case and 2*3*4 are words, not formatting."""
    assert render_text({"text": "*bold* snake_case_name 2*3*4 _it_"}) == "bold snake_case_name 2*3*4 it"


def test_checkboxes_show_what_is_ticked_at_first() -> None:
    """Each with its description, as a person sees it before they change anything."""
    words = [{"text": {"type": "plain_text", "text": name}, "value": name} for name in ("eu", "us")]
    words[0]["description"] = {"type": "plain_text", "text": "to 55"}
    element = {"type": "checkboxes", "action_id": "a", "options": words, "initial_options": words[:1]}
    block = {"type": "input", "label": {"type": "plain_text", "text": "Which"}, "element": element}

    assert render_text({"blocks": [block]}).splitlines() == ["Which:", "[x] eu, to 55", "[ ] us"]

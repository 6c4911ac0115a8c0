"""The pages of linking, as HTML. What comes from outside goes through Markup.format, which escapes it. Pure."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from markupsafe import Markup

from bot.linking.pair import SlackPerson

_STYLE = (
    "body{font:17px/1.55 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;color:#1d2433}"
    "h1{font-size:1.4rem}input{font:1.2rem monospace;padding:.4rem .6rem;letter-spacing:.1em;width:11rem}"
    "button{font:inherit;padding:.5rem 1.1rem}.who{border-left:4px solid #2b3a55;padding:.2rem 1rem}"
    ".wrong{color:#9b1c1c}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_PAGE = Markup(
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>Backtrace: link Slack and GitLab</title><style>{style}</style><h1>Link Slack and GitLab</h1>{body}</html>"
)
_WHO = Markup(
    '<p class="who"><strong>{person}</strong> in the Slack workspace <strong>{workspace}</strong>'
    " (member {id}) asks to act as <strong>you</strong> in GitLab, {gitlab}.</p>"
    "<p>What this Slack member presses in Backtrace, such as <em>Roll back</em>, would then run in GitLab with your "
    "rights.</p>"
    "<p>Go on only if <strong>you are this Slack member</strong> and typed <code>/backtrace link</code>, or pressed a "
    "button, a moment ago. If somebody sent you this page, close it.</p>"
)
_FORM = Markup(
    '<form method="post">{wrong}<input type="hidden" name="form" value="{form}">'
    '<p><label>The code that Slack shows you<br><input name="code" required autofocus autocomplete="off" '
    'autocapitalize="characters" spellcheck="false" maxlength="20"></label></p>'
    "<p><button>Go on to GitLab</button></p></form>"
)
_WRONG = Markup('<p class="wrong" role="alert">This is not the code. {left}</p>')
_SAYS = Markup("<p>{says}</p><p>This page can be closed.</p>")


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands around the form: who asks, for which GitLab, and the form's own token."""

    person: SlackPerson
    gitlab: str
    form: str


def asks(shown: Shown, left: int | None = None) -> str:
    """The page that asks for the code; ``left``: how many more may be entered, after a wrong one."""
    person = shown.person
    who = _WHO.format(person=person.shown, workspace=person.workspace, id=person.id, gitlab=shown.gitlab)
    wrong = "" if left is None else _WRONG.format(left="1 more try." if left == 1 else f"{left} more tries.")
    return str(_PAGE.format(style=Markup(_STYLE), body=who + _FORM.format(wrong=wrong, form=shown.form)))  # noqa: S704 - ours


def says(words: str) -> str:
    """A page that only says something."""
    return str(_PAGE.format(style=Markup(_STYLE), body=_SAYS.format(says=words)))  # noqa: S704 - ours


def headers(gitlab_url: str) -> dict[str, str]:
    """Nothing may be loaded, framed, cached or told to others. The form may lead on to GitLab, which browsers check."""
    parts = urlsplit(gitlab_url)
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self' {parts.scheme}://{parts.netloc};"
        " frame-ancestors 'none'; base-uri 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
    }

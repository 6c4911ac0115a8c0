"""The words worth looking for in changes: error classes, their messages, alert names, codes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backtrace_core.scope import looks_like_environment
from backtrace_core.words import is_identifier

MOST_TERMS, LONGEST_TERM = 8, 80
_LONGEST = 16_000
_IS_HOST = re.compile(r"\.(?:com|net|org|io|dev|test|local|internal|svc|html?|png|json|ya?ml|md)$", re.IGNORECASE)

_TOKEN = re.compile(r"[A-Za-z_$][\w$.:]{2,120}")
_ENDINGS = ("error", "exception", "failure", "fault", "timeout", "rejection", "panic", "killed", "expired", "denied")
_QUOTED = re.compile(r"`([^`\n]{3,80})`")
_HTTP = re.compile(r"\bHTTP[ -][1-5]\d\d\b|\b[45]xx\b|\bp(?:50|90|95|99)\b", re.IGNORECASE)
_CODE = re.compile(
    r"\bSQLSTATE[ :=\[(]{0,3}[0-9A-Z]{5}\b|\b(?:ORA|PLS|TNS|SQL|AADSTS)-?\d{3,6}\b"
    r"|\b(?:ECONNREFUSED|ECONNRESET|ECONNABORTED|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EPIPE|EACCES|ENOENT|ENOSPC|ENOMEM|EMFILE"
    r"|EADDRINUSE|EHOSTUNREACH)\b|\b(?:OOMKilled|CrashLoopBackOff|ImagePullBackOff)\b"
    r"|(?i:\bexit(?:ed with)? (?:status|code):? \d{1,3}\b)"
)
_SYMPTOM = re.compile(
    r"\bconnection (?:refused|reset|timed out|timeout|closed|pool (?:exhausted|timeout))\b|\bpool exhausted\b"
    r"|\b(?:heap )?out of memory\b|\bno space left on device\b|\bdisk (?:full|quota exceeded)\b"
    r"|\bdeadlock(?: detected)?\b"
    r"|\bpermission denied\b|\btoo many (?:connections|open files|requests)\b|\bbroken pipe\b|\bno such host\b"
    r"|\bsegmentation fault\b|\bduplicate key\b|\b(?:context )?deadline exceeded\b|\bread timed out\b"
    r"|\bstack overflow\b|\bnull pointer\b|\bcertificate (?:has )?expired\b|\bupstream connect error\b",
    re.IGNORECASE,
)
_RAISED = re.compile(
    r"^[ \t`>]{0,6}(?:Caused by: |Uncaught |Exception in thread \"[^\"\n]{1,60}\" )?"
    r"([A-Za-z_][\w.:\\]{0,100}[.:\\][A-Z]\w{2,60}): (\S[^\n`]{2,200})",
    re.MULTILINE,
)
"""A class in a package before its message, whatever its name ends in."""
_ROUTE = re.compile(r"\b(?:GET|POST|PUT|PATCH|DELETE|HEAD) (/[^\s`\"'|,)]{2,70})")
_PATH_FIELD = re.compile(
    r"^[ \t•*-]{0,8}(?i:endpoint|path|route|uri)\*?:\*?\s{0,3}`?(/[^\s`\"'|,)]{2,70})", re.MULTILINE
)
_NAMED = re.compile(r"(?<!\w)['\"“]([A-Za-z][\w./:@-]{2,60})['\"”](?!\w)")
_CONSTANT = re.compile(r"(?<![\w$])[A-Z]{3,20}(?:_[A-Z]{2,20}){1,4}(?!\w)")
_LOGGED = re.compile(
    r"(?:^|[\s\]`])((?:Uncaught [A-Z]\w{2,60})|(?:panic|FATAL|CRITICAL|ERROR): \S.{2,76}|ERROR \w.{2,72})"
)
_RUST = re.compile(r"\bpanicked at (?:'([^'\n]{3,80})'|[^\n]{1,200}:\n([^\n]{3,200}))")
_GO_PANIC = re.compile(r"^[ \t`]{0,6}(?:panic|fatal error): (?:runtime error: )?([^\n]{3,200})", re.MULTILINE)
_SIGNAL = re.compile(r"\bSIG[A-Z]{3,5}\b")
_IN_JSON = re.compile(r'"(?:error|message|detail|title|exception|reason)" ?: ?"([^"\n]{3,80})"')
_ANSWERED = re.compile(
    r"\b(?:received|status(?: code)?|code|got|return(?:ed|s)|answer(?:ed|s)|respond(?:ed|s)|fail(?:s|ed|ing)?)"
    r"(?: is| was| with)?\W{1,5}([1-5]\d\d)\b|\(([45]\d\d)\)",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"(?<![\w./@-])([a-z][a-z0-9_]{1,40}(?:\.[a-z][a-z0-9_]{1,40}){1,6})(?![\w/@-]|\.\w)")
_CAMEL = re.compile(
    r"(?<![\w./:-])([A-Z]{1,4}[a-z0-9]+(?:[A-Z]{1,4}[a-z0-9]+){1,8}|[A-Z]{2,6}[a-z]{2,20}[A-Za-z]{0,20})(?![\w./-])"
)
_CODE_FENCE = re.compile(r"```(.{1,4000}?)```", re.DOTALL)


_PLACE = re.compile(r"\s{1,3}[\[(](?:env(?:ironment)?[:=] ?)?([A-Za-z-]{2,20})[\])]")


def without_place(term: str) -> str:
    """Without an environment in brackets: ``session (prod)`` is looked for as ``session``."""
    return _PLACE.sub(lambda found: "" if looks_like_environment(found[1]) else found[0], term).strip()


def error_terms(title: str, marked: str) -> tuple[str, ...]:
    """At most 8 terms of at most 80 characters, the most telling first. ``marked`` has its code marks."""
    found: dict[str, str] = {}
    for term in (*_names(title), *_codes(title), *_classes(marked), *_quoted(marked), *_codes(marked)):
        short = term.strip(" .:")[:LONGEST_TERM]
        if short:
            found.setdefault(short.lower(), short)
    return tuple(found.values())[:MOST_TERMS]


def further_terms(marked: str) -> Iterator[str]:
    """What programs print when they die or answer badly, then names of metrics and reasons. Traces are taken out.

    Behind :func:`error_terms`: these say more about the symptom than about the code.
    """
    text = marked[:_LONGEST]
    patterns = (
        _RUST,
        _GO_PANIC,
        _LOGGED,
        _SIGNAL,
        _IN_JSON,
        _ANSWERED,
        _ROUTE,
        _PATH_FIELD,
        _DOTTED,
        _CAMEL,
        _CONSTANT,
        _NAMED,
    )
    found = (next((g for g in m.groups() if g), m[0]) for pattern in patterns for m in pattern.finditer(text))
    yield from (part.strip(" .:`")[:LONGEST_TERM] for match in _RAISED.finditer(text) for part in match.groups())
    yield from (term.strip(" .:`")[:LONGEST_TERM] for term in found if not _IS_HOST.search(term))


def _names(title: str) -> Iterator[str]:
    """The alert's own name, written as code is: ``PaymentsHigh5xx``."""
    yield from (token for word in title.split()[:12] if is_identifier(token := word.strip("[](){},;")))


def _classes(marked: str) -> Iterator[str]:
    """Classes of errors, each with the message that follows it."""
    for line in marked.split("\n")[:400]:
        for match in _TOKEN.finditer(line[:500]):
            name = match[0].strip(":.")
            if name.lower().endswith(_ENDINGS) and any(c.isupper() for c in name) and not name.isupper():
                yield name
                yield from _message(line[match.start() + len(name) : 500])


def _message(rest: str) -> Iterator[str]:
    said = rest.replace("```", "").partition("`")[0].strip()
    if rest.startswith(":") and len(said) > LONGEST_TERM // 20:
        yield said.lstrip(": ").strip()


def _quoted(marked: str) -> Iterator[str]:
    outside = _CODE_FENCE.sub(" ", marked)
    yield from (match[1] for match in _QUOTED.finditer(outside) if is_identifier(match[1]) or "." in match[1])


def _codes(text: str) -> Iterator[str]:
    """Cut to size: a message of codes alone must not take the room of what they stand in."""
    for pattern in (_HTTP, _CODE, _SYMPTOM):
        yield from (match[0] for match in pattern.finditer(text[:_LONGEST]))

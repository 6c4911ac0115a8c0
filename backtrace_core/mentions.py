"""Which work items a merge request names: in its title, its description and the name of its branch.

As GitLab reads references (docs.gitlab.com/user/markdown: GitLab-specific references). ``&7`` and ``!45`` are epics and
merge requests, which are no work items here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backtrace_core.model import Change

MOST_MENTIONS = 10
"""Of one change: a list of everything that a release contains says little of any of it."""
LONGEST_READ = 20_000

_CODE = re.compile(r"(`{3,}|~{3,}).*?(?:\1|\Z)|`[^`\n]*`", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_URL = re.compile(r"\bhttps?://[^\s<>()\[\]\"'`]+", re.IGNORECASE)
# The label of a link is what its author calls another page: Renovate links `#12` of foreign projects.
_LABELLED = re.compile(r"\[[^\[\]]*\]\(\s*<?(https?://[^\s<>()]+)[^)]*\)", re.IGNORECASE)
_ON_PAGE = re.compile(r"/(?P<project>[\w.-]+(?:/[\w.-]+)+?)(?:/-)?/(?:issues|work_items)/(?P<iid>\d{1,9})(?![\w-])")
_NUMBER = re.compile(
    r"(?<![\w/.&!#-])(?:(?P<project>[A-Za-z0-9_][\w.-]*(?:/[\w.-]+)+)?#|GL-)(?P<iid>[1-9]\d{0,8})(?![\w-])"
)
# GitLab's own name for the branch of an issue is `<iid>-<title>`. A date is not one.
_BRANCH = re.compile(r"(?:^|/)(?!\d{4}-\d\d(?:\D|$))(?P<iid>[1-9]\d{0,8})-[^/]+$")


@dataclass(frozen=True, slots=True)
class Mention:
    """``project`` is GitLab's full path."""

    project: str
    iid: int


def mentions(change: Change, gitlab_url: str) -> tuple[Mention, ...]:
    """The work items that ``change`` names, each once, at most ``MOST_MENTIONS``. Whether they exist is not known.

    ``gitlab_url``: addresses below it are pages of this GitLab; others are none of its work items.
    """
    return tuple(dict.fromkeys(_found(change, gitlab_url)))[:MOST_MENTIONS]


def _found(change: Change, gitlab_url: str) -> Iterator[Mention]:
    branch = _BRANCH.search(change.source_branch)
    if branch is not None:
        yield Mention(change.project, int(branch["iid"]))
    text = _COMMENT.sub(" ", _CODE.sub(" ", f"{change.title}\n{change.description}"[:LONGEST_READ]))
    for url in _URL.findall(text):
        yield from _of_page(url, gitlab_url.rstrip("/"))
    for found in _NUMBER.finditer(_URL.sub(" ", _LABELLED.sub(" ", text))):
        yield Mention(found["project"] or change.project, int(found["iid"]))


def _of_page(url: str, gitlab_url: str) -> Iterator[Mention]:
    if not url.startswith(f"{gitlab_url}/"):
        return
    page = _ON_PAGE.match(url[len(gitlab_url) :])
    # A group's work items are its epics.
    if page is not None and not page["project"].startswith("groups/"):
        yield Mention(page["project"], int(page["iid"]))

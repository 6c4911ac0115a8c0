"""The hidden key of the note that a verdict leaves in GitLab."""

from dataclasses import replace

import pytest

from backtrace_core.model import Bump, Change, ChangeKind
from bot.gitlab.note import hidden
from bot.workflows.paper import _in_key
from tests.core.builders import change

OWN = change(7, "Own")
FLAG = replace(OWN, kind=ChangeKind.FEATURE_FLAG, iid=None, sha="", title="--> <!-- checkout_v2")
ODD = (
    replace(OWN, bump=Bump("linden-auth", "1", "2", "requirements.txt", 1), project="shop/linden-auth"),
    replace(OWN, project="shop/worker", prefix="shop/worker"),
    FLAG,
    replace(FLAG, title="another"),
    replace(OWN, kind=ChangeKind.JOB, iid=None, sha="8123"),
)


@pytest.mark.parametrize("one", ODD, ids=["library", "other project", "flag", "another flag", "job"])
def test_every_kind_of_change_can_be_written_down(one: Change):
    """GitLab's names have signs that could end the comment; the key has none of them."""
    assert hidden(f"note:verdict:x:{_in_key(one)}").count("-->") == 1


def test_no_two_are_the_same():
    """Neither two flags, nor changes of two projects with one number; an own one keeps the key of earlier releases."""
    keys = [_in_key(one) for one in (OWN, *ODD)]

    assert len(set(keys)) == len(keys)
    assert keys[0] == "7"

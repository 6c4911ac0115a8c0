"""``backtrace parse``: what it prints, where, and how it ends."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from tests.core.test_alerts import by_alertmanager, post

ALERT = by_alertmanager("[FIRING:1] LoginErrorRate web (production critical)")
CHAT = {"type": "message", "ts": "1795351200.000100", "user": "U1", "text": "good morning"}


def kept(folder: Path, *lines: Any) -> str:
    file = folder / "messages.jsonl"
    file.write_text("".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in lines), encoding="utf-8")
    return str(file)


def test_one_object_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Alone, in Slack's envelope, or as a row's ``message``; what is no alert has its line too."""
    file = kept(tmp_path, ALERT, "", {"type": "event_callback", "event": ALERT}, {"id": "a", "message": ALERT}, CHAT)

    assert main(["parse", file]) == 0
    first, *more, last = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["sender"], first["status"], first["environment"]) == ("alertmanager", "firing", "production")
    assert more == [first, first]
    assert last == {"is_alert": False}


def test_bad_lines_are_told_by_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The others are read all the same; the exit code says that some were not."""
    assert main(["parse", kept(tmp_path, "{", "[1]", ALERT)]) == 1
    said = capsys.readouterr()
    assert "Line 1: it is no JSON" in said.err
    assert "Line 2: it is no object" in said.err
    assert len(said.out.splitlines()) == 1


def test_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Which reader took it and what from where; of what is no alert the reason."""
    assert main(["parse", "--explain", kept(tmp_path, ALERT, CHAT, post(text="Deploy to production succeeded"))]) == 0
    out = capsys.readouterr().out
    assert "Line 1: firing, by the reader alertmanager" in out
    assert "attachments" in out
    assert "Line 2: no alert, by no reader. A person wrote it: it has no bot_id." in out
    assert "Line 3: no alert" in out


def test_the_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """``-`` reads from a pipe."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(ALERT)))

    assert main(["parse", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["is_alert"]


@pytest.mark.parametrize("more", [[], ["--config", "nowhere.toml"]])
def test_what_cannot_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str]) -> None:
    """A file, or settings, that are not there: no traceback, exit code 2."""
    file = kept(tmp_path, ALERT) if more else str(tmp_path / "nowhere.jsonl")

    assert main(["parse", file, *more]) == 2
    assert capsys.readouterr().err


def test_explained_with_settings_it_says_what_a_card_would_be_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Or why there would be none: the service is read, and is none of the settings."""
    settings = tmp_path / "backtrace.toml"
    settings.write_text('[[service]]\nname = "web"\nproject = "shop/web"\n')
    known, unknown = (
        post(text=f"[FIRING] login errors (service: {name}, env: production)") for name in ("web", "mail")
    )

    over = post(text="[RESOLVED] login errors (service: web, env: production)")

    assert main(["parse", "--explain", "--config", str(settings), kept(tmp_path, known, unknown, over)]) == 0
    first, second, over = capsys.readouterr().out.strip().split("\n\n")
    assert "  no card of its own; it ends what fired in: web, production" in over.splitlines()
    assert "  a card about: web, production" in first.splitlines()
    assert "  no card: It is about mail, which is no service that Backtrace knows. Backtrace knows web." in second


def test_slacks_whole_answer_is_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who forgets to take the messages out of it is told so, and not that a person wrote it."""
    assert main(["parse", kept(tmp_path, {"ok": True, "messages": [ALERT]})]) == 1
    assert "an answer of Slack's with several messages" in capsys.readouterr().err

"""Alerts and changes in scripts that put no blank between words."""

from __future__ import annotations

import time

from backtrace_core.evidence.context import context_of
from backtrace_core.evidence.words_shared import words_shared
from backtrace_core.model import Candidate
from backtrace_core.rank import rank
from backtrace_core.words import stems_in, words_in
from tests.core.builders import alert, before, change, changed, deployment, harvest, lines

SHIPPED = deployment(7, before(6))


def test_pairs_of_signs_are_words() -> None:
    """Overlapping, so that a word is found wherever it stands; Latin parts stay what they are."""
    assert stems_in("登录失败") == ["登录", "录失", "失败"]
    assert stems_in("ログイン画面") == ["ログ", "グイ", "イン", "ン画", "画面"]
    assert stems_in("用户Session过期") == ["用户", "session", "过期"]
    assert stems_in("車") == ["車"]
    assert list(words_in("登录sessions")) == ["登录", "session"]


def test_korean_and_european_words_are_whole() -> None:
    """They have blanks between them."""
    assert stems_in("로그인 실패") == ["로그인", "실패"]
    assert stems_in("größe Привет") == ["größe", "привет"]


def test_an_alert_meets_the_title_with_its_words() -> None:
    """The change whose title has them comes first; the sentence quotes what both have."""
    asked = alert("支付服务 用户登录失败", "订单无法提交")
    rows = (
        change(45, "调整登录会话的有效期", changed("auth/a.py", lines("x = 1"))),
        change(46, "更新首页图片", changed("img/b.py", lines("y = 1"))),
    )
    found = harvest((SHIPPED, rows))
    candidates = tuple(Candidate(each, SHIPPED, ()) for each in rows)
    said = words_shared(candidates[0], asked, context_of(candidates, asked, found))

    assert said is not None
    assert said.says == 'Its title says "登录", and so does the alert'
    assert rank(candidates, asked, found).suspects[0].candidate.change.iid == 45


def test_time_grows_with_the_length() -> None:
    """Ten times the text takes about ten times as long, not a hundred."""

    def seconds(count: int) -> float:
        # Another text each time: parts of texts are remembered.
        texts = [
            f"{start}" + "".join(chr(0x4E00 + (start + n * 7) % 20_000) for n in range(count)) for start in range(5)
        ]
        began = time.perf_counter()
        for text in texts:
            stems_in(text)
        return time.perf_counter() - began

    seconds(1000)
    assert seconds(100_000) < 40 * max(seconds(10_000), 0.001)

"""Paths in traces are matched to repository paths by the longest shared end, without what the container put before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backtrace_core.evidence.trace_paths import by_depth, trace_paths
from backtrace_core.frame_paths import KnownPaths, is_own, same_file, stripped
from backtrace_core.model import Bump, FileDiff, Frame
from backtrace_core.words import tokens, words_in
from tests.core.builders import change, changed


@pytest.mark.parametrize(
    ("printed", "path", "same"),
    [
        ("/srv/web/auth/session.py", "auth/session.py", True),
        ("/usr/src/app/auth/session.py", "services/web/auth/session.py", True),
        ("/app/auth/session.py", "services/web/auth/session.py", True),
        ("/app/index.js", "packages/cart/index.js", False),
        ("/builds/shop/web/auth/session.py", "backend/auth/session.py", True),
        ("/builds/shop/web/auth/session.py", "backend/pay/session.py", False),
        ("webpack:///./src/cart.ts?ab12", "src/cart.ts", True),
        ("webpack://shop-web/./src/cart.ts", "frontend/src/cart.ts", True),
        ("webpack-internal:///./src/cart.ts", "src/cart.ts", True),
        ("app:///src/cart.ts", "src/cart.ts", True),
        ("app://src/cart.ts", "src/cart.ts", True),
        ("~/static/cart.js", "static/cart.js", True),
        ("https://shop.example/static/cart.js?v=3#x", "web/static/cart.js", True),
        ("file:///srv/web/src/a%20b.mjs", "src/a b.mjs", True),
        ("file:/srv/web/src/cart.mjs", "web/src/cart.mjs", True),
        ("C:\\app\\Shop\\Cart.cs", "src/Shop/Cart.cs", True),
        ("D:/a/shop/Cart.cs", "shop/Cart.cs", True),
        ("com.acme.shop.Cart", "src/main/java/com/acme/shop/Cart.java", True),
        ("com.acme.shop.Cart$Item", "src/main/java/com/acme/shop/Cart.java", True),
        ("com.acme.shop.Cart", "src/main/java/com/acme/pay/Cart.java", False),
        ("/usr/lib/python3.12/site-packages/auth/session.py", "auth/session.py", False),
        ("/app/node_modules/left-pad/index.js", "left-pad/index.js", False),
        ("/app/node_modules/left-pad/index.js", "web/node_modules/left-pad/index.js", True),
        ("/usr/local/lib/python3.12/json/decoder.py", "json/decoder.py", False),
        ("/go/pkg/mod/github.com/lib/pq/conn.go", "pq/conn.go", False),
        ("/srv/web/pla\u010dilo/ko\u0161arica.py", "plac\u030cilo/kos\u030carica.py", True),
        ("/srv/web/a b/50% (new)#1?.py", "a b/50% (new)#1?.py", True),
        ("/srv/web/a%20b/x.py", "a b/x.py", False),
    ],
)
def test_what_a_trace_prints_and_what_git_knows(printed: str, path: str, *, same: bool) -> None:
    """Container folders, bundlers' URLs, Windows, classes, libraries, Unicode forms, and signs that mean something."""
    assert same_file(printed, path) is same


def test_the_longest_shared_end_wins() -> None:
    """All share an end with the printed path; one shares all that it has, and that is more than the name."""
    known = KnownPaths(("session.py", "auth/session.py", "tests/auth/session.py"))

    assert known.of(Frame("/srv/web/auth/session.py")) == ("auth/session.py",)
    assert known.of(Frame("/srv/web/cart.py")) == ()


def test_two_that_share_as_much_are_an_ambiguity() -> None:
    """A bare name that two folders have means neither for certain."""
    files = [FileDiff(path, path) for path in ("cart/handler.py", "pay/handler.py")]
    found = trace_paths((Frame("handler.py", 3),), [change(1, "Both", *files)])

    assert found.passes("cart/handler.py") == found.passes("pay/handler.py") == ()
    assert found.possible == {"cart/handler.py", "pay/handler.py"}


def test_the_package_of_a_java_frame_tells_files_of_one_name_apart() -> None:
    """The JVM prints ``Handler.java`` and, before it, ``com.acme.pay.Handler.run``."""
    known = KnownPaths(("src/com/acme/cart/Handler.java", "src/com/acme/pay/Handler.java"))

    assert known.of(Frame("Handler.java", 3, "com.acme.pay.Handler.run")) == ("src/com/acme/pay/Handler.java",)
    assert len(known.of(Frame("Handler.java", 3))) == 2


def test_a_renamed_file_is_found_by_its_old_name() -> None:
    """A trace of the version before knows only that one."""
    moved = FileDiff("auth/session.py", "login/sess.py", renamed_file=True)
    found = trace_paths((Frame("/srv/web/login/sess.py", 3),), [change(1, "Moved", moved)])

    assert [frame.line for _, frame in found.passes("auth/session.py")] == [3]


def test_frames_of_libraries_push_own_code_no_farther_out() -> None:
    """Ten frames of a driver below the own line that called it: that line is the innermost of own code."""
    driver = Frame("/usr/local/lib/python3.12/site-packages/db/driver.py", 9)
    own = (Frame("/srv/web/run.py", 1), Frame("/srv/web/cart.py", 2))
    depths = {frame.file: depth for depth, frame in by_depth((*own, *(driver,) * 10))}

    assert (depths["/srv/web/cart.py"], depths["/srv/web/run.py"]) == (0, 1)


def test_own_code_and_its_likely_path() -> None:
    """Libraries and runtimes are told by their folders; below the usual folders of images a path may begin."""
    assert not is_own("<frozen importlib._bootstrap>")
    assert not is_own("node:internal/process/task_queues")
    assert is_own("/srv/web/auth/session.py")
    assert stripped("/srv/web/auth/session.py") == ("auth/session.py", "web/auth/session.py")
    assert stripped("auth/session.py") == ("auth/session.py",)
    assert stripped("session.py") == ()


def test_words_are_the_same_in_both_unicode_forms() -> None:
    """A path of macOS has marks apart from their letters; an alert mostly has not."""
    assert list(words_in("kos\u030carica")) == list(words_in("ko\u0161arica")) == ["ko\u0161arica"]
    assert list(tokens("shop/kos\u030carica.py")) == ["shop/ko\u0161arica.py"]


def test_what_an_installer_put_somewhere_is_a_librarys_own_file():
    """A frame in site-packages is a line of the library's change, and never of the service's file of that name."""
    bump = Bump("linden-auth", "1.4.2", "1.5.0", "requirements.txt", 3)
    own = change(1, "Own", changed("web/tokens.py"))
    theirs = replace(change(7, "Theirs", changed("linden_auth/tokens.py")), bump=bump)
    frame = Frame("/usr/lib/python3.11/site-packages/linden_auth/tokens.py", 4)

    assert set(trace_paths((frame,), [own, theirs]).passing) == {"linden_auth/tokens.py"}
    assert trace_paths((frame,), [own]).passing == {}

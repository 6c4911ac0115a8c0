"""Small incidents that together make every rule of evidence say each of its sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from backtrace_core.model import (
    Blame,
    Candidate,
    ChangeKind,
    Hunk,
)
from tests.core.builders import URL, alert, before, change, changed, lines, sha
from tests.evaluation.gallery_of_times import placed, timed
from tests.evaluation.incidents import (
    SESSION,
    Incident,
    edited,
    incident,
    moved,
    shipped,
    traced,
)


def spoken() -> Iterable[Incident]:
    asked = alert("LoginErrors", "session expiry is wrong, sessions end early: check_expiry refused")
    titled = change(45, "Tighten session expiry", SESSION)
    yield incident("title", asked, shipped(titled))
    inflected = change(45, "Refusing whoever logs in early", changed("a/b.py"))
    yield incident("inflected", alert("LoginErrors", "it refused all who came early"), shipped(inflected))
    yield incident("code", asked, shipped(change(45, "Tidy", SESSION)))
    yield incident("path", alert("LoginErrors", "a session, early"), shipped(change(45, "Tidy", SESSION)))
    yield incident("item", asked, shipped(change(45, "Tidy", changed("a/b.py"), closes="Session of early birds")))
    described = replace(change(45, "Tidy", changed("a/b.py")), description="For a session that ends early")
    yield incident("description", asked, shipped(described))
    capitals = change(45, "Tidy", edited("a/b.py", "", "Check_Expiry(token)"))
    yield incident("capitals", asked, shipped(capitals))
    yield incident("question", replace(asked, sender="question"), shipped(titled))
    named = alert("LoginErrors", "raised in auth/session.py")
    yield incident("named", named, shipped(change(45, "Tidy", SESSION)))
    yield incident("renamed", named, shipped(change(45, "Tidy", moved("auth/session.py", "auth/renewal.py"))))
    flag = replace(change(0, "new_login"), kind=ChangeKind.FEATURE_FLAG, sha="", merged_at=before(20), iid=None)
    flag = replace(flag, url=f"{URL}/feature_flags/1")
    job = replace(
        flag, kind=ChangeKind.JOB, title="sweep tables", sha="8123", merged_at=before(10), url=f"{URL}/jobs/8"
    )
    yield incident(
        "flag",
        alert("LoginErrors", "new_login refuses; tables are gone"),
        (Candidate(flag, None, ()), Candidate(job, None, ())),
    )


def quoted() -> Iterable[Incident]:
    asked = alert("CartErrors", 'RuntimeError: the cart is too old now, says "old_cart"')
    one = change(
        45, "Tidy", edited("shop/cart.py", "", 'raise RuntimeError("the cart is too old now")\nkind = "old_cart"')
    )
    other = change(46, "Sort", edited("shop/sort.py", 'order = "old_cart"', 'order = "new_cart"'))
    yield incident("quoted", asked, shipped(one, other))
    yield incident("quoted once", asked, shipped(one))
    own = alert("KeyError: 'lowered'", "KeyError: 'lowered'", frames=traced().frames)
    yield incident(
        "puts", own, shipped(change(45, "Tidy", edited("settings.toml", 'food = "reduced"', 'food = "lowered"')))
    )
    yield incident("takes", own, shipped(change(45, "Tidy", edited("settings.toml", "lowered = 1", "raised = 1"))))
    missing = alert("no such column: total", "no such column: total")
    drops, has = "ALTER TABLE orders DROP COLUMN total;", "ALTER TABLE orders ADD COLUMN total INTEGER;"
    yield incident("drops", missing, shipped(change(45, "Tidy", edited("migrations/2_total.sql", "", drops))))
    yield incident("has", missing, shipped(change(45, "Tidy", edited("migrations/2_total.sql", "", has))))
    table = alert("no such table: product", "no such table: product")
    renamed = moved("migrations/1_product.sql", "migrations/11_late.sql")
    yield incident("renames", table, shipped(change(45, "Tidy", renamed)))
    gone = replace(changed("migrations/1_product.sql"), deleted_file=True)
    yield incident("deletes", table, shipped(change(45, "Tidy", gone)))
    raises = edited("migrations/3_rule.sql", "", "SELECT RAISE(ABORT, 'an order needs a buyer')")
    told = alert("IntegrityError", "IntegrityError: an order needs a buyer")
    yield incident("trigger", told, shipped(change(45, "Tidy", raises)))


def passed() -> Iterable[Incident]:
    inside = change(
        45, "Tidy", edited("shop/pricing.py", "    amount = price.cents", "    amount = price.total", at=33)
    )
    beside = change(46, "Sort", edited("shop/pricing.py", "    a = 1", "    a = 2", at=34))
    beside = replace(
        beside, files=(replace(beside.files[0], hunks=(replace(beside.files[0].hunks[0], new_start=32, new_count=4),)),)
    )
    near = change(47, "Shift", edited("shop/pricing.py", "    b = 1", "    b = 2", at=45))
    method = changed(
        "shop/pricing.py", Hunk(80, 1, 80, 1, "def line_total(self, line):", ((80, "    c = 2"),), ((80, "    c = 1"),))
    )
    far = change(49, "Trim", edited("shop/pricing.py", "    d = 1", "    d = 2", at=900))
    rest = (beside, near, change(48, "Round", method), far)
    whose = Blame(0, "shop/pricing.py", 33, "c" * 40, "d" * 40, inside.key, f"{URL}/blame/pricing.py#L33")
    yield incident("frames", traced(), shipped(inside, *rest), blames=(whose,))
    older = replace(whose, change=None)
    yield incident("older", traced(), shipped(replace(beside, title="Mend")), blames=(older,))
    other = change(50, "Mend", replace(beside.files[0]))
    yield incident("of another", traced(), shipped(inside, other), blames=(whose,))
    name = change(51, "Mend", edited("shop/orders.py", "quantity = int(given)", "quantity = str(given)"))
    yield incident("raising name", traced(), shipped(name))
    suspected = replace(traced(), suspect_commits=(name.sha,))
    yield incident("suspected", suspected, shipped(name))
    yield incident("sentry", replace(suspected, sender="sentry"), shipped(name))
    missing = alert("No such file", "FileNotFoundError: No such file or directory: 'mails/receipt.txt'")
    yield incident("moves", missing, shipped(change(45, "Tidy", moved("mails/receipt.txt", "texts/note.txt"))))
    gone = replace(changed("mails/receipt.txt"), deleted_file=True)
    yield incident("deleted", missing, shipped(change(45, "Tidy", gone)))
    section = alert("web", "configparser.NoSectionError: No section: 'import'")
    yield incident("a setting", section, shipped(change(45, "Tidy", moved("web.ini", "old/place.txt"))))


def bumped() -> Iterable[Incident]:
    library, own = "/usr/lib/python3/site-packages/coinage/parse.py", '  File "/srv/web/shop/run.py", line 9, in run'
    bump = change(45, "Tidy", edited("requirements.txt", "coinage==1.4.0", "coinage==2.0.0"))
    head, inner = "Traceback (most recent call last):", f'  File "{library}", line 3, in parse'
    yield incident("raised", traced("\n".join((head, own, inner, "ValueError: bad"))), shipped(bump))
    yield incident("passed", traced("\n".join((head, inner, own, "ValueError: bad"))), shipped(bump))
    yield incident(
        "major", traced("\n".join((head, own, "AttributeError: 'Coin' has no attribute 'of'"))), shipped(bump)
    )


def kept() -> Iterable[Incident]:
    comment = change(45, "Tidy", edited("shop/pricing.py", "", "    # by the piece", at=50))
    new = change(46, "Grow", edited("shop/pricing.py", "", "def refund(order):\n    return 1", at=90))
    both = Hunk(90, 0, 90, 2, "", ((90, "def refund(order):"), (91, "    return 1")))
    mixed = change(47, "Mix", replace(comment.files[0], hunks=(*comment.files[0].hunks, both)))
    probe = edited("tests/test_pricing.py", "a = 1", "a = 2")
    tested, grown = change(48, "Probe", *comment.files, probe), change(52, "Prove", *new.files, probe)
    named = change(
        49, "Call", edited("shop/pricing.py", "    return f(x)", "    found = f(x)\n    return found", at=60)
    )
    logs = change(50, "Say", edited("shop/pricing.py", "", '    log.info("priced")', at=70))
    yield incident("same code", traced(), shipped(comment, new, mixed, tested, grown, named, logs))


def kinds() -> Iterable[Incident]:
    asked = alert("LoginErrors", "sessions expire too early")
    verbs = ("Revert the order", "Add a queue", "Remove it", "Refactor the queue", "Enable the queue", "Queue tests")
    rows = [change(20 + n, title, changed(f"queue/part{n}.go", lines("x"))) for n, title in enumerate(verbs)]
    files = ("values.yml", "locale/de/LC_MESSAGES/web.po", ".gitlab-ci.yml", "tests/test_queue.go", "docs/queue.md")
    rows += [change(40 + n, "Weekly sync", changed(path, lines("x"))) for n, path in enumerate(files)]
    rows += [change(50, "Weekly sync", changed("tests/test_a.go", lines("x")), changed("docs/a.md", lines("y")))]
    locked = changed("package-lock.json", lines(*("x",) * 50))
    rows += [change(51, "Weekly sync", changed("queue/size.go", lines(*("x",) * 3)), locked)]
    yield incident("kinds", asked, shipped(*rows))


def fitting() -> Iterable[Incident]:
    slow, memory = alert("LatencyHigh", "latency p99 of 4 s"), alert("MemoryHigh", "memory at 95 percent")
    yield incident(
        "database", slow, shipped(change(45, "Tidy", edited("db/migrate/7_books.rb", "", "add_column :a, :b")))
    )
    cached = change(45, "Tidy", changed("shop/cache/rows.py", lines("x = 1")))
    in_code = change(46, "Sort", changed("shop/rows.py", lines("rows.preload()")))
    titled = change(47, "Preload rows", changed("shop/lines.py", lines("x = 1")))
    closing = change(48, "Grow", changed("shop/more.py", lines("x = 1")), closes="Heap of rows")
    yield incident("memory", memory, shipped(cached, in_code, titled, closing))


def learned() -> Iterable[Incident]:
    """A project whose history joins words to places, and changes to each other."""
    asked = alert("CouponErrors", "coupons vanish from the baskets of members")
    known = [
        replace(
            change(
                200 + n,
                f"Let coupons of members last, part {n}",
                changed(f"shop/rebates/part{n}.py", lines(f"rebate_{n}()")),
            ),
            sha=sha(f"known {n}"),
        )
        for n in range(6)
    ]
    silent = [
        change(300 + n, f"Polish lamps, row {n}", changed(f"lamps/row{n}.go", lines(f"lamp := {n}"))) for n in range(8)
    ]
    one = change(45, "Round the rebate", changed("shop/rebates/rules.py", lines("rebate_1()", "rebate_2()")))
    other = change(46, "Polish lamps anew", changed("lamps/all.go", lines("lamp := 9")))
    yield incident("history", asked, shipped(one, other), *known, *silent)
    below = [change(60 + n, f"Oil hinge {n}", changed(f"members/hinge{n}.go", lines("oil := 1"))) for n in range(9)]
    yield incident("about something else", asked, shipped(one, *below), *known, *silent)


def all_incidents() -> tuple[Incident, ...]:
    groups = (spoken, quoted, passed, bumped, kept, kinds, fitting, timed, placed, learned)
    return tuple(each for group in groups for each in group())

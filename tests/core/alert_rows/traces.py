"""Stack traces as languages print them and as people and programs pass them on; with their (file, line)s."""

from __future__ import annotations

# fmt: off

Frames = tuple[tuple[str, int], ...]

PRINTED: tuple[tuple[str, str, Frames], ...] = (
    (
        "python chain",
        'Traceback (most recent call last):\n  File "/a/x.py", line 3, in f\n    1/0\nZeroDivisionError: division by zero\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File "/a/y.py", line 9, in <module>\n    f()\nValueError',
        (("y.py", 9), ("x.py", 3)),
    ),
    (
        "python group",
        '  + Exception Group Traceback (most recent call last):\n  |   File "/a/g.py", line 4, in run\n  |     await x\n  | ExceptionGroup: unhandled (1 sub-exception)\n  +-+---------------- 1 ----------------\n    | Traceback (most recent call last):\n    |   File "/a/t.py", line 8, in t\n    |     raise ValueError(1)\n    | ValueError: 1',
        (("g.py", 4), ("t.py", 8)),
    ),
    (
        "java",
        'Exception in thread "main" java.lang.IllegalStateException: x\n\tat com.lin.A.run(A.java:10)\n\tat java.base/java.lang.Thread.run(Thread.java:1583)\n\tat app//com.lin.B.lambda$go$0(B.java:22)\n\tat com.lin.N.call(Native Method)\n\tat com.lin.U.x(Unknown Source)\n\t... 12 more\nCaused by: java.io.IOException: y\n\tat com.lin.C.read(C.java:7)\n\t... 3 common frames omitted',
        (("A.java", 10), ("Thread.java", 1583), ("B.java", 22), ("C.java", 7)),
    ),
    ("java module version", "\tat java.base@17.0.1/java.util.ArrayList.get(ArrayList.java:427)\n\tat com.lin.K.invoke(K.kt:5) ~[app.jar:1.0]\n\tat com.lin.S$.go(S.scala:9) [app.jar!/:?]", (("ArrayList.java", 427), ("K.kt", 5), ("S.scala", 9))),
    ("java suppressed", "java.lang.Exception: a\n\tat a.B.c(B.java:1)\n\tSuppressed: java.lang.Exception: d\n\t\tat e.F.g(F.java:2)", (("B.java", 1), ("F.java", 2))),
    (
        "dotnet",
        "System.AggregateException: One or more errors\n ---> System.TimeoutException: late\n   at Lin.Db.Get[T](String key) in C:\\src\\Lin\\Db.cs:line 12\n   at Lin.Db.<Load>d__3.MoveNext() in /src/Lin/Load.cs:line 40\n--- End of stack trace from previous location ---\n   at System.Runtime.CompilerServices.TaskAwaiter.ThrowForNonSuccess(Task task)\n   at Lin.Api.Program.<>c.<Main>b__0_0(HttpContext c) in D:\\a b\\Program.cs:line 7",
        (("Db.cs", 12), ("Load.cs", 40), ("Program.cs", 7)),
    ),
    ("dotnet german", "   bei Lin.Db.Get() in C:\\src\\Db.cs:Zeile 12.", (("Db.cs", 12),)),
    (
        "php",
        "PHP Fatal error:  Uncaught RuntimeException: no in /var/www/src/Cart.php:19\nStack trace:\n#0 /var/www/src/Cart.php(44): Lin\\Cart->total(Array)\n#1 [internal function]: Lin\\Cart->{closure}(1)\n#2 /var/www/public/index.php(8): Lin\\Kernel::run()\n#3 {main}\n  thrown in /var/www/src/Cart.php on line 19",
        (("Cart.php", 19), ("Cart.php", 44), ("index.php", 8)),
    ),
    ("php alone", "PHP Fatal error:  Uncaught Error: Call to a member function x() on null in /var/www/src/Cart.php:19", (("Cart.php", 19),)),
    ("php warning", "PHP Warning:  Undefined variable $x in /var/www/src/Old.php on line 3", (("Old.php", 3),)),
    ("laravel", '[2026-11-22 12:00:00] production.ERROR: boom {"exception":"[object] (ErrorException(code: 0): boom at /var/www/app/Http/A.php:31)\n[stacktrace]\n#0 /var/www/app/B.php(5): App\\\\A->x()\n', (("A.php", 31), ("B.php", 5))),
    (
        "node",
        "TypeError: x\n    at f (/app/a.js:1:2)\n    at async Promise.all (index 0)\n    at new Cart (/app/c.ts:3:4)\n    at Object.<anonymous> (/app/d.js:5:6)\n    at async file:///app/e.mjs:7:8\n    at node:internal/main/run_main_module:28:49\n    at <anonymous>\n    at Array.map (<anonymous>)\n    at Function.Module._load [as _load] (node:internal/modules/cjs/loader:960:12)",
        (("a.js", 1), ("c.ts", 3), ("d.js", 5), ("e.mjs", 7), ("run_main_module", 28), ("loader", 960)),
    ),
    ("browser", "TypeError: x is undefined\nsubmit@https://shop.lin.test/static/app.3f2.js:10:55\n@https://shop.lin.test/static/vendor.js:2:9", (("app.3f2.js", 10), ("vendor.js", 2))),
    ("node windows", "    at f (C:\\app\\a.js:1:2)\n    at eval (webpack-internal:///./src/b.tsx:9:1)", (("a.js", 1), ("b.tsx", 9))),
    ("go", "goroutine 1 [running]:\nmain.(*S).Do(0xc000, {0x1, 0x2})\n\t/src/s.go:12 +0x1d\nmain.main.func1()\n        /src/m.go:5 +0x85\ncreated by main.main in goroutine 1\n\t/src/n.go:3 +0x2", (("s.go", 12), ("m.go", 5), ("n.go", 3))),
    ("go inlined", "main.f(...)\n\t/src/f.go:9", (("f.go", 9),)),
    ("ruby", "/app/a.rb:12:in `block in call': boom (RuntimeError)\n\tfrom /app/b.rb:3:in `each'\n\tfrom /app/c.rb:1:in `<main>'", (("a.rb", 12), ("b.rb", 3), ("c.rb", 1))),
    ("ruby 3.4", "app/a.rb:12:in 'Cart#total': undefined method 'id' for nil (NoMethodError)\n\tfrom app/b.rb:3:in 'block in Array#each'\n\tfrom config.ru:5:in '<main>'\n\tfrom bin/rails:4", (("a.rb", 12), ("b.rb", 3), ("config.ru", 5))),
    (
        "rust",
        "thread 'main' panicked at src/cart.rs:8:9:\nboom\nstack backtrace:\n   0: rust_begin_unwind\n             at /rustc/9fc6/library/std/src/panicking.rs:645:5\n   1: cart::total::{{closure}}\n             at ./src/cart.rs:8:9\n   2: <alloc::boxed::Box<F> as core::ops::FnOnce>::call_once\n             at /rustc/9fc6/library/alloc/src/boxed.rs:2015:9",
        (("panicking.rs", 645), ("cart.rs", 8), ("boxed.rs", 2015)),
    ),
    ("rust alone", "thread 'main' panicked at src/main.rs:12:5:\nboom\nnote: run with `RUST_BACKTRACE=1`", (("main.rs", 12),)),
    ("rust old", "thread 'main' panicked at 'boom', src/main.rs:12:5", (("main.rs", 12),)),
    ("elixir", '** (RuntimeError) boom\n    (cart 0.1.0) lib/cart/total.ex:12: Cart.Total.sum/1\n    (elixir 1.15.0) lib/enum.ex:1693: Enum."-map/2-lists^map/1-1-"/2', (("total.ex", 12), ("enum.ex", 1693))),
)

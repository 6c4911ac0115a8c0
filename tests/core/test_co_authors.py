"""Co-authors are read from the trailers of commits."""

from backtrace_core.co_authors import MOST_CO_AUTHORS, co_authors


def test_trailers_name_co_authors() -> None:
    """Each once, in any case, wherever squashing left the line; never an address, never the author."""
    messages = (
        "Work\n\nCo-authored-by: Ana Li <ana@x.test>\nCo-Authored-By: Vani Rao <vani@x.test>",
        "* one\n\nco-authored-by:  Bo  Larsen  <bo@x.test>\n\n* two\n\nCo-authored-by: ana li <ana@y.test>\n",
    )

    assert co_authors(messages, "Vani Rao") == ("Ana Li", "Bo Larsen")


def test_other_lines_name_nobody() -> None:
    """Prose about trailers, trailers without an address, other trailers."""
    text = (
        "We use Co-authored-by: Ana <a@x>\nCo-authored-by: nobody\nReviewed-by: Kim <k@x.test>\nCo-authored-by: <a@x>"
    )

    assert co_authors((text,), "") == ()


def test_very_many_are_capped() -> None:
    """An import of ten thousand people's work, and a name that is a book."""
    many = "\n".join(f"Co-authored-by: Person {n} <p{n}@x.test>" for n in range(10_000))
    found = co_authors((f"Co-authored-by: {'x' * 250} <x@x.test>", many), "")

    assert len(found) == MOST_CO_AUTHORS
    assert len(found[0]) == 100

"""Words and names that the alert and the change share, each in the place that the sentence names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from evaluation.derivations.given import (
    Claim,
    Given,
    Said,
    at_file,
    claim,
    code_of,
    has_word,
    paths_of,
    quoted,
    stands,
    words_of,
    writes,
)

_ALSO = r'(?:, (?P<also>"[^"]+"(?:(?:, "[^"]+")* and "[^"]+")?) too)?'
_TITLE, _DESCRIPTION = "its title", "its description"
_SEVERAL = 2


def _says(words: Iterable[str], text: str) -> bool:
    return all(has_word(word, text) for word in words)


def _in_code(said: Said, given: Given) -> bool:
    """The word stands in the path, or in what the change does to that file; the others in any of its files."""
    file = given.file(said["path"])
    if file is None:
        return False
    where = code_of(file) if said["about"] else "\n".join(paths_of(file))
    whole = "\n".join(text for each in given.change.files for text in (*paths_of(each), code_of(each)))
    also = quoted(said["also"])
    same = not said["about"] or said["about"] == said["word"]
    return same and has_word(said["word"], where) and _says(also, whole) and _says((said["word"], *also), given.asked)


def _in_prose(said: Said, given: Given) -> bool:
    """Each as it is written in both."""
    words, text = (said["word"], *quoted(said["also"])), _prose(said, given)
    return _says(words, given.asked) and all(writes(word, text) for word in words)


def _prose(said: Said, given: Given) -> str:
    change = given.change
    by_itself = change.kind.value in ("feature_flag", "job")
    text = {"title": "" if by_itself else change.title, "name": change.title if by_itself else ""}
    return text.get(said["field"], change.description)


def _in_another_form(said: Said, given: Given) -> bool:
    """The same word, which the alert writes in another way."""
    text, also = _prose(said, given), quoted(said["also"])
    same = words_of(said["there"]) == words_of(said["word"]) and said["there"] != said["word"]
    there = all(writes(word, text) for word in (said["there"], *also)) and not writes(said["word"], text)
    return same and there and _says((said["word"], *also), given.asked)


def _in_work_item(said: Said, given: Given) -> bool:
    words = (said["word"], *quoted(said["also"]))
    return any(_says(words, title) for title in _items(said, given)) and _says(words, given.asked)


def _items(said: Said, given: Given) -> Iterator[str]:
    for item in given.change.work_items:
        if (str(item.iid), item.title, item.closes) == (said["iid"], said["item"], said["did"].lower() == "it closes"):
            yield item.title


def item_pages(said: Said, given: Given) -> Iterator[str]:
    yield from (item.url for item in given.change.work_items if str(item.iid) == said["iid"])


def _of_its_title(said: Said, given: Given) -> bool:
    """At least two words, each in the title and in the alert."""
    words = quoted(said["words"])
    return len(words) >= _SEVERAL and _says(words, given.change.title) and _says(words, given.asked)


def _name(said: Said, given: Given) -> bool:
    """As a whole; letter by letter, or but for capitals, as the sentence says."""
    any_case = said["how"] != "letter by letter as"
    there = any(stands(said["name"], text, any_case=any_case) for text in _places(said["where"], given))
    return there and stands(said["name"], given.asked, any_case=any_case)


def _places(where: str, given: Given) -> Iterator[str]:
    change = given.change
    if where == "its title or description":
        yield from (change.title, change.description)
    elif where == "its paths":
        yield from (path for file in change.files for path in paths_of(file))
    else:
        yield from (code_of(file) for file in change.files if where in (file.path, "the lines that it changes"))


SPOKEN: dict[str, tuple[Claim, ...]] = {
    "words_in_code": (
        claim(
            r'Changes (?:code about "(?P<about>[^"]+)" in )?(?P<path>.+?), '
            r'and {teller} says "(?P<word>[^"]+)"' + _ALSO,
            _in_code,
            at_file,
        ),
    ),
    "words_shared": (
        claim(
            rf'Its (?P<field>title|name|description) says "(?P<word>[^"]+)", and so does {{teller}}{_ALSO}',
            _in_prose,
        ),
        claim(
            r'Its (?P<field>title|name|description) says "(?P<there>[^"]+)", and {teller} says "(?P<word>[^"]+)"'
            + _ALSO,
            _in_another_form,
        ),
        claim(
            r'(?P<did>It closes|It mentions) #(?P<iid>\d+) "(?P<item>.+)", and {teller} says "(?P<word>[^"]+)"' + _ALSO,
            _in_work_item,
            item_pages,
        ),
    ),
    "title_said": (claim(r'Of its title {teller} says (?P<words>"[^"]+"(?:, "[^"]+")* and "[^"]+")', _of_its_title),),
    "name_shared": (
        claim(
            r'Has "(?P<name>.+)" in (?P<where>.+), (?P<how>letter by letter as|but for capitals as) {teller} writes it',
            _name,
        ),
    ),
}

"""Which versions of dependencies a change takes."""

import pytest

from backtrace_core.bumps import bumps_of, library_of
from backtrace_core.model import Bump, FileDiff, Hunk, Library

CASES = (
    ("requirements.txt", "linden-auth==1.4.2", "linden-auth==1.5.0", "linden-auth"),
    ("ops/requirements-prod.txt", "linden_auth[redis] ~= 1.4.2  # pin", "linden_auth[redis] ~= 1.5.0", "linden_auth"),
    ("constraints.txt", "linden-auth==1.4.2 \\", "linden-auth==1.5.0 \\", "linden-auth"),
    ("pyproject.toml", '    "linden-auth==1.4.2",', '    "linden-auth==1.5.0",', "linden-auth"),
    ("pyproject.toml", 'linden-auth = "^1.4.2"', 'linden-auth = "^1.5.0"', "linden-auth"),
    (
        "poetry.lock",
        '{file = "linden_auth-1.4.2-py3-none-any.whl", hash = "sha256:a"},',
        '{file = "linden_auth-1.5.0-py3-none-any.whl", hash = "sha256:b"},',
        "linden_auth",
    ),
    (
        "uv.lock",
        'sdist = { url = "https://x/linden-auth-1.4.2.tar.gz" }',
        'sdist = { url = "https://x/linden-auth-1.5.0.tar.gz" }',
        "linden-auth",
    ),
    ("web/package.json", '    "@shop/auth": "^1.4.2",', '    "@shop/auth": "^1.5.0",', "@shop/auth"),
    (
        "package-lock.json",
        '"resolved": "https://r/@shop/auth/-/auth-1.4.2.tgz",',
        '"resolved": "https://r/@shop/auth/-/auth-1.5.0.tgz",',
        "@shop/auth",
    ),
    (
        "go.mod",
        "\tgitlab.example.com/shop/auth v1.4.2",
        "\tgitlab.example.com/shop/auth v1.5.0",
        "gitlab.example.com/shop/auth",
    ),
    ("Gemfile.lock", "    linden-auth (1.4.2)", "    linden-auth (1.5.0)", "linden-auth"),
    ("Gemfile", "gem 'linden-auth', '~> 1.4.2'", "gem 'linden-auth', '~> 1.5.0'", "linden-auth"),
    (
        "pom.xml",
        "<linden-auth.version>1.4.2</linden-auth.version>",
        "<linden-auth.version>1.5.0</linden-auth.version>",
        "linden-auth",
    ),
    ("build.gradle.kts", 'implementation("com.shop:auth:1.4.2")', 'implementation("com.shop:auth:1.5.0")', "auth"),
    (
        "Cargo.toml",
        'auth = { version = "1.4.2", features = [] }',
        'auth = { version = "1.5.0", features = [] }',
        "auth",
    ),
    ("composer.json", '"shop/auth": "1.4.2"', '"shop/auth": "1.5.0"', "shop/auth"),
    (
        "Dockerfile",
        "FROM registry.example:5000/shop/auth:1.4.2 AS base",
        "FROM registry.example:5000/shop/auth:1.5.0 AS base",
        "registry.example:5000/shop/auth",
    ),
    (
        "chart/values.yaml",
        "  image: registry.example/shop/auth:v1.4.2",
        "  image: registry.example/shop/auth:v1.5.0",
        "registry.example/shop/auth",
    ),
)


def file(path: str, removed: tuple[str, ...], added: tuple[str, ...]) -> FileDiff:
    olds, news = tuple(enumerate(removed, start=4)), tuple(enumerate(added, start=7))
    return FileDiff(path, path, (Hunk(4, len(removed), 7, len(added), "", news, olds),))


@pytest.mark.parametrize(("path", "old", "new", "package"), CASES)
def test_a_new_version_is_read(path: str, old: str, new: str, package: str) -> None:
    """In each kind of file: the package as written, both versions, the line in the new file."""
    assert bumps_of(file(path, (old,), (new,))) == (Bump(package, "1.4.2", "1.5.0", path, 7),)


def test_a_downgrade_is_read_as_one() -> None:
    """Going from the newer to the older version is a bump too, whose old version is the newer."""
    (found,) = bumps_of(file("requirements.txt", ("linden-auth==1.5.0",), ("linden-auth==1.4.2",)))
    assert (found.old, found.new) == ("1.5.0", "1.4.2")


@pytest.mark.parametrize(
    "given",
    [
        file("auth/session.py", ("linden-auth==1.4.2",), ("linden-auth==1.5.0",)),
        file("requirements.txt", (), ("linden-auth==1.5.0",)),
        file("requirements.txt", ("linden-auth==1.5.0",), ()),
        file("requirements.txt", ("linden-auth==1.5.0",), ("linden-auth==1.5.0  # kept",)),
        file("requirements.txt", ("-r base.txt", "", "=="), ("\x00\x01", "==1", "a" * 100_000)),
        file("package.json", ('  "version": "1.4.2",',), ('  "version": "1.5.0",',)),
        file("poetry.lock", ('version = "1.4.2"',), ('version = "1.5.0"',)),
        FileDiff("requirements.txt", "requirements.txt", text_missing=True),
    ],
    ids=["code", "new", "gone", "same", "garbage", "own version", "nameless", "no text"],
)
def test_what_is_no_bump_is_none(given: FileDiff) -> None:
    """Code, new and dropped dependencies, the same version, garbage, the project's own version: nothing is made up."""
    assert bumps_of(given) == ()


def test_each_package_counts_once() -> None:
    """A wheel and a source archive of one version are one bump; two packages are two."""
    olds = ("linden_auth-1.4.2-py3-none-any.whl", "linden-auth-1.4.2.tar.gz", "money-2.0.tar.gz")
    news = ("linden_auth-1.5.0-py3-none-any.whl", "linden-auth-1.5.0.tar.gz", "money-2.1.tar.gz")
    assert [bump.package for bump in bumps_of(file("uv.lock", olds, news))] == ["linden_auth", "money"]


@pytest.mark.parametrize(
    ("package", "projects"),
    [
        ("Linden.Auth", ["shop/linden-auth"]),
        ("host.example/shop/linden_auth", ["shop/linden-auth"]),
        ("my-linden-auth", []),
    ],
)
def test_a_package_is_known_by_its_name(package: str, projects: list[str]) -> None:
    """However it is written; a longer name is another package."""
    library = Library("linden-auth", "shop/linden-auth")
    found = library_of(Bump(package, "1", "2", "go.mod", 1), (library,))
    assert [one.project for one in (found,) if one] == projects


def test_tags_are_named_as_the_settings_say() -> None:
    """By the pattern, else with a v and without."""
    assert Library("a", "b/a", "release/{version}").tags("1.5") == ("release/1.5",)
    assert Library("a", "b/a").tags("1.5") == ("v1.5", "1.5")

"""Running one version of a program for real, and what it prints."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.traces.programs import Program, Tree

LIMIT_S = 20.0
PYTHON = "/usr/local/lib/python3.11"
"""Where Python's own image has its library, and below it what was installed."""
_REQUIREMENT = re.compile(r"^([\w.-]+)==([\w.]+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Run:
    """``error`` is what it printed on its standard error, with the container's paths."""

    status: int
    output: str
    error: str


def node() -> str | None:
    """Where Node is; None where there is none, and programs in JavaScript can't run."""
    return shutil.which("node")


def can_run(program: Program) -> bool:
    return program.language == "python" or node() is not None


def run(program: Program, tree: Tree) -> Run:
    """Run a version from its files, with the packages that they ask for.

    It gets no variables of this process, and none of the programs opens a connection.

    :raises subprocess.TimeoutExpired: after :data:`LIMIT_S` seconds.
    """
    with tempfile.TemporaryDirectory(prefix="backtrace-traces-") as folder:
        home = Path(folder).resolve()
        app, packages = home / "app", home / "packages"
        for path, text in tree.items():
            _write(app / path, text)
        where = packages if program.language == "python" else app / "node_modules"
        for package in _required(tree, program.language):
            shutil.copytree(program.packages / package, where, dirs_exist_ok=True)
        done = subprocess.run(
            [_interpreter(program), *program.command],
            cwd=app,
            env=_variables(packages),
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        shown = {
            str(app): program.root,
            str(packages): f"{PYTHON}/site-packages",
            sysconfig.get_path("stdlib"): PYTHON,
        }
        return Run(done.returncode, done.stdout, _as_in_container(done.stderr, shown))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _required(tree: Tree, language: str) -> Iterator[str]:
    """``coinage-1.4.0``: the folders of the packages that this version asks for."""
    if language == "python":
        yield from (f"{name}-{version}" for name, version in _REQUIREMENT.findall(tree.get("requirements.txt", "")))
    else:
        asked = json.loads(tree["package.json"]).get("dependencies", {})
        yield from (f"{name}-{version}" for name, version in asked.items())


def _interpreter(program: Program) -> str:
    found = sys.executable if program.language == "python" else node()
    if found is None:
        raise RuntimeError("there is no node here: install it to run programs in JavaScript")
    return found


def _variables(packages: Path) -> Mapping[str, str]:
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(packages),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
        "NO_COLOR": "1",
    }


def _as_in_container(text: str, shown: Mapping[str, str]) -> str:
    for here, there in shown.items():
        text = text.replace(here, there)
    return text

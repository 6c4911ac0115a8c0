"""What a rollback's pipeline is told: templates of the settings, filled from the target."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from string import Formatter

from bot.gitlab.pipelines import Wanted

PLACEHOLDERS = ("sha", "tag", "ref", "deployment_id", "environment", "reason")
_WHERE_TO = frozenset(("sha", "tag", "ref", "deployment_id"))
"""One of them says which version is meant."""

_PLAIN = re.compile(r"[\w./+-]+", re.ASCII)
"""Inputs are put into the text of the YAML before it is read (docs.gitlab.com/ci/inputs): nothing else goes in."""

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class RollbackPipeline:
    """``ref`` is empty for the project's default branch. Of ``inputs`` only texts are templates."""

    ref: str = ""
    inputs: tuple[tuple[str, Value], ...] = ()
    variables: tuple[tuple[str, str], ...] = ()

    @property
    def needs_tag(self) -> bool:
        return "tag" in set(_all_names(self.inputs, self.variables))

    def wanted(self, ref: str, facts: Mapping[str, str]) -> Wanted:
        """What to start on ``ref``; ``facts`` has a text for each placeholder."""
        # GitLab expands $NAME inside a variable's value (docs.gitlab.com/ci/variables: prevent expansion): a branch
        # may be called like that.
        escaped = {name: fact.replace("$", "$$") for name, fact in facts.items()}
        variables = {key: template.format_map(escaped) for key, template in self.variables}
        inputs = {key: one.format_map(facts) if isinstance(one, str) else one for key, one in self.inputs}
        return Wanted(ref, variables, inputs)


def why_not_told(pipeline: RollbackPipeline, facts: Mapping[str, str]) -> str:
    """Why the pipeline can't be told these facts by its inputs; empty where it can."""
    names = {name for _, one in pipeline.inputs if isinstance(one, str) for name in _names(one)}
    # The reason names the environment.
    asked = [*names, *(["environment"] if "reason" in names else [])]
    bad = next((name for name in sorted(asked) if not _PLAIN.fullmatch(facts.get(name, "x"))), "")
    if not bad:
        return ""
    return (
        f'The {bad} "{facts[bad]}" has characters that GitLab would put into the pipeline\'s file as they are: '
        "tell it by rollback_variables, or tell {sha} instead."
    )


def checked_template(template: str) -> str:
    """:raises ValueError: for a placeholder that there is not, in words a person can act on."""
    try:
        names = list(_names(template))
    except ValueError as error:
        raise ValueError(f'"{template}" can\'t be read ({error}): write {{{{ for a brace') from error
    unknown = [name for name in names if name not in PLACEHOLDERS]
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise ValueError(f'"{template}" has {{{unknown[0]}}}, which is no placeholder: there are {known}')
    return template


def _names(template: str) -> Iterator[str]:
    for _, name, spec, conversion in Formatter().parse(template):
        if name is not None:
            # A format or a conversion is none of ours: with its marks the name is unknown.
            yield f"{name}{f'!{conversion}' if conversion else ''}{f':{spec}' if spec else ''}"


def _all_names(inputs: Iterable[tuple[str, Value]], variables: Iterable[tuple[str, str]]) -> Iterator[str]:
    for _, template in (*inputs, *variables):
        if isinstance(template, str):
            yield from _names(template)


def says_where_to(pipeline: RollbackPipeline) -> bool:
    """Whether the pipeline learns which version is meant; else it would deploy what is newest."""
    return not _WHERE_TO.isdisjoint(_all_names(pipeline.inputs, pipeline.variables))

"""What a rollback's pipeline is told: the templates of the settings, and what is refused of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from backtrace_core.model import GoingBack
from bot.rollback_pipeline import RollbackPipeline, says_where_to, why_not_told
from tests.bot.test_settings import GOOD, problems, settings

FACTS = {
    "sha": "ab" * 20,
    "tag": "v1.4.0",
    "ref": "main",
    "deployment_id": "501",
    "environment": "production",
    "reason": "Backtrace rolls production back to deployment 501, asked by mara",
}


def service(lines: str) -> str:
    """A good file with these lines at the end of its service."""
    head, mark, people = GOOD.partition("[people]")
    return f"{head}{lines}\n{mark}{people}"


def test_templates_are_filled_from_the_target() -> None:
    """Texts are; numbers and truth values of inputs go as they are."""
    pipeline = RollbackPipeline(
        inputs=(("version", "{sha}"), ("where", "{environment}"), ("dry", False), ("tries", 2)),
        variables=(("TO", "{tag} ({deployment_id})"), ("WHY", "{reason}"), ("BRACE", "{{x}}")),
    )
    wanted = pipeline.wanted("main", FACTS)

    assert wanted.ref == "main"
    assert wanted.inputs == {"version": "ab" * 20, "where": "production", "dry": False, "tries": 2}
    assert wanted.variables == {"TO": "v1.4.0 (501)", "WHY": FACTS["reason"], "BRACE": "{x}"}


def test_a_branch_called_like_a_variable_is_not_expanded() -> None:
    """GitLab puts the value of $CI_JOB_TOKEN into a variable that says so; of a fact it must stay text."""
    pipeline = RollbackPipeline(inputs=(("ref", "{ref}"),), variables=(("REF", "{ref}"),))
    wanted = pipeline.wanted("main", {**FACTS, "ref": "x-$CI_JOB_TOKEN"})

    assert wanted.variables == {"REF": "x-$$CI_JOB_TOKEN"}
    assert wanted.inputs == {"ref": "x-$CI_JOB_TOKEN"}


@pytest.mark.parametrize(
    ("template", "fact", "value", "says"),
    [
        ("{ref}", "ref", "x\n  script: [curl evil]", 'The ref "x'),
        ("{ref}", "ref", "$[[ inputs.y ]]", "The ref"),
        ("v {tag}", "tag", "v1: 'a", 'The tag "v1'),
        ("{reason}", "environment", "review/a b", 'The environment "review/a b"'),
        ("{ref}", "ref", "release/1.4_x+2-rc", ""),
        ("{sha}", "ref", "a b", ""),
    ],
)
def test_what_would_change_the_pipelines_file_is_not_told_by_an_input(template: str, fact: str, value: str, says: str):
    """GitLab puts inputs into the YAML as text: a branch's name may hold anything. Variables are safe."""
    facts = {**FACTS, fact: value}

    assert why_not_told(RollbackPipeline(inputs=(("a", template), ("n", 1))), facts).startswith(says)
    assert bool(why_not_told(RollbackPipeline(inputs=(("a", template),)), facts)) is bool(says)
    assert why_not_told(RollbackPipeline(variables=(("A", template),)), facts) == ""


@pytest.mark.parametrize(("template", "is_told"), [("{sha}", True), ("{tag}", True), ("{reason}", False), ("x", False)])
def test_a_pipeline_has_to_be_told_the_version(template: str, *, is_told: bool) -> None:
    """Else it would deploy what is newest, which is what to go back from."""
    assert says_where_to(RollbackPipeline(variables=(("A", template),))) is is_told


def test_the_settings_of_a_pipeline(tmp_path: Path) -> None:
    """They belong to the service, by its name; what is not said is the default."""
    text = service('rollback = "pipeline"\nrollback_ref = "ops"\nrollback_inputs = { version = "{sha}", dry = true }')
    ready = settings(tmp_path, text)
    (one,) = ready.catalog.services

    assert one.rollback is GoingBack.PIPELINE
    assert ready.pipelines[one.name] == RollbackPipeline("ops", (("version", "{sha}"), ("dry", True)))
    assert settings(tmp_path).catalog.services[0].rollback is GoingBack.RETRY


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('rollback = "pipeline"', "needs rollback_inputs or rollback_variables with {sha}"),
        ('rollback = "pipeline"\nrollback_variables = { A = "{reason}" }', "else it would deploy what is newest"),
        ('rollback = "pipeline"\nrollback_inputs = { a = "{shaw}" }', "{shaw}, which is no placeholder"),
        ('rollback = "pipeline"\nrollback_variables = { A = "{sha!r}" }', "{sha!r}, which is no placeholder"),
        ('rollback = "pipeline"\nrollback_variables = { A = "{sha.x}" }', "{sha.x}, which is no placeholder"),
        ('rollback = "pipeline"\nrollback_variables = { A = "{}" }', "{}, which is no placeholder"),
        ('rollback = "pipeline"\nrollback_variables = { A = "{sha" }', "write {{ for a brace"),
        ('rollback = "pipeline"\nrollback_variables = { A = 3 }', "rollback_variables.A"),
        ('rollback = "pipeline"\nrollback_inputs = { a = ["{sha}"] }', "must be a text, a number, true or false"),
        ('rollback_inputs = { a = "{sha}" }', 'need rollback = "pipeline"'),
        ('rollback = "revert"', "rollback"),
    ],
)
def test_what_can_not_work_is_refused(lines: str, words: str, tmp_path: Path) -> None:
    """At the start, in words: not at 2 a.m."""
    assert words in problems(tmp_path, service(lines))

"""GitLab's GraphQL, as much of it as the bot asks: real queries against a small schema with GitLab's names."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, OperationType, execute_sync, parse, validate

from sandbox.gitlab.answers import Answer, RefusalError, UnplannedError
from sandbox.gitlab.exchange import Request
from sandbox.gitlab.graphql.context import NOT_ALLOWED, Context
from sandbox.gitlab.graphql.cost import LIMIT, cost_of
from sandbox.gitlab.graphql.root import ROOT
from sandbox.gitlab.graphql.schema import SCHEMA
from sandbox.gitlab.options import Token
from sandbox.gitlab.state import GitLabState
from sandbox.worlds.model import User

LONGEST_QUERY = 10_000


def refuse_token(_token: Token | None) -> NoReturn:
    raise RefusalError(401, {"errors": [{"message": "Invalid token"}]})


def answer(state: GitLabState, request: Request, signed_in: tuple[User, Token]) -> Answer:
    """Run one operation. What is forbidden or missing is null; mutations report in their own ``errors``.

    :raises UnplannedError: for a query that does not fit the schema: GitLab may know it, this does not.
    """
    body = _body(request)
    query, variables = str(body.get("query", "")), body.get("variables") or {}
    if len(query) > LONGEST_QUERY:
        return _errors("Query too large")
    try:
        document = parse(query)
    except GraphQLError as error:
        return _errors(error.message)
    problems = validate(SCHEMA, document)
    if problems:
        raise UnplannedError("; ".join(problem.message for problem in problems))
    score = cost_of(document, variables)
    if score > LIMIT:
        return _errors(f"Query has complexity of {score}, which exceeds max complexity of {LIMIT}")
    user, token = signed_in
    if _mutates(document) and "api" not in token.scopes:
        return _errors(NOT_ALLOWED)
    context = Context(state, user, score)
    result = execute_sync(SCHEMA, document, root_value=ROOT, context_value=context, variable_values=variables)
    return Answer(result.formatted)


def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError:
        body = None
    if request.method != "POST" or not isinstance(body, dict):
        raise UnplannedError("GraphQL other than one operation by POST")
    return body


def _mutates(document: DocumentNode) -> bool:
    return any(
        isinstance(definition, OperationDefinitionNode) and definition.operation is OperationType.MUTATION
        for definition in document.definitions
    )


def _errors(message: str) -> Answer:
    return Answer({"errors": [{"message": message}]})

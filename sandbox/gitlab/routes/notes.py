"""Notes on issues, with their quick actions (docs.gitlab.com/api/notes)."""

from __future__ import annotations

from sandbox.gitlab import quick_actions
from sandbox.gitlab.answers import Answer, forbidden, not_found
from sandbox.gitlab.calls import Call
from sandbox.gitlab.paging import page_of
from sandbox.gitlab.records import Note
from sandbox.gitlab.routes.issues import issue_of
from sandbox.gitlab.routing import MAINTAINER
from sandbox.gitlab.shapes.issues import note_entity


def notes(call: Call) -> Answer:
    found = issue_of(call)
    order = call.query.choice("order_by", ("created_at", "updated_at"), "created_at")
    newest_first = call.query.choice("sort", ("asc", "desc"), "desc") == "desc"
    rows = sorted(found.notes, key=lambda note: (getattr(note, order), note.id), reverse=newest_first)
    return page_of(call, rows, lambda note: note_entity(call.state, found, note))


def create(call: Call) -> Answer:
    """201 with the note; 202 without one where the body held nothing but commands."""
    found = issue_of(call)
    body, internal = call.body.required("body"), call.body.flag("internal")
    with call.state.effect("note"):
        outcome = quick_actions.execute(call.state, found, body, call.level)
        now = call.state.now()
        note = Note(call.state.note_id(), outcome.text, call.user.username, now, now, internal)
        if outcome.text:
            found.notes.append(note)
        if outcome.changes:
            found.updated_at, found.updated_by = now, call.user.username
            call.state.on_change(f"issue:{outcome.changes.get('state_event', 'update')}", found.iid)
    if not outcome.text:
        return Answer({"commands_changes": outcome.changes, "summary": outcome.summary}, 202)
    return Answer({**note_entity(call.state, found, note), "commands_changes": outcome.changes}, 201)


def update(call: Call) -> Answer:
    """Only its author, or a maintainer, may change a note. Commands in the new text are executed as well."""
    found = issue_of(call)
    wanted, body = call.id("note"), call.body.required("body")
    note = next((note for note in found.notes if note.id == wanted), None)
    if note is None:
        not_found()
    if note.author != call.user.username and call.level < MAINTAINER:
        forbidden()
    with call.state.effect("note_update"):
        note.body = quick_actions.execute(call.state, found, body, call.level).text
        note.updated_at = call.state.now()
    return Answer(note_entity(call.state, found, note))

"""After a rollback: the card watches on whether it ended the trouble, and what that says of those that were blamed.

The rounds look each minute (:mod:`bot.proving`), by what the store knows; a run is started only where the card has to
say something new. So the waits outlive a restart, and nothing sleeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from dbos import DBOS

from backtrace_core.joining import Relation
from backtrace_core.model import Candidate, ChangeRef, Verdict
from backtrace_core.proof import AGAINST, Heard, Proof, Stage, Watched, prove, wait_for
from backtrace_core.rollback_lines import own_suspects
from bot.gitlab import rollback as gitlab_rollback
from bot.settings import Settings
from bot.store import Message, ProofRow, Rollback, Store
from bot.store.rollbacks import SUCCESS
from bot.workflows.ahead import look_ahead
from bot.workflows.durable import step
from bot.workflows.house import House
from bot.workflows.legs import newest_press
from bot.workflows.papering import keep_paper
from bot.workflows.showing import ANSWERING_TRIES, refresh_card, worth_another_try
from bot.workflows.tracing import trace_turn, verdict_of


@DBOS.workflow(name="prove_rollback")
async def prove_rollback(proof_id: str, incident_id: str) -> str:
    """Say on the card how far it is, and rank anew where it speaks against what was taken away. Returns the stage."""
    stage = await look_at_proof(proof_id)
    if stage in AGAINST:
        await rank_again(incident_id)
    await look_ahead(incident_id)
    await refresh_card(incident_id)
    await keep_paper(incident_id)
    return stage


@step(tries=3, retry_if=worth_another_try)
async def watch_on(house: House, incident_id: str) -> None:
    """Keep what the newest rollback took away, and watch whether that helped. Not where something of it failed, or was
    left out: what goes on there says nothing of what was taken away elsewhere."""
    newest = newest_press(await house.store.rollbacks.of(incident_id))
    gone = [leg for leg in newest if leg.status == SUCCESS]
    if not gone:
        return
    if gone[0].how.is_forward:
        await house.store.proofs.stop(incident_id)
        return
    incident = await house.store.incidents.existing(incident_id)
    done = max(gone, key=lambda leg: leg.finished_at or leg.asked_at)
    blamed = _blamed(incident.verdict, gone)
    took = tuple({ref.key: ref for ref in (*blamed, *(ref for leg in gone for ref in leg.undoes))}.values())
    at = done.finished_at or house.clock()
    stays = any(leg.facts.stays for leg in gone)
    watching = 1 if len(gone) == len(newest) and not stays else None
    row = ProofRow(
        done.id, incident_id, at, took, blamed, done.target_ref, (), done.url, Stage.WATCHING, "", at, watching
    )
    await house.store.proofs.begin(row)


def _blamed(verdict: Verdict | None, gone: Sequence[Rollback]) -> tuple[ChangeRef, ...]:
    """Of what the verdict names by now, that which these legs took away: undone, or cancelled before it was live."""
    # What can't be read is not known to stay: each target is chosen free of all that was named.
    undone = {ref.key for leg in gone for ref in leg.undoes}
    cancelled = {leg.cancel_job_id for leg in gone} - {None}
    own = (suspect.candidate for suspect in (own_suspects(verdict.named) if verdict else ()))
    return tuple(one.shipped.ref for one in own if not undone or one.shipped.key in undone or _job_of(one) in cancelled)


def _job_of(candidate: Candidate) -> int | None:
    shipped = candidate.deployment
    return shipped.job.id if shipped is not None and shipped.job is not None else None


@step(tries=ANSWERING_TRIES, retry_if=worth_another_try)
async def look_at_proof(house: House, proof_id: str) -> str:
    """Keep how far it is, and return that. Nothing is held against a change where something else is live by now."""
    row = await house.store.proofs.get(proof_id)
    proof = await standing_of(house.store, house.settings, row, house.clock())
    says = ""
    if proof.stage in AGAINST:
        says = await _overtaken(house, row)
        proof = Proof(Stage.OVERTAKEN, proof.at, is_over=True) if says else proof
    await house.store.proofs.reach(row.id, proof, says)
    return proof.stage.value


async def standing_of(store: Store, settings: Settings, row: ProofRow, now: datetime) -> Proof:
    """What is known of a rollback, by what the store has."""
    incident = await store.incidents.existing(row.incident_id)
    messages = await store.messages.of(row.incident_id)
    telling = await store.proofs.telling(incident.channel)
    heard = _heard(messages)
    chosen = settings.bot
    by_sender = {sender: timedelta(minutes=length) for sender, length in chosen.proof_after.items()}
    wait = wait_for((one.sender for one in heard), timedelta(minutes=chosen.proof_after_minutes), by_sender)
    return prove(Watched(row.gone_back_at, heard, telling, incident.resolved_at, wait), now)


def _heard(messages: Sequence[Message]) -> tuple[Heard, ...]:
    """Those that are surely about this trouble."""
    perhaps = {one.fingerprint for one in messages if one.relation is Relation.PERHAPS_ANOTHER}
    return tuple(
        Heard(
            sender=one.sender,
            fingerprint=one.fingerprint,
            title=one.alert.title,
            at=one.at,
            earliest=one.alert.onset.earliest,
            started_at=one.alert.started_at,
            resolved_at=one.resolved_at,
        )
        for one in messages
        if one.fingerprint not in perhaps
    )


async def _overtaken(house: House, row: ProofRow) -> str:
    """What went live since in place of what was gone back to, in words; empty where that is still live.

    :raises GitLabError: when it can't be asked; the run tries again.
    """
    tried = await house.store.rollbacks.of(row.incident_id)
    press = next((one.press_id for one in tried if one.id == row.id), "")
    found = [await _live_since(house, leg) for leg in tried if leg.press_id == press]
    return next(filter(None, found), "")


async def _live_since(house: House, done: Rollback) -> str:
    live = await gitlab_rollback.live_deployment(house.gitlab, done.project, done.environment, done.job_name)
    if live is None or done.deployment_id is None or live.id == done.deployment_id:
        return ""
    ours = await gitlab_rollback.progress_of(house.gitlab, done.project, done.deployment_id)
    return f"deployment {live.id}" if live.sha != ours.deployment.sha else ""


@step(tries=ANSWERING_TRIES, retry_if=worth_another_try)
async def rank_again(house: House, incident_id: str) -> str:
    """Trace again, with what the rollback did not help: that lowers what was taken away, and names nobody else."""
    async with trace_turn(incident_id):
        incident = await house.store.incidents.existing(incident_id)
        if incident.verdict is None:
            return "failed"
        verdict = await verdict_of(house, incident, incident.verdict.scope)
        await house.store.incidents.save_verdict(incident.id, verdict)
        return verdict.outcome.value

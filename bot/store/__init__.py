"""What Backtrace remembers: deliveries, incidents, messages, actions, rollbacks. SQLAlchemy on SQLite in WAL.

The rows are written before anything is done about them, so that a restart finds what still has to be done.
"""

from bot.store.actions import Action, ActionStore, Ending
from bot.store.around import Around
from bot.store.audit import AuditEntry, AuditStore, Request, Which
from bot.store.database import Database, LockedError, NoDatabaseError, open_database, open_to_read
from bot.store.endings import Resolution
from bot.store.flags import FlagStore
from bot.store.history import HistoryStore
from bot.store.incidents import Incident, IncidentStore
from bot.store.link_attempts import LinkAttempt, LinkAttemptStore
from bot.store.links import Link, LinkStore, Sealed
from bot.store.looks import LookStore
from bot.store.messages import Joined, Message, MessageStore
from bot.store.notices import NoticeStore
from bot.store.offers import Leg, Offer, OfferStore
from bot.store.papers import Paper, PaperStore
from bot.store.pauses import Pause, PauseStore
from bot.store.proofs import ProofRow, ProofStore
from bot.store.resolving import ResolutionStore
from bot.store.reverts import Revert, RevertStore
from bot.store.rollbacks import NewRollback, Rollback, RollbackStore
from bot.store.rows import NewIncident

__all__ = [
    "Action",
    "ActionStore",
    "Around",
    "AuditEntry",
    "AuditStore",
    "Database",
    "Ending",
    "FlagStore",
    "HistoryStore",
    "Incident",
    "IncidentStore",
    "Joined",
    "Leg",
    "Link",
    "LinkAttempt",
    "LinkAttemptStore",
    "LinkStore",
    "LockedError",
    "LookStore",
    "Message",
    "MessageStore",
    "NewIncident",
    "NewRollback",
    "NoDatabaseError",
    "NoticeStore",
    "Offer",
    "OfferStore",
    "Paper",
    "PaperStore",
    "Pause",
    "PauseStore",
    "ProofRow",
    "ProofStore",
    "Request",
    "Resolution",
    "ResolutionStore",
    "Revert",
    "RevertStore",
    "Rollback",
    "RollbackStore",
    "Sealed",
    "Store",
    "Which",
    "open_database",
    "open_to_read",
]


class Store:
    """The stores over one database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.incidents = IncidentStore(database)
        self.actions = ActionStore(database)
        self.audit = AuditStore(database)
        self.rollbacks = RollbackStore(database)
        self.offers = OfferStore(database)
        self.flags = FlagStore(database)
        self.notices = NoticeStore(database)
        self.messages = MessageStore(database)
        self.looks = LookStore(database)
        self.resolutions = ResolutionStore(database)
        self.pauses = PauseStore(database)
        self.papers = PaperStore(database)
        self.proofs = ProofStore(database)
        self.reverts = RevertStore(database)
        self.links = LinkStore(database)
        self.link_attempts = LinkAttemptStore(database)
        self.history = HistoryStore(database)

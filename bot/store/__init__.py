"""What Backtrace remembers: deliveries, incidents, actions, rollbacks. SQLAlchemy on SQLite in WAL.

The rows are written before anything is done about them, so that a restart finds what still has to be done.
"""

from bot.store.actions import Action, ActionStore, Ending
from bot.store.database import Database, LockedError, open_database
from bot.store.flags import FlagStore
from bot.store.incidents import Incident, IncidentStore, NewIncident
from bot.store.papers import Paper, PaperStore
from bot.store.rollbacks import NewRollback, Rollback, RollbackStore

__all__ = [
    "Action",
    "ActionStore",
    "Database",
    "Ending",
    "FlagStore",
    "Incident",
    "IncidentStore",
    "LockedError",
    "NewIncident",
    "NewRollback",
    "Paper",
    "PaperStore",
    "Rollback",
    "RollbackStore",
    "Store",
    "open_database",
]


class Store:
    """The stores over one database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.incidents = IncidentStore(database)
        self.actions = ActionStore(database)
        self.rollbacks = RollbackStore(database)
        self.flags = FlagStore(database)
        self.papers = PaperStore(database)

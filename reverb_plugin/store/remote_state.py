"""What all processes together know of the way to Reverb: the pace, the circuit, and whether the token is dead."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from reverb_plugin.store.schema import remote_state


@dataclass(frozen=True, slots=True)
class RemoteState:
    """One environment's state; moments of the pace and the circuit are seconds since the epoch."""

    next_at: float = 0.0
    interval_seconds: float = 0.0
    blocked_until: float = 0.0
    refusals: int = 0
    failures: int = 0
    open_until: float = 0.0
    cause: str = ""
    probing: bool = False
    refused_token: str | None = None
    refused_at: datetime | None = None


_COLUMNS = tuple(each.name for each in fields(RemoteState))


def get(connection: Connection, environment: str) -> RemoteState:
    """The state of an environment; the untroubled one when nothing is known."""
    row = connection.execute(select(remote_state).where(remote_state.c.environment == environment)).one_or_none()
    return RemoteState() if row is None else RemoteState(*(getattr(row, name) for name in _COLUMNS))


def save(connection: Connection, environment: str, state: RemoteState) -> None:
    """Keeps the state."""
    values = {"environment": environment} | asdict(state)
    statement = insert(remote_state).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["environment"], set_=values))

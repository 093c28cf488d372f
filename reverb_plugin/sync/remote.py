"""The way to Reverb as all processes share it: pace, circuit and the state of the token, kept in the store."""

import hashlib
import math
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Protocol

from reverb_plugin.clock import Clock
from reverb_plugin.redact import Secret
from reverb_plugin.reverb_api import circuit as circuits
from reverb_plugin.reverb_api import pace as paces
from reverb_plugin.reverb_api.answer import OK_STATUSES
from reverb_plugin.reverb_api.circuit import Circuit
from reverb_plugin.reverb_api.pace import Pace
from reverb_plugin.store.remote_state import RemoteState
from reverb_plugin.store.store import Store

SERVER_TROUBLE = 500
TOO_MANY_REQUESTS = 429
LONGEST_PAUSE_SECONDS = 5.0
"""A longer wait than this is not slept through before the first request of a job: the job goes back to the queue."""

HURRIED_SECONDS = 20.0

TOKEN_PROBE_SECONDS = 600.0
"""How often a refused token is tried again: Reverb may have refused it by mistake."""


LONGEST_CIRCUIT_SECONDS = max(circuits.PROBE_SECONDS, circuits.LONGEST_WAIT_SECONDS)


class Patience(Protocol):
    """How long a request may wait for its slot."""

    def left_seconds(self) -> float:
        """The longest wait; below zero when no request may go any more."""

    def wait(self, seconds: float) -> None:
        """Waits; raises :class:`NotNowError` when it is told to stop."""


class Patient:
    """Waits as long as it takes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def left_seconds(self) -> float:
        """There is no end."""
        return math.inf

    def wait(self, seconds: float) -> None:
        """Waits."""
        self._clock.sleep(seconds)


class Hurried:
    """Waits for 20 seconds in all: web servers end a request that lasts longer than half a minute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends_at = clock.monotonic() + HURRIED_SECONDS

    def left_seconds(self) -> float:
        """What is left of them."""
        return self._ends_at - self._clock.monotonic()

    def wait(self, seconds: float) -> None:
        """Waits."""
        self._clock.sleep(seconds)


class NotNowError(Exception):
    """No request may go at this moment; nothing was sent. The job goes back as it was."""

    def __init__(self, wait_seconds: float, cause: str) -> None:
        super().__init__(cause)
        self.wait_seconds = wait_seconds
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Gate:
    """No job may be begun for ``wait_seconds``. ``cause`` says what is down, also while it is only probed.

    ``needs_a_person`` says that waiting alone will not help.
    """

    wait_seconds: float
    cause: str = ""
    needs_a_person: bool = False


def decide_gate(state: RemoteState, token: Secret | None, now: float) -> Gate:
    """Whether to begin a job now."""
    if token is None:
        return Gate(LONGEST_PAUSE_SECONDS, "no token has been entered yet", needs_a_person=True)
    if state.refused_token == token_fingerprint(token) and state.refused_at is not None:
        wait = state.refused_at.timestamp() + TOKEN_PROBE_SECONDS - now
        is_waiting = 0 < wait <= TOKEN_PROBE_SECONDS
        return Gate(wait if is_waiting else 0.0, "Reverb refuses the token", needs_a_person=is_waiting)
    circuit = _circuit(state)
    if circuit.is_open:
        wait = circuit.open_until - now
        return Gate(wait if 0 < wait <= LONGEST_CIRCUIT_SECONDS else 0.0, f"Reverb cannot be reached ({circuit.cause})")
    if now < state.blocked_until <= now + paces.LONGEST_WAIT_SECONDS:
        return Gate(state.blocked_until - now, "Reverb asked us to slow down")
    ahead = state.next_at - now
    return Gate(ahead - LONGEST_PAUSE_SECONDS if LONGEST_PAUSE_SECONDS < ahead <= paces.LONGEST_WAIT_SECONDS else 0.0)


def token_fingerprint(token: Secret) -> str:
    """What is remembered of a token that Reverb refused, so that another one is noticed; it does not lead back."""
    return hashlib.sha256(b"reverb-plugin token:" + token.reveal().encode()).hexdigest()


class Remote:
    """Pace and circuit for this process's requests; implements the transport's ``Pacing``.

    Args:
        store: where the state is shared through.
        clock: what time it is.
        requests_per_minute: asked for each request, because a person may change it.
        patience: how long a request may wait for its slot.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        requests_per_minute: Callable[[], int],
        patience: Patience,
    ) -> None:
        self._store = store
        self._clock = clock
        self._requests_per_minute = requests_per_minute
        self._patience = patience
        self._local = threading.local()

    def take_turn(self) -> None:
        """Waits for the slot of this thread's next request ahead of it: what is read after that is fresh.

        Raises:
            NotNowError: none is near.
        """
        if not getattr(self._local, "has_turn", False):
            self._wait_for_slot()
            self._local.has_turn = True

    def wait(self) -> None:
        """Takes the next slot and waits for it; raises :class:`NotNowError` when none is near."""
        self.take_turn()
        self._local.has_turn = False
        self._local.requests = getattr(self._local, "requests", 0) + 1

    def _wait_for_slot(self) -> None:
        while (wait := self._take_slot()) > 0:
            self._patience.wait(wait)
            if self._store.get_remote_state().blocked_until <= self._now():
                break  # otherwise Reverb has asked us to slow down since: the slot no longer holds

    def answered(self, status: int, retry_after_seconds: float | None) -> None:
        """Learns from an answer; writes only what changed."""
        now, base = self._now(), self._base_interval_seconds()

        def learn(state: RemoteState) -> RemoteState:
            if status >= SERVER_TROUBLE:
                return _with_circuit(
                    state, circuits.failed(_circuit(state), now, f"HTTP {status}", self._clock.random())
                )
            state = _with_circuit(state, circuits.succeeded(_circuit(state)))
            if status in OK_STATUSES:
                state = replace(state, refused_token=None, refused_at=None)
            if status == TOO_MANY_REQUESTS:
                return _with_pace(state, paces.slowed(_pace(state), now, retry_after_seconds, base))
            return _with_pace(state, paces.sped_up(_pace(state), base))

        state = self._store.get_remote_state()
        if learn(state) != state:
            self._store.change_remote_state(learn)

    def lost(self, cause: str) -> None:
        """A request got no answer at all."""
        now, jitter = self._now(), self._clock.random()
        self._store.change_remote_state(
            lambda state: _with_circuit(state, circuits.failed(_circuit(state), now, cause, jitter))
        )

    def token_refused(self, token: Secret) -> None:
        """Remembers that Reverb refuses this token."""
        fingerprint, now = token_fingerprint(token), self._clock.now()
        self._store.change_remote_state(lambda state: replace(state, refused_token=fingerprint, refused_at=now))

    def gate(self, token: Secret | None) -> Gate:
        """Whether jobs may be begun."""
        return decide_gate(self._store.get_remote_state(), token, self._now())

    def taken_requests(self) -> int:
        """How many requests this thread has sent since it asked last; a turn that was not used is over."""
        count: int = getattr(self._local, "requests", 0)
        self._local.requests, self._local.has_turn = 0, False
        return count

    def _take_slot(self) -> float:
        now, base = self._now(), self._base_interval_seconds()
        longest, wait = self._longest_wait(), 0.0

        def take(state: RemoteState) -> RemoteState:
            nonlocal wait
            if state.blocked_until - now > LONGEST_PAUSE_SECONDS:
                raise NotNowError(state.blocked_until - now, "Reverb asked us to slow down")
            circuit, admitted = circuits.admit(_circuit(state), now)
            if not admitted:
                raise NotNowError(circuit.open_until - now, f"Reverb cannot be reached ({circuit.cause})")
            pace, wait = paces.reserve(_pace(state), now, base)
            if wait > longest:  # raised in here, so that the slot is left to others
                raise NotNowError(wait, "it is not yet the turn of another request")
            return _with_pace(_with_circuit(state, circuit), pace)

        self._store.change_remote_state(take)
        return wait

    def _longest_wait(self) -> float:
        """A job that has begun waits for its next slot, or it would begin anew each time."""
        left = self._patience.left_seconds()
        has_begun = getattr(self._local, "requests", 0) > 0
        return left if has_begun else min(left, LONGEST_PAUSE_SECONDS)

    def _base_interval_seconds(self) -> float:
        return 60.0 / self._requests_per_minute()

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _pace(state: RemoteState) -> Pace:
    return Pace(state.next_at, state.interval_seconds, state.blocked_until, state.refusals)


def _with_pace(state: RemoteState, pace: Pace) -> RemoteState:
    return replace(state, **asdict(pace))


def _circuit(state: RemoteState) -> Circuit:
    return Circuit(state.failures, state.open_until, state.cause, state.probing)


def _with_circuit(state: RemoteState, circuit: Circuit) -> RemoteState:
    return replace(state, **asdict(circuit))

"""Whether to ask at all: after three failures in a row the circuit opens, and one probe at a time looks again.

Pure: values in, values out. Times are seconds since the epoch, so that several processes can share one circuit.
"""

from dataclasses import dataclass, replace

OPENS_AFTER = 3  # failures in a row
FIRST_WAIT_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 300.0
# Longer than one request with its repetitions can take: a probe whose process died is given up after this.
PROBE_SECONDS = 200.0


@dataclass(frozen=True, slots=True)
class Circuit:
    """``failures`` in a row; when open, the time ``open_until`` which nobody asks, and the ``cause`` for people.

    ``probing`` says that one request is on its way to see whether Reverb is back.
    """

    failures: int = 0
    open_until: float = 0.0
    cause: str = ""
    probing: bool = False

    @property
    def is_open(self) -> bool:
        """Reverb counts as down."""
        return self.failures >= OPENS_AFTER


def admit(circuit: Circuit, now: float) -> tuple[Circuit, bool]:
    """Whether a request may go now; the first one after the wait goes as the probe and holds the others back."""
    if not circuit.is_open:
        return circuit, True
    if now < circuit.open_until <= now + LONGEST_WAIT_SECONDS:  # further away: the clock was set back
        return circuit, False
    return replace(circuit, open_until=now + PROBE_SECONDS, probing=True), True


def failed(circuit: Circuit, now: float, cause: str, jitter: float) -> Circuit:
    """The circuit after Reverb could not be reached; ``jitter`` in [0, 1) spreads the wait over its upper half.

    Requests that were under way when the circuit opened do not make the wait longer.
    """
    if circuit.is_open and not circuit.probing and now < circuit.open_until:
        return circuit
    failures = circuit.failures + 1
    if failures < OPENS_AFTER:
        return Circuit(failures, cause=cause)
    wait = min(FIRST_WAIT_SECONDS * 2.0 ** min(failures - OPENS_AFTER, 10), LONGEST_WAIT_SECONDS)
    return Circuit(failures, now + wait * (1 + jitter) / 2, cause)


def succeeded(circuit: Circuit) -> Circuit:
    """The circuit after any answer of Reverb; the same object when there is nothing to change."""
    return circuit if circuit == Circuit() else Circuit()

"""When to try again. Pure: an error and the number of tries in, a decision out."""

from reverb_plugin.errors import (
    AmbiguousError,
    DuplicateSkuError,
    InvalidValueError,
    NotAllowedError,
    NotConfiguredError,
    NotFoundError,
    OrderError,
    RateLimitedError,
    RefusedError,
    TokenRefusedError,
    UnavailableError,
    UnexpectedLinkError,
)
from reverb_plugin.store.store import Later, Park

MOST_ATTEMPTS = 8
FIRST_BACKOFF_SECONDS = 5.0
LONGEST_BACKOFF_SECONDS = 3600.0

NEEDS_A_PERSON = (RefusedError, NotFoundError, NotAllowedError, InvalidValueError, OrderError, UnexpectedLinkError)
NOT_THE_JOBS_FAULT = (RateLimitedError, TokenRefusedError, NotConfiguredError)


def backoff_seconds(attempts: int, jitter: float) -> float:
    """The wait after so many tries: doubling, capped, the upper half of it left to ``jitter`` in [0, 1)."""
    wait = min(FIRST_BACKOFF_SECONDS * 2.0 ** min(attempts, 20), LONGEST_BACKOFF_SECONDS)
    return wait * (1 + jitter) / 2


def decide_retry(
    error: Exception, attempts: int, jitter: float, *, circuit_was_open: bool, may_park: bool = True
) -> Later | Park:
    """What becomes of a job whose try ended with ``error``, ``attempts`` tries having gone before.

    While Reverb is down every job fails: that is not a try of this one, or a long outage would park whatever happens
    to be the probe. A SKU that Reverb calls a duplicate, although the lookup found nothing, is looked up again: the
    lookup's index lags. What may not be parked is tried for ever; its tries stop counting before they look like those
    of a worker that died.
    """
    if isinstance(error, NEEDS_A_PERSON) and not isinstance(error, DuplicateSkuError):
        return Park()
    wait = backoff_seconds(attempts, jitter)
    if isinstance(error, NOT_THE_JOBS_FAULT):
        return Later(0.0, counts=False)
    if isinstance(error, UnavailableError | AmbiguousError) and circuit_was_open:
        return Later(wait, counts=False)
    if attempts + 1 >= MOST_ATTEMPTS:
        return Park() if may_park else Later(wait, counts=False)
    return Later(wait, counts=True)

"""When a failed job is tried again, and when it is left to a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_plugin import errors
from reverb_plugin.errors import PluginError
from reverb_plugin.store.store import Later, Park
from reverb_plugin.sync.retry import (
    FIRST_BACKOFF_SECONDS,
    LONGEST_BACKOFF_SECONDS,
    MOST_ATTEMPTS,
    backoff_seconds,
    decide_retry,
)


@given(attempts=st.integers(0, 10_000), jitter=st.floats(0, 1, exclude_max=True))
def test_a_backoff_stays_within_its_bounds(attempts, jitter):
    """Never less than half the first wait, never more than the longest, never shorter after more tries."""
    wait = backoff_seconds(attempts, jitter)
    assert FIRST_BACKOFF_SECONDS / 2 <= wait <= LONGEST_BACKOFF_SECONDS
    assert backoff_seconds(attempts + 1, jitter) >= wait


@given(attempts=st.integers(0, 9))
def test_jitter_spreads_the_upper_half_of_the_wait(attempts):
    """Jobs that failed together do not come back together."""
    assert backoff_seconds(attempts, 0.999999) == pytest.approx(2 * backoff_seconds(attempts, 0.0), rel=1e-3)


@pytest.mark.parametrize(
    "error", [errors.UnavailableError(), errors.AmbiguousError(), errors.HostError(), PluginError()]
)
def test_trouble_that_may_pass_is_parked_after_the_last_try(error):
    """Every try but the last is followed by another; then a person decides."""
    tries = [decide_retry(error, attempts, 0.5, circuit_was_open=False) for attempts in range(MOST_ATTEMPTS)]
    assert [type(one) for one in tries] == [Later] * (MOST_ATTEMPTS - 1) + [Park]
    assert all(one.counts for one in tries[:-1])


@pytest.mark.parametrize("error", [errors.UnavailableError(), errors.AmbiguousError()])
def test_an_outage_parks_nothing(error):
    """While Reverb is down no probe counts, however long it lasts."""
    then = decide_retry(error, 500, 0.5, circuit_was_open=True)
    assert isinstance(then, Later)
    assert not then.counts


@pytest.mark.parametrize("error", [errors.RateLimitedError(), errors.TokenRefusedError(), errors.NotConfiguredError()])
def test_what_is_not_the_jobs_fault_never_counts(error):
    """A full rate limit or a dead token parks nothing."""
    assert decide_retry(error, 500, 0.5, circuit_was_open=False) == Later(0.0, counts=False)


@pytest.mark.parametrize(
    "error",
    [
        errors.RefusedError(),
        errors.LockedListingError(),
        errors.NotFoundError(),
        errors.NotAllowedError(page_url="https://reverb.com/x"),
        errors.InvalidValueError("price", "x", "is bad"),
        errors.UnexpectedLinkError(),
    ],
)
def test_what_only_a_person_can_change_is_not_tried_again(error):
    """Sending the same again would get the same answer."""
    assert isinstance(decide_retry(error, 0, 0.5, circuit_was_open=False), Park)

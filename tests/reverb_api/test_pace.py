"""The pace and the circuit as pure functions."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from reverb_plugin.reverb_api import circuit as circuits
from reverb_plugin.reverb_api.circuit import Circuit, admit, failed, succeeded
from reverb_plugin.reverb_api.pace import LONGEST_WAIT_SECONDS, Pace, reserve, slowed, sped_up

NOW = 1_000_000.0


def refusals(count, retry_after_seconds=None):
    """The pauses that so many 429 in a row bring, each coming when the pause before is over."""
    pace, now, pauses = Pace(), NOW, []
    for _ in range(count):
        pace = slowed(pace, now, retry_after_seconds, 0.1)
        pauses.append(pace.blocked_until - now)
        now = pace.blocked_until
    return pauses


class TestPace:
    @given(st.lists(st.floats(0, 5), min_size=1, max_size=50))
    def test_slots_are_never_closer_than_the_interval(self, gaps):
        """However the requests come, no two of them go within one interval: there is no burst."""
        pace, now, slots = Pace(), NOW, []
        for gap in gaps:
            now += gap
            pace, wait = reserve(pace, now, 0.5)
            assert wait >= 0
            slots.append(now + wait)
        assert all(later - earlier >= 0.5 - 1e-6 for earlier, later in itertools.pairwise(slots))

    def test_an_idle_pace_lets_go_at_once(self):
        """Who has not asked for a while does not wait."""
        assert reserve(Pace(next_at=NOW - 100), NOW, 0.5)[1] == 0

    def test_nobody_goes_while_blocked(self):
        """After a 429 everybody waits for its end, and then one after the other."""
        pace = slowed(Pace(), NOW, 30, 0.5)
        pace, first = reserve(pace, NOW, 0.5)
        _, second = reserve(pace, NOW, 0.5)
        assert (first, second) == (30, 31)

    def test_retry_after_is_obeyed(self):
        """Reverb's word counts, each time."""
        assert refusals(3, retry_after_seconds=12) == [12, 12, 12]

    def test_without_retry_after_the_pauses_grow(self):
        """1, 2, 4 .. 60 seconds."""
        assert refusals(8) == [1, 2, 4, 8, 16, 32, 60, 60]

    def test_interval_doubles_up_to_a_limit_and_comes_back(self):
        """A 429 makes us slower for a while, not for ever, and not slower than 30 times."""
        pace, now = Pace(), NOW
        for _ in range(8):
            pace = slowed(pace, now, 1, 0.1)
            now = pace.blocked_until
        assert pace.interval_seconds == 3.0
        steps = 0
        while (faster := sped_up(pace, 0.1)) is not pace:
            assert 0.1 <= faster.interval_seconds <= pace.interval_seconds
            pace, steps = faster, steps + 1
        assert (pace.interval_seconds, pace.refusals) == (0.1, 0)
        assert 10 < steps < 100

    def test_refusals_of_one_moment_count_once(self):
        """Ten requests under way that are all refused do not slow us down ten times."""
        once = slowed(Pace(), NOW, None, 0.1)
        assert slowed(once, NOW + 0.1, None, 0.1) == once
        assert slowed(once, NOW + 0.1, 30, 0.1).blocked_until == NOW + 30.1

    def test_a_clock_that_was_set_back_does_not_stop_us(self):
        """A slot in the far future, or an absurd Retry-After, costs an hour at most."""
        assert reserve(Pace(next_at=NOW * 2), NOW, 0.5)[1] == LONGEST_WAIT_SECONDS
        assert reserve(slowed(Pace(), NOW, 1e9, 0.5), NOW, 0.5)[1] == LONGEST_WAIT_SECONDS

    def test_a_new_setting_takes_effect(self):
        """A slower setting counts at once."""
        pace, _ = reserve(Pace(interval_seconds=0.1), NOW, 2.0)
        assert reserve(pace, NOW, 2.0)[1] == 2.0


def opened(failures=3, jitter=1.0):
    circuit = Circuit()
    for _ in range(failures):
        circuit, _ = admit(circuit, max(NOW, circuit.open_until))
        circuit = failed(circuit, NOW, "down", jitter)
    return circuit


class TestCircuit:
    def test_opens_after_three_failures_in_a_row(self):
        """Two failures are bad luck, three are an outage."""
        assert not opened(2).is_open
        assert opened(3).is_open
        assert admit(opened(2), NOW)[1]
        assert not admit(opened(3), NOW)[1]

    def test_a_success_in_between_starts_again(self):
        """Only failures in a row count, and a good answer needs no writing when nothing was wrong."""
        assert succeeded(opened(2)) == Circuit()
        closed = Circuit()
        assert succeeded(closed) is closed

    def test_one_probe_at_a_time(self):
        """When the wait is over, one request goes and all others are held back."""
        circuit, goes = admit(opened(), NOW + 5)
        assert goes
        assert circuit.probing
        assert not admit(circuit, NOW + 5)[1]

    def test_a_probe_that_died_is_given_up(self):
        """A killed process does not keep the circuit open for ever."""
        circuit, _ = admit(opened(), NOW + 5)
        assert admit(circuit, NOW + 5 + circuits.PROBE_SECONDS)[1]

    def test_a_successful_probe_closes(self):
        """Reverb is back: everybody may go."""
        circuit, _ = admit(opened(), NOW + 5)
        assert admit(succeeded(circuit), NOW + 6)[1]

    def test_wait_grows_to_five_minutes(self):
        """Each failed probe doubles the wait."""
        assert [opened(count).open_until - NOW for count in range(3, 11)] == [5, 10, 20, 40, 80, 160, 300, 300]

    def test_jitter_spreads_the_upper_half(self):
        """Shops do not all come back in the same second."""
        assert opened(3, jitter=0.0).open_until - NOW == 2.5

    def test_failures_of_one_moment_count_once(self):
        """Requests that were under way when the circuit opened do not make the wait longer."""
        circuit = opened()
        assert failed(circuit, NOW + 0.1, "down", 1.0) is circuit

    def test_the_cause_is_kept(self):
        """People see why."""
        assert opened().cause == "down"

    def test_a_clock_that_was_set_back_does_not_keep_it_open(self):
        """An end in the far future counts as over."""
        assert admit(opened(), NOW - 1_000_000)[1]

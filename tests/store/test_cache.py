"""What was read once and is kept."""


def test_what_was_read_once_is_kept_with_its_time(store, clock):
    """The last saved content comes back with its moment, each name and environment by itself."""
    assert store.find_cached("categories") is None
    store.save_cached("categories", [{"uuid": "1"}])
    clock.advance(7200)
    store.save_cached("categories", [{"uuid": "2", "name": "Gitarre \u266b"}])
    assert store.find_cached("categories") == ([{"uuid": "2", "name": "Gitarre \u266b"}], clock.now())
    assert store.find_cached("account") is None
    assert store.of("production").find_cached("categories") is None

"""A shop's order statuses and which of them follow which."""

from collections import deque
from collections.abc import Mapping, Sequence


def find_path(pipeline: Mapping[str, Sequence[str]], start: str, end: str) -> Sequence[str] | None:
    """The shortest way through the statuses, without ``start``; None when there is none."""
    paths: dict[str, list[str]] = {start: []}
    waiting = deque(paths)
    while waiting:
        status = waiting.popleft()
        for following in pipeline.get(status, ()):
            if following not in paths:
                paths[following] = [*paths[status], following]
                waiting.append(following)
    return paths.get(end)

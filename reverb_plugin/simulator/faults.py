"""Faults on demand: what can go wrong between a client and Reverb, and when it is to go wrong."""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from reverb_plugin.clock import Clock
from reverb_plugin.simulator.limits import write_retry_after

HTML = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad gateway</h1></body></html>"
TOO_MANY = {"message": "Too many requests. Please try again later."}
SOMETHING = {"message": "Something went wrong"}
MAINTENANCE = {"message": "Reverb's down for tuning. BRB!"}
UNAVAILABLE = 503


@dataclass
class Reply:
    """An answer as bytes. ``status`` None drops the connection without a word.

    ``cut_at`` sends only so many bytes of the body and then hangs up; ``pause_seconds`` is waited between the
    ``pieces`` in which the body goes out.
    """

    status: int | None
    headers: dict[str, str] = field(default_factory=dict)
    payload: bytes = b""
    cut_at: int | None = None
    pieces: int = 1
    pause_seconds: float = 0.0


def json_reply(status: int, body: Any, content_type: str = "application/hal+json") -> Reply:
    """A reply with a JSON body; None is an empty one."""
    payload = b"" if body is None else json.dumps(body).encode()
    return Reply(status, {"Content-Type": content_type}, payload)


Act = Callable[[], Reply]


@dataclass
class Fault:
    """One thing that goes wrong with the next matching requests.

    ``path`` is a regular expression searched for in the path; ``times`` None means until faults are cleared.
    """

    kind: str
    method: str | None
    path: str | None
    times: int | None
    options: dict[str, Any]

    def hits(self, method: str, path: str) -> bool:
        """Whether it applies to this request."""
        right_method = self.method is None or self.method.upper() == method
        return right_method and (self.path is None or re.search(self.path, path) is not None)


class Faults:
    """The faults that wait for their request, first come first served."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(
        self, kind: str, method: str | None = None, path: str | None = None, times: int | None = 1, **options: Any
    ) -> None:
        """Let ``kind`` happen to the next ``times`` matching requests; ValueError for a kind or option unknown."""
        if kind not in KINDS:
            raise ValueError(f"there is no fault named {kind}; known are {', '.join(KINDS)}")
        defaults = KINDS[kind][1]
        if unknown := options.keys() - defaults.keys():
            allowed = ", ".join(defaults) or "nothing"
            raise ValueError(f"{kind} does not take {', '.join(sorted(unknown))}, only {allowed}")
        with self._lock:
            self._waiting.append(Fault(kind, method, path, times, defaults | options))

    def take(self, method: str, path: str) -> Fault | None:
        """The fault for this request, counted down; None lets the request pass."""
        with self._lock:
            for fault in self._waiting:
                if fault.hits(method, path):
                    if fault.times is not None:
                        fault.times -= 1
                        if fault.times <= 0:
                            self._waiting.remove(fault)
                    return fault
        return None

    def clear(self) -> None:
        """Forget all waiting faults."""
        with self._lock:
            self._waiting.clear()


def reply_with(fault: Fault, act: Act, clock: Clock) -> Reply:
    """Answer a request with the fault; ``act`` does what was asked and gives the proper reply."""
    return KINDS[fault.kind][0](fault.options, act, clock)


def _latency(options: dict[str, Any], act: Act, clock: Clock) -> Reply:
    clock.sleep(options["seconds"])
    return act()


def _late_answer(options: dict[str, Any], act: Act, clock: Clock) -> Reply:
    reply = act()
    clock.sleep(options["seconds"])
    return reply


def _rate_limit(options: dict[str, Any], _act: Act, clock: Clock) -> Reply:
    reply = json_reply(429, TOO_MANY)
    value = write_retry_after(options["retry_after"], options["seconds"], clock)
    if value is not None:
        reply.headers["Retry-After"] = value
    return reply


def _server_error(options: dict[str, Any], act: Act, _clock: Clock) -> Reply:
    if options["applied"]:
        act()
    if options["status"] == UNAVAILABLE:
        return json_reply(UNAVAILABLE, MAINTENANCE, "application/json")
    return json_reply(options["status"], SOMETHING)


def _html(options: dict[str, Any], act: Act, _clock: Clock) -> Reply:
    if options["applied"]:
        act()
    return Reply(options["status"], {"Content-Type": "text/html; charset=utf-8"}, HTML)


def _empty(options: dict[str, Any], act: Act, _clock: Clock) -> Reply:
    if options["applied"]:
        act()
    return Reply(options["status"], {"Content-Type": "application/hal+json"})


def _answer(options: dict[str, Any], act: Act, _clock: Clock) -> Reply:
    if options["applied"]:
        act()
    reply = json_reply(options["status"], options["body"])
    if options["text"] is not None:
        reply = Reply(options["status"], {"Content-Type": "text/html; charset=utf-8"}, options["text"].encode())
    reply.headers |= options["headers"]
    return reply


def _reset_before(_options: dict[str, Any], _act: Act, _clock: Clock) -> Reply:
    return Reply(None)


def _reset_after(_options: dict[str, Any], act: Act, _clock: Clock) -> Reply:
    act()
    return Reply(None)


def _drip(options: dict[str, Any], act: Act, _clock: Clock) -> Reply:
    reply = act()
    reply.pieces, reply.pause_seconds = options["pieces"], options["seconds"]
    return reply


def _truncate(options: dict[str, Any], act: Act, _clock: Clock) -> Reply:
    reply = act()
    reply.cut_at = int(len(reply.payload) * options["keep"])
    return reply


def _wrong_types(options: dict[str, Any], act: Act, _clock: Clock) -> Reply:
    reply = act()
    if reply.payload:
        reply.payload = json.dumps(_twist_top(json.loads(reply.payload), deep=options["deep"])).encode()
    return reply


def _twist_top(body: Any, *, deep: bool) -> Any:
    if not isinstance(body, dict):
        return _twist(body, deep=deep)
    return {name: _twist(value, deep=deep) for name, value in body.items()}


def _twist(value: Any, *, deep: bool) -> Any:
    """Another type than expected; with ``deep`` objects and lists stay and only what is in them is twisted."""
    if isinstance(value, dict):
        return {name: _twist(inner, deep=deep) for name, inner in value.items()} if deep else ["not an object"]
    if isinstance(value, list):
        return [_twist(inner, deep=deep) for inner in value] if deep else "not a list"
    if isinstance(value, bool):
        return "perhaps"
    if isinstance(value, int | float):
        return f"about {value}"
    return 42


KINDS: dict[str, tuple[Callable[[dict[str, Any], Act, Clock], Reply], dict[str, Any]]] = {
    "latency": (_latency, {"seconds": 1.0}),
    "late_answer": (_late_answer, {"seconds": 1.0}),
    "rate_limit": (_rate_limit, {"retry_after": None, "seconds": 60.0}),
    "server_error": (_server_error, {"status": 500, "applied": False}),
    "html": (_html, {"status": 502, "applied": False}),
    "empty": (_empty, {"status": 200, "applied": True}),
    "answer": (_answer, {"status": 200, "body": None, "text": None, "headers": {}, "applied": False}),
    "reset_before": (_reset_before, {}),
    "reset_after": (_reset_after, {}),
    "drip": (_drip, {"pieces": 20, "seconds": 0.05}),
    "truncate": (_truncate, {"keep": 0.5}),
    "wrong_types": (_wrong_types, {"deep": False}),
}
"""The faults by name, each with its options and their defaults.

``latency`` waits before the request takes effect, ``late_answer`` after it; ``applied`` says whether a request whose
answer is replaced takes effect all the same. ``text`` answers with that in place of JSON.
"""

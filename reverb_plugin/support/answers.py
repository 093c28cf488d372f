"""Recorded answers, given again: a simulated Reverb says to each request what Reverb itself once said."""

import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from reverb_plugin.reverb_api.answer import OK_STATUSES
from reverb_plugin.simulator.server import Simulator
from reverb_plugin.store.exchanges import Exchange
from reverb_plugin.sync.recording import NOT_KEPT

ANSWERED = range(200, 600)
MOST, LONGEST = 50, 20_000
"""More answers than are ever kept of an attempt, and more of an answer."""

CLOSERS = {"[": "]", "{": "}"}
_CUT = re.compile(r"\n\.\.\. and [0-9,]+ more characters\Z")


def seed(simulator: Simulator, exchanges: Sequence[Exchange], api_url: str) -> Sequence[str]:
    """Has the simulator give these answers, each once, in their order; what could not be given as it was, in words.

    ``api_url`` is where they came from: links to it lead to the simulator. A request without an answer gets none again.
    """
    notes = []
    for number, exchange in enumerate(exchanges[:MOST], 1):
        path = f"^{re.escape(path_of(exchange))}$"
        if exchange.answer == NOT_KEPT and exchange.status in OK_STATUSES:
            continue  # the simulator's own answer is as good
        if exchange.status not in ANSWERED:
            simulator.reverb.faults.add("reset_before", exchange.method, path)
            continue
        body, is_whole = read_answer(_at_home(exchange.answer, api_url, simulator.site))
        if not is_whole:
            notes.append(f"Answer {number} was not kept whole: what is missing is missing in the replay, too.")
        simulator.reverb.faults.add("answer", exchange.method, path, status=exchange.status, **body)
    return notes


def path_of(exchange: Exchange) -> str:
    """The path that was asked for, without its query."""
    return exchange.path.partition("?")[0]


def read_answer(text: str) -> tuple[dict[str, Any], bool]:
    """An answer as the simulator takes it, JSON or text; and whether it is whole."""
    whole = _CUT.sub("", text)[:LONGEST]
    for candidate in (whole, closed(whole)):
        try:
            return ({"body": json.loads(candidate)} if candidate.strip() else {}), candidate == text
        except (ValueError, RecursionError):
            continue
    return {"text": whole}, whole == text


def closed(text: str) -> str:
    """JSON that was cut somewhere, without what was begun and not ended; the same text when nothing of it was ended."""
    opened: list[str] = []
    end, closers = 0, ""
    is_text = is_escaped = False
    for place, letter in enumerate(text):
        if is_text:
            is_text = is_escaped or letter != '"'
            is_escaped = letter == "\\" and not is_escaped
            continue
        match letter:
            case '"':
                is_text = True
            case "[" | "{":
                opened.append(CLOSERS[letter])
            case "]" | "}" if opened:
                opened.pop()
                end, closers = place + 1, "".join(reversed(opened))
            case ",":
                end, closers = place, "".join(reversed(opened))
    return text[:end] + closers if end else text


def _at_home(answer: str, api_url: str, site: str) -> str:
    """Links to a Reverb of another place lead here; those to Reverb's own hosts the plugin itself turns round."""
    try:
        parts = urlsplit(api_url)
    except ValueError:
        return answer
    return answer.replace(f"{parts.scheme}://{parts.netloc}/", f"{site}/") if parts.scheme and parts.netloc else answer

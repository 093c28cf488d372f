"""Asks a simulator with its own token."""

import requests


def ask(simulator, path, method="GET"):
    """Status and JSON of an answer; nothing of both when the connection broke."""
    with requests.Session() as session:
        session.headers = {"Authorization": f"Bearer {simulator.token}", "Accept-Version": "3.0"}
        try:
            answer = session.request(method, f"{simulator.url}{path}", timeout=5)
        except requests.ConnectionError:
            return None, None
        return answer.status_code, answer.json()

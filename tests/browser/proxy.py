"""A reverse proxy, as stands before many shops: it takes a prefix off the path or puts one before it."""

import http.client
from urllib.parse import urlsplit

HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "date", "server"}


class Proxy:
    """A WSGI application that asks ``site``; ``headers`` tell the site behind what the browser asked for."""

    def __init__(self, site, *, strip="", add="", headers=None):
        self._address = urlsplit(site).netloc
        self._strip, self._add = strip, add
        self._headers = headers or {}

    def __call__(self, environ, start_response):
        path = environ["REQUEST_URI"]
        if not path.startswith(self._strip):
            start_response("404 Not Found", [("Content-Type", "text/html")])
            return [b"<!doctype html><title>Nothing</title>"]
        answer, body = self._ask(environ, self._add + path.removeprefix(self._strip))
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP]
        start_response(f"{answer.status} {answer.reason}", kept)
        return [body]

    def _ask(self, environ, path):
        told = {name[5:].replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}
        told |= {"X-Forwarded-Host": environ["HTTP_HOST"], "X-Forwarded-Proto": "http"} | self._headers
        told |= {"Host": self._address, "Connection": "close", "Content-Type": environ.get("CONTENT_TYPE", "")}
        connection = http.client.HTTPConnection(self._address, timeout=20)
        try:
            length = int(environ.get("CONTENT_LENGTH") or 0)
            connection.request(environ["REQUEST_METHOD"], path, environ["wsgi.input"].read(length), told)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

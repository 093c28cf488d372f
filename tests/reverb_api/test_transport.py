"""The door to the network, over real HTTP on loopback."""

import gzip
import json
import logging
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
import traceback
import warnings

import pytest
import requests
import requests_mock
import urllib3

from reverb_plugin.errors import AmbiguousError, InvalidSettingError, ReverbError, UnavailableError
from reverb_plugin.reverb_api.transport import MAX_BODY_BYTES, Timeouts
from tests.reverb_api.conftest import TOKEN
from tests.reverb_api.loopback import hang_up, reply, then_hang_up

WRITES = ["POST", "PUT", "DELETE"]
TRUNCATED = then_hang_up(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"id": 1')
BROKEN_CHUNK = then_hang_up(
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"
)
NO_LAST_CHUNK = then_hang_up(
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"
)
HTML = reply(200, "<h1>Welcome to our Wi-Fi</h1>", content_type="text/html")
NO_JSON = reply(200, '{"id": ')


class TestRequest:
    def test_headers(self, serve, connect):
        """Each request says the version, the media types, the token and who we are."""
        server = serve(reply(200, {}))
        connect(server).request("PUT", "listings/1", body={"title": "Größe"})
        sent = server.requests[0]
        assert (sent.method, sent.target) == ("PUT", "/api/listings/1")
        assert sent.headers["accept-version"] == "3.0"
        assert sent.headers["accept"] == sent.headers["content-type"] == "application/hal+json"
        assert sent.headers["authorization"] == f"Bearer {TOKEN}"
        assert sent.headers["user-agent"].startswith("reverb-plugin/")
        assert sent.headers["x-reverb-app"].startswith("reverb-plugin/")
        assert json.loads(sent.body.decode("utf-8")) == {"title": "Größe"}

    @pytest.mark.parametrize(
        ("sku", "encoded"),
        [
            ("THE+SKU", "THE%2BSKU"),
            ("a b", "a%20b"),
            ("50%2F", "50%252F"),
            ("a&b=c#d", "a%26b%3Dc%23d"),
            ("é", "%C3%A9"),
        ],
    )
    def test_params_are_percent_encoded(self, serve, connect, sku, encoded):
        """A SKU arrives as it is, whatever characters it holds."""
        server = serve(reply(200, {}))
        connect(server).request("GET", "my/listings", params={"sku": sku, "state": "all"})
        assert server.requests[0].target == f"/api/my/listings?sku={encoded}&state=all"

    def test_answer(self, serve, connect):
        """An answer holds status, lowercase headers, body, and Reverb's request id, and no query in its path."""
        server = serve(reply(422, {"message": "no"}, X_Request_Id="abc"))
        answer = connect(server).request("GET", "my/listings", params={"sku": "1"})
        assert (answer.status, answer.ok, answer.json) == (422, False, {"message": "no"})
        assert answer.text == '{"message": "no"}'
        assert answer.headers["content-type"] == "application/hal+json"
        assert (answer.request_id, answer.path, answer.method) == ("abc", "/api/my/listings", "GET")

    def test_empty_body_is_fine(self, serve, connect):
        """Ending a listing answers 200 without a body."""
        answer = connect(serve(reply(200))).request("PUT", "my/listings/1/state/end", body={"reason": "not_sold"})
        assert (answer.ok, answer.json, answer.text) == (True, None, "")

    def test_compressed_body(self, serve, connect):
        """A compressed answer is read."""
        server = serve(reply(200, gzip.compress(b'{"id": 5}'), Content_Encoding="gzip"))
        assert connect(server).request("GET", "listings/5").json == {"id": 5}

    def test_pace_is_asked_before_and_told_after_each_request(self, serve, connect, pace):
        """The pacer hears every answer with its Retry-After, and is asked once for each single request."""
        transport = connect(serve(reply(429, {}, Retry_After=7), reply(200, {})))
        transport.request("GET", "my/account")
        transport.request("GET", "my/account")
        assert pace.waits == 2
        assert pace.answers == [(429, 7.0), (200, None)]


class TestSecurity:
    def test_b2_a_certificate_nobody_vouches_for_is_refused(self, serve, connect, tmp_path, monkeypatch):
        """TLS verification cannot be switched off from the environment, and the token does not leave."""
        server = serve(reply(200, {}), certificate=_certificate(tmp_path))
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            monkeypatch.setenv(name, "")
        monkeypatch.setenv("PYTHONHTTPSVERIFY", "0")
        with pytest.raises(UnavailableError, match=r"(?i)certificate"):
            connect(server).request("POST", "listings", body={})
        assert server.requests == []

    def test_a_ca_bundle_of_the_environment_is_used(self, serve, connect, tmp_path, monkeypatch):
        """A shop behind a company's own authority can name its bundle."""
        certificate = _certificate(tmp_path)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate)
        server = serve(reply(200, {"id": 1}), certificate=certificate)
        assert connect(server).request("GET", "listings/1").json == {"id": 1}

    def test_a_missing_ca_bundle_sends_nothing(self, connect, monkeypatch):
        """A wrong path to the bundle leaves the listing alone, and the message says so."""
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/bundle.pem")
        with pytest.raises(UnavailableError, match=r"/nowhere/bundle.pem"):
            connect("https://127.0.0.1:9/api").request("PUT", "listings/1", body={})

    @pytest.mark.parametrize(
        "url",
        ["http://api.reverb.com/api", "ftp://127.0.0.1/api", "api.reverb.com", "", "http://127.0.0.1.evil.example/api"],
    )
    def test_only_https_or_this_machine(self, connect, url):
        """The token cannot be sent in the clear to another machine."""
        with pytest.raises(InvalidSettingError):
            connect(url)

    @pytest.mark.parametrize("url", ["http://localhost:1/api", "http://127.0.0.1:1", "http://[::1]:1/api/"])
    def test_http_to_this_machine(self, connect, url):
        """A simulator on loopback may be asked over plain http."""
        assert connect(url).base_url.endswith("/api")

    def test_redirects_are_not_followed(self, serve, connect):
        """A redirect is an answer like any other; nobody else gets the token, nor is its body waited for."""
        elsewhere = serve(reply(200, {}))
        server = serve(reply(302, b"moved", Location=elsewhere.url))
        assert connect(server).request("GET", "my/account").status == 302
        assert elsewhere.requests == []

    def test_a_redirect_to_nonsense_is_an_answer(self, serve, connect):
        """Nothing tries to understand where a redirect leads."""
        assert connect(serve(reply(301, b"", Location="http://["))).request("GET", "my/account").status == 301

    @pytest.mark.parametrize("token", [TOKEN, None])
    def test_netrc_gives_no_password(self, serve, connect, tmp_path, monkeypatch, token):
        """A ~/.netrc with this host neither replaces the token nor stands in for a missing one."""
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login somebody password s3cret\n")
        monkeypatch.setenv("NETRC", str(netrc))
        server = serve(reply(200, {}))
        connect(server, token=token).request("GET", "my/account")
        assert server.requests[0].headers.get("authorization") == (f"Bearer {TOKEN}" if token else None)

    def test_proxy_of_the_environment_is_used(self, serve, connect, monkeypatch):
        """A shop that reaches the world through a proxy still does."""
        proxy = serve(reply(200, {"id": 1}))
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        assert connect("http://localhost:9/api").request("GET", "listings/1").json == {"id": 1}
        assert proxy.requests[0].target == "http://localhost:9/api/listings/1"

    def test_cookies_are_forgotten(self, serve, connect):
        """No session outlives the token it was given for."""
        server = serve(reply(200, {}, Set_Cookie="session=1; Path=/"))
        transport = connect(server)
        transport.request("GET", "my/account")
        transport.request("GET", "my/account")
        assert "cookie" not in server.requests[1].headers

    @pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "tökèn"])
    def test_a_token_that_cannot_be_sent(self, connect, token):
        """A broken token is refused without being quoted."""
        with pytest.raises(InvalidSettingError) as caught:
            connect("https://api.reverb.com/api", token=token)
        assert not token or token not in str(caught.value)

    def test_global_settings_stay(self, serve, connect):
        """The host's own use of requests is as before."""
        before = dict(requests.Session().headers), requests.Session().auth, urllib3.util.Retry.DEFAULT
        connect(serve(reply(200, {}))).request("GET", "my/account")
        assert (dict(requests.Session().headers), requests.Session().auth, urllib3.util.Retry.DEFAULT) == before


class TestB3TokenStaysInside:
    @pytest.mark.parametrize(
        "answer",
        [reply(401, {"message": f"Bad token {TOKEN}"}), hang_up, TRUNCATED, HTML, reply(500, f"<p>Bearer {TOKEN}</p>")],
    )
    def test_b3_not_in_logs_nor_exceptions(self, serve, connect, caplog, answer):
        """Whatever goes wrong, neither a log line nor an exception with all its causes holds the token."""
        caplog.set_level(logging.DEBUG)
        transport = connect(serve(answer))
        texts = [repr(transport), str(vars(transport))]
        try:
            texts.append(repr(transport.request("POST", "listings", body={"sku": "1"})))
        except ReverbError as error:
            texts += traceback.TracebackException.from_exception(error, capture_locals=True).format()
            texts += [repr(vars(found)) for found in _related(error)]
        texts += [record.getMessage() for record in caplog.records] + [repr(vars(record)) for record in caplog.records]
        assert caplog.records
        assert not [text for text in texts if TOKEN in text]

    def test_b3_no_exception_brings_the_request_along(self, serve, connect):
        """The library's exceptions hold the request with its header; ours do not lead to them."""
        with pytest.raises(AmbiguousError) as caught:
            connect(serve(hang_up)).request("POST", "listings", body={})
        assert [type(found) for found in _related(caught.value)] == [AmbiguousError]


class TestLostAnswers:
    @pytest.mark.parametrize("method", ["GET", *WRITES])
    def test_refused_connection_sent_nothing(self, connect, method):
        """When no connection came about, every verb may simply be sent again."""
        with socket.create_server(("127.0.0.1", 0)) as gone:
            port = gone.getsockname()[1]
        with pytest.raises(UnavailableError, match="Connection refused"):
            connect(f"http://127.0.0.1:{port}/api").request(method, "listings/1")

    def test_unknown_name_sent_nothing(self, connect, monkeypatch):
        """A name that does not resolve is an outage, also for a write."""

        def fail(*_args, **_kwargs):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", fail)
        with pytest.raises(UnavailableError, match=r"(?i)name or service not known"):
            connect("https://api.reverb.com/api").request("POST", "listings", body={})

    @pytest.mark.parametrize(
        ("error", "expected"),
        [
            (requests.ConnectTimeout("slow"), UnavailableError),
            (requests.ReadTimeout("slow"), AmbiguousError),
            (requests.ConnectionError("reset"), AmbiguousError),
            (requests.exceptions.SSLError(ssl.SSLError(1, "bad record mac")), AmbiguousError),
            (requests.exceptions.InvalidProxyURL("malformed"), UnavailableError),
        ],
    )
    def test_kinds_of_trouble_for_a_write(self, connect, error, expected):
        """A write is ambiguous unless it is certain that nothing was sent."""
        with requests_mock.Mocker() as mocker:
            mocker.put("http://localhost/api/listings/1", exc=error)
            with pytest.raises(expected):
                connect("http://localhost/api").request("PUT", "listings/1", body={})
            assert mocker.call_count == 1

    @pytest.mark.parametrize("lost", [hang_up, TRUNCATED, BROKEN_CHUNK, NO_LAST_CHUNK, HTML, NO_JSON])
    @pytest.mark.parametrize("method", WRITES)
    def test_a_write_without_a_readable_answer_is_ambiguous(self, serve, connect, method, lost):
        """It may have taken effect, so it is not sent a second time."""
        server = serve(lost)
        with pytest.raises(AmbiguousError):
            connect(server).request(method, "listings/1", body={"title": "x"})
        assert len(server.requests) == 1

    @pytest.mark.parametrize("lost", [hang_up, TRUNCATED, BROKEN_CHUNK, NO_LAST_CHUNK, HTML, NO_JSON])
    def test_a_get_is_repeated(self, serve, connect, lost):
        """Reading again harms nobody."""
        server = serve(lost, reply(200, {"id": 1}))
        assert connect(server).request("GET", "listings/1").json == {"id": 1}
        assert len(server.requests) == 2

    def test_a_get_gives_up_after_three_tries(self, serve, connect, pace, clock):
        """Three tries, each asked of the pacer, with a pause in between."""
        server = serve(hang_up)
        with pytest.raises(UnavailableError):
            connect(server).request("GET", "listings/1")
        assert (len(server.requests), pace.waits) == (3, 3)
        assert 1.5 <= clock.monotonic() <= 3

    @pytest.mark.parametrize("status", [502, 503, 504])
    def test_a_get_is_repeated_on_a_gateway_error(self, serve, connect, status):
        """A short outage is not noticed."""
        assert connect(serve(reply(status, "<h1>Bad</h1>"), reply(200, {"id": 1}))).request("GET", "listings/1").ok

    def test_the_last_answer_counts(self, serve, connect):
        """When the outage lasts, the answer is given back as it is."""
        server = serve(reply(503, {"message": "down for tuning"}))
        assert connect(server).request("GET", "listings/1").json == {"message": "down for tuning"}
        assert len(server.requests) == 3

    @pytest.mark.parametrize("answer", [reply(429, {}), reply(500, {}), reply(404, {}), reply(503, {}, Retry_After=60)])
    def test_other_answers_are_not_repeated(self, serve, connect, answer):
        """Neither a 429 nor a server that says when to come back is asked again at once."""
        server = serve(answer, reply(200, {}))
        assert not connect(server).request("GET", "listings/1").ok
        assert len(server.requests) == 1

    @pytest.mark.parametrize("method", WRITES)
    def test_a_write_is_not_repeated_on_503(self, serve, connect, method):
        """Writes are sent once."""
        server = serve(reply(503, {}), reply(200, {}))
        assert connect(server).request(method, "listings/1", body={}).status == 503
        assert len(server.requests) == 1

    def test_the_status_counts_when_the_body_of_an_error_is_broken(self, serve, connect):
        """A refusal stays a refusal."""
        server = serve(then_hang_up(b"HTTP/1.1 422 No\r\nContent-Length: 99\r\n\r\n{"))
        answer = connect(server).request("PUT", "listings/1", body={})
        assert (answer.status, answer.json) == (422, None)

    @pytest.mark.parametrize("secured", [False, True], ids=["http", "https"])
    @pytest.mark.parametrize(
        "begin",
        [
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nX-Slow: ",
            b"HTTP/1.1 200 ",
        ],
        ids=["body", "headers", "status"],
    )
    def test_a_dripping_answer_ends_at_the_deadline(self, serve, connect, clock, tmp_path, monkeypatch, begin, secured):
        """One byte a second cannot hold a worker for ever, wherever in the answer it drips."""

        def drip(sock):
            sock.sendall(begin)
            for _ in range(1000):
                clock.advance(1)
                sock.sendall(b" ")
            return False

        certificate = _certificate(tmp_path) if secured else None
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate or "")
        with pytest.raises(AmbiguousError, match="60 seconds"):
            connect(serve(drip, certificate=certificate)).request("PUT", "listings/1", body={})

    def test_a_dripping_proxy_ends_at_the_deadline(self, serve, connect, clock, monkeypatch):
        """Nor can a proxy that never says whether the way is open."""

        def drip(sock):
            for _ in range(1000):
                clock.advance(1)
                sock.sendall(b" ")
            return False

        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{serve(drip).port}")
        with pytest.raises(ReverbError, match="60 seconds"):
            connect("https://localhost:9/api").request("PUT", "listings/1", body={})

    def test_a_silent_server_is_waited_for_until_the_deadline_only(self, serve, connect):
        """The last wait of a request ends with the request, not a read timeout later."""
        gate = threading.Event()
        server = serve(lambda _sock: gate.wait(10) and False)
        started_at = time.monotonic()
        with pytest.raises(AmbiguousError, match=r"(?i)timed out"):
            connect(server, timeouts=Timeouts(total_seconds=0.05)).request("PUT", "listings/1", body={})
        gate.set()
        assert time.monotonic() - started_at < 5

    def test_each_request_has_a_deadline_of_its_own(self, serve, connect, clock):
        """A connection that was used up to the deadline of one request has all its time again for the next."""

        def late(sock):
            clock.advance(59)
            sock.sendall(reply(200, {}))
            return True

        server = serve(late)
        transport = connect(server)
        assert all(transport.request("PUT", "listings/1", body={}).ok for _ in range(3))
        assert {request.connection for request in server.requests} == {1}

    def test_a_silent_server_times_out(self, serve, connect):
        """A request that gets no answer ends by itself."""
        gate = threading.Event()
        server = serve(lambda _sock: gate.wait(10) and False)
        with pytest.raises(AmbiguousError, match=r"(?i)timed out"):
            connect(server, timeouts=Timeouts(read_seconds=0.05)).request("PUT", "listings/1", body={})
        gate.set()

    def test_an_oversized_body_is_not_kept(self, serve, connect):
        """An answer of more than 8 MiB is refused."""
        server = serve(then_hang_up(reply(200, b" " * (MAX_BODY_BYTES + 1))))
        with pytest.raises(AmbiguousError, match="larger"):
            connect(server).request("PUT", "listings/1", body={})

    def test_a_compressed_bomb_is_not_kept(self, serve, connect):
        """The limit counts what the answer unpacks to."""
        bomb = gzip.compress(b" " * (MAX_BODY_BYTES + 1))
        server = serve(then_hang_up(reply(200, bomb, Content_Encoding="gzip")))
        with pytest.raises(AmbiguousError, match="larger"):
            connect(server).request("PUT", "listings/1", body={})

    @pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a": "\xff"}', b"nonsense"])
    def test_strange_json_is_unreadable(self, serve, connect, body):
        """No body makes the parser fall over."""
        with pytest.raises(AmbiguousError, match="JSON"):
            connect(serve(reply(200, body))).request("PUT", "listings/1", body={})


class TestConnections:
    def test_are_reused(self, serve, connect):
        """One connection carries many requests, whatever their answers."""
        server = serve(reply(200, {"id": 1}), reply(422, {"message": "no"}), reply(200), reply(302, Location="/x"))
        transport = connect(server)
        for method in ("GET", "PUT", "PUT", "GET", "GET"):
            transport.request(method, "listings/1")
        assert {request.connection for request in server.requests} == {1}

    def test_chunked_answers_leave_the_connection_usable(self, serve, connect):
        """Also an answer without a length is read to its end."""
        chunked = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        server = serve(chunked + b"2\r\n{}\r\n0\r\n\r\n")
        transport = connect(server)
        assert [transport.request("GET", "x").json for _ in range(2)] == [{}, {}]
        assert [request.connection for request in server.requests] == [1, 1]

    def test_an_idle_connection_that_was_closed_is_replaced(self, serve, connect):
        """A write after a pause takes a new connection, without any doubt about it."""
        server = serve(reply(200, {}))
        transport = connect(server)
        transport.request("GET", "my/account")
        server.drop_connections()
        assert transport.request("PUT", "listings/1", body={}).ok
        assert [request.connection for request in server.requests] == [1, 2]

    def test_a_connection_closed_under_a_write_is_ambiguous(self, serve, connect):
        """A kept-alive connection that closes at the wrong moment leaves it open whether the write arrived."""
        server = serve(reply(200, {}), hang_up)
        transport = connect(server)
        transport.request("GET", "my/account")
        with pytest.raises(AmbiguousError):
            transport.request("PUT", "listings/1", body={})
        assert len(server.requests) == 2

    def test_each_thread_has_its_own(self, serve, connect):
        """Threads share no connection."""
        server = serve(reply(200, {}))
        transport = connect(server)
        transport.request("GET", "my/account")
        thread = threading.Thread(target=transport.request, args=("GET", "my/account"))
        thread.start()
        thread.join()
        assert sorted(request.connection for request in server.requests) == [1, 2]

    def test_a_forked_child_has_its_own(self, serve, connect):
        """A child process does not write into its parent's connection, which stays usable."""
        server = serve(reply(200, {}))
        transport = connect(server)
        transport.request("GET", "my/account")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12: fork while threads run
            pid = os.fork()
        if pid == 0:
            code = 1
            try:
                code = 0 if transport.request("GET", "my/account").ok else 1
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        transport.request("GET", "my/account")
        assert [request.connection for request in server.requests] == [1, 2, 1]

    def test_close_can_be_called_again_and_ends_nothing(self, serve, connect):
        """A closed transport opens new connections when it is used once more."""
        server = serve(reply(200, {}))
        transport = connect(server)
        transport.close()
        transport.request("GET", "my/account")
        transport.close()
        transport.close()
        assert transport.request("GET", "my/account").ok


def test_module_is_the_only_one_that_loads_requests():
    """Everything else of the package can be imported on the host's request path."""
    code = (
        "import sys; from reverb_plugin.reverb_api import answer, circuit, conditions, links, models, pace, problems;"
        "sys.exit(any(name in sys.modules for name in ('requests', 'tenacity', 'urllib3')))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def _certificate(folder):
    path = folder / "server.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path, "-out", folder / "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )
    path.write_text(path.read_text() + (folder / "cert.pem").read_text())
    return str(path)


def _related(error):
    """The error and everything it leads to."""
    found = []
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and one not in found:
            found.append(one)
            waiting += [one.__cause__, one.__context__]
    return found

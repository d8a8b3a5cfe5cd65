"""HTTP: what daemon/http/README.md promises, and that nobody can abuse it."""
import base64
import hashlib
import http.client
import json
import re
import secrets
import select
import socket
import time

import harness
from harness import Case, digits, run, small_model, until, FFD, DEADLINE_S

ON = "127.0.0.1:0"


def get(d, path, method="GET", headers=None, body=None):
    """(status, headers, body) of a request on a connection of its own."""
    c = http.client.HTTPConnection("127.0.0.1", d.http_port,
                                   timeout=DEADLINE_S)
    c.request(method, path, body=body, headers=headers or {})
    answer = c.getresponse()
    got = answer.status, answer.headers, answer.read()
    c.close()
    return got


def get_json(d, path, status=200):
    code, headers, body = get(d, path)
    assert code == status, (path, code, body)
    assert headers["Content-Type"] == "application/json", headers
    return json.loads(body)


class Events:
    """A reader of /api/events."""

    def __init__(self, d, headers=None):
        self.s = socket.create_connection(("127.0.0.1", d.http_port),
                                          DEADLINE_S)
        more = "".join(f"{k}: {v}\r\n" for k, v in (headers or {}).items())
        self.s.sendall(f"GET /api/events HTTP/1.0\r\n{more}\r\n".encode())
        self.f = self.s.makefile("rb")

    def next(self, want=None):
        """The data of the next event, or of the next that is named so."""
        name = None
        while True:
            line = self.f.readline()
            if not line:
                return None
            if line.startswith(b"event: "):
                name = line[7:].strip().decode()
            if line.startswith(b"data: ") and want in (None, name):
                return name, json.loads(line[6:])

    def close(self):
        self.f.close()
        self.s.close()


def readers(d):
    return get_json(d, "/api/stats")["daemon"]["http"]["readers"]


class Answers(Case):
    def setUp(self):
        self.d = self.daemon(http=ON)

    def test_the_page_and_its_files_are_there_with_their_type(self):
        code, headers, body = get(self.d, "/")
        self.assertEqual(code, 200)
        self.assertIn("text/html", headers["Content-Type"])
        self.assertIn("default-src 'self'", headers["Content-Security-Policy"])
        self.assertIn(b"<html", body)
        page = (harness.TREE / "clients/web/index.html").read_bytes()
        self.assertEqual(body, page)

    def test_a_file_that_is_known_is_not_sent_again(self):
        _, headers, _ = get(self.d, "/")
        tag = headers["ETag"]
        for known in (tag, f"W/{tag}", f'"other", {tag}'):
            code, _, body = get(self.d, "/", headers={"If-None-Match": known})
            self.assertEqual((code, body), (304, b""), known)
        code, _, body = get(self.d, "/", headers={"If-None-Match": '"other"'})
        self.assertEqual(code, 200)

    def test_head_is_get_without_a_body(self):
        for path in ("/", "/api/stats", "/metrics", "/healthz"):
            code, headers, body = get(self.d, path, "HEAD")
            self.assertEqual((code, body), (200, b""), path)
            self.assertGreater(int(headers["Content-Length"]), 0)

    def test_a_head_of_events_makes_no_reader(self):
        code, headers, body = get(self.d, "/api/events", "HEAD")
        self.assertEqual((code, body), (200, b""))
        self.assertEqual(headers["Content-Type"], "text/event-stream")
        until(lambda: readers(self.d) == 0, "nobody reads")

    def test_pictures_are_not_shown_once_they_are_off(self):
        c = self.d.connect()
        frames, labels = digits(0, 64)
        c.call("learn_batch", "m", frames.tobytes(), labels)
        def portrait():
            return get_json(self.d, "/api/models/m/portrait")
        until(lambda: portrait().get("frames"), "there are pictures")
        self.d.configure({"m": small_model()}, http=ON, http_pictures="off")
        self.d.hangup()
        until(lambda: "configuration read again" in self.d.log(), "reloaded")
        self.assertFalse(portrait().get("frames"))
        shown = until(lambda: portrait()["ready"] and portrait(), "one without")
        self.assertFalse(shown["pictures"])

    def test_a_portrait_tells_which_layers_are_convolutions(self):
        d = self.daemon({"m": small_model(
            layers=[{"conv": 4, "kernel": 3}, {"dense": 16}],
            objective="label_pattern", pattern="strips")}, http=ON)
        frames, labels = digits(0, 64)
        d.connect().call("learn_batch", "m", frames.tobytes(), labels)
        def portrait():
            return get_json(d, "/api/models/m/portrait")
        shown = until(lambda: portrait().get("frames") and portrait(),
                      "there are pictures")
        self.assertEqual([(one["kind"], one["units"])
                          for one in shown["layers"]],
                         [("conv", 4), ("dense", 16)])

    def test_history_keeps_no_name_that_a_label_ever_had(self):
        c = self.d.connect()
        frames, labels = digits(0, 64)
        c.call("learn_batch", "m", frames.tobytes(), labels)
        c.call("labels_rename", "m", "3", "grandmother")
        c.call("labels_merge", "m", "grandmother", "5")
        c.call("labels_rename", "m", "7", "neighbour")
        c.call("labels_forget", "m", "neighbour")
        past = get_json(self.d, "/api/models/m/history")
        self.assertNotIn("grandmother", json.dumps(past))
        self.assertNotIn("neighbour", json.dumps(past))
        marks = [m for m in past["history"]["marks"] if m["kind"] == "label"]
        self.assertEqual([m["text"] for m in marks],
                         [f"a label was {done}" for done in
                          ("renamed", "merged", "renamed", "forgotten")])

    def test_the_json_is_what_rpc_answers(self):
        c = self.d.connect()
        frames, labels = digits(0, 64)
        c.call("learn_batch", "m", frames.tobytes(), labels)
        self.assertEqual(get_json(self.d, "/api/models"), c.call("models"))
        web = get_json(self.d, "/api/models/m/status")
        rpc = c.call("status", "m")
        self.assertEqual(set(web), set(rpc))
        for key in ("model", "seq", "labels", "input", "objective"):
            self.assertEqual(web[key], rpc[key])
        self.assertEqual(set(get_json(self.d, "/api/stats")["models"]["m"]),
                         set(c.call("stats")["models"]["m"]))

    def test_health_and_readiness(self):
        self.assertEqual(get(self.d, "/healthz")[0], 200)
        self.assertEqual(get_json(self.d, "/readyz"),
                         {"ready": True, "reasons": []})

    def test_what_is_not_there_is_said_in_json(self):
        for path in ("/x", "/api", "/api/", "/api/models/", "/api/models/m",
                     "/api/models/m/", "/api/models/m/x", "/style.css/",
                     "/../etc/passwd", "/%2e%2e/etc/passwd", "/%00",
                     "/api/models/" + "m" * 3000 + "/status"):
            answer = get_json(self.d, path, 404)
            self.assertRegex(answer["error"], r"^[A-Z_]+: ")
        self.assertIn("UNKNOWN_MODEL",
                      get_json(self.d, "/api/models/x/status", 404)["error"])

    def test_nothing_can_be_changed(self):
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
            code, headers, _ = get(self.d, "/api/models/m/status", method,
                                   body=b"x" * 100)
            self.assertEqual((code, headers["Allow"]), (405, "GET, HEAD"))

    def test_a_page_under_another_name_is_refused(self):
        for host in ("evil.example", "evil.example:7311", "127.0.0.1.evil",
                     "localhost.evil", "localhost:80:80", "", "[::1",
                     "localhost@evil"):
            code = get(self.d, "/api/stats", headers={"Host": host})[0]
            self.assertEqual(code, 421, host)
        for host in ("localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:7311"):
            code = get(self.d, "/api/stats", headers={"Host": host})[0]
            self.assertEqual(code, 200, host)


class Tokens(Case):
    def guarded(self):
        """A daemon, its file of one token, the token and its salt."""
        token, salt = secrets.token_hex(16), secrets.token_hex(16)
        digest = hashlib.sha256((salt + token).encode()).hexdigest()
        d = self.prepare(http=ON)
        file = d.dir / "tokens"
        file.write_text(f"query:{salt}:{digest}\n", encoding="utf-8")
        file.chmod(0o600)
        d.configure({"m": small_model()}, http=ON, tokens=str(file))
        return d.start(), file, token, salt

    def test_who_reads_by_a_token_that_goes_reads_no_more(self):
        d, file, token, _ = self.guarded()
        bearer = {"Authorization": f"Bearer {token}"}
        events = Events(d, bearer)
        self.assertEqual(events.next()[0], "tick")
        file.write_text("", encoding="utf-8")
        d.hangup()
        while events.next():
            pass
        events.close()
        self.assertEqual(get(d, "/api/events", headers=bearer)[0], 401)

    def test_are_asked_for_where_there_are_any(self):
        d, _, token, salt = self.guarded()
        basic = base64.b64encode(f"x:{token}".encode()).decode()
        wrong = base64.b64encode(f"x:{salt}".encode()).decode()
        for headers, code in (({}, 401),
                              ({"Authorization": f"Bearer {token}"}, 200),
                              ({"Authorization": f"Basic {basic}"}, 200),
                              ({"Authorization": f"Bearer {salt}"}, 401),
                              ({"Authorization": f"Basic {wrong}"}, 401),
                              ({"Authorization": "Basic !"}, 401),
                              ({"Authorization": "Bearer"}, 401)):
            for path in ("/", "/metrics", "/api/stats"):
                got, answer, _ = get(d, path, headers=headers)
                self.assertEqual(got, code, (path, headers))
                self.assertEqual("WWW-Authenticate" in answer, code == 401)
        self.assertEqual(get(d, "/healthz")[0], 200)
        self.assertEqual(get(d, "/readyz")[0], 200)


class Reading(Case):
    def setUp(self):
        self.d = self.daemon(http=ON)

    def test_ticks_come_and_tell_what_stats_tells(self):
        events = Events(self.d)
        name, first = events.next()
        self.assertEqual(name, "tick")
        self.assertEqual(set(first), {"time", "daemon", "models"})
        _, second = events.next("tick")
        self.assertGreater(second["time"], first["time"])
        self.assertAlmostEqual(second["time"], time.time(), delta=60)
        events.close()
        until(lambda: readers(self.d) == 0, "the reader is gone")

    def test_a_snapshot_is_told(self):
        events = Events(self.d)
        events.next("tick")
        c = self.d.connect()
        frames, labels = digits(0, 32)
        c.call("learn_batch", "m", frames.tobytes(), labels)
        saved = c.call("save", "m", {"wait": True})
        _, told = events.next("snapshot")
        self.assertEqual(told["model"], "m")
        self.assertEqual(told["seq"], saved["seq"])
        events.close()

    def test_who_does_not_read_is_cut_off_and_others_go_on(self):
        # Of so many models a tick is 44 KB.
        tiny = {"input": {"shape": [4]}, "classes": 2, "memory": 8,
                "layers": [{"dense": 4}]}
        d = self.daemon({f"m{i}": tiny for i in range(100)}, http=ON)
        lazy = socket.socket()
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.connect(("127.0.0.1", d.http_port))
        lazy.sendall(b"GET /api/events HTTP/1.0\r\n\r\n")
        events = Events(d)
        until(lambda: readers(d) == 2, "both are readers")
        while readers(d) == 2:
            self.assertEqual(events.next("tick")[0], "tick")
        self.assertEqual(events.next("tick")[0], "tick")
        self.assertIn("does not read; cut off", d.log())
        events.close()
        lazy.close()

    def test_a_stop_does_not_wait_for_readers(self):
        all_ = [Events(self.d) for _ in range(10)]
        for e in all_:
            e.next("tick")
        began = time.monotonic()
        self.d.stop()
        self.assertLess(time.monotonic() - began, DEADLINE_S / 2)
        for e in all_:
            while e.next():
                pass
            e.close()


class Abuse(Case):
    def setUp(self):
        self.d = self.daemon(http=ON)

    def test_connections_are_bounded_and_come_back(self):
        peers = [socket.create_connection(("127.0.0.1", self.d.http_port),
                                          DEADLINE_S) for _ in range(100)]
        def open_():
            return self.d.connect().call("stats")["daemon"]["http"][
                "connections"]
        until(lambda: open_() > 0, "they are there")
        self.assertLessEqual(open_(), 64)
        self.assertEqual(self.d.connect().call("ping"), "pong")
        for p in peers:
            p.close()
        until(lambda: open_() == 0, "they are gone")
        self.assertEqual(get(self.d, "/healthz")[0], 200)

    def test_who_comes_when_all_places_are_taken_is_answered_after(self):
        def connect():
            return socket.create_connection(("127.0.0.1", self.d.http_port),
                                            DEADLINE_S)
        first = [connect() for _ in range(64)]
        client = self.d.connect()
        until(lambda: client.call("stats")["daemon"]["http"]["connections"]
              == 64, "all places are taken")
        late = connect()
        late.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        self.assertEqual(select.select([late], [], [], 0.1)[0], [])
        first.pop().close()
        self.assertIn(b"200 OK", late.recv(65536))
        for s in [*first, late]:
            s.close()

    def test_memory_comes_back(self):
        def storm():
            peers = [Events(self.d) for _ in range(30)]
            for p in peers:
                p.next("tick")
            halves = [socket.create_connection(
                ("127.0.0.1", self.d.http_port), DEADLINE_S)
                for _ in range(30)]
            for s in halves:
                s.sendall(b"GET / HTTP/1.1\r\nX: " + b"y" * 30000)
            for _ in range(20):
                get(self.d, "/metrics")
            for p in [*peers, *halves]:
                p.close()
            until(lambda: readers(self.d) == 0, "they are gone")
        storm()
        before = self.d.rss(), self.d.descriptors()
        for _ in range(5):
            storm()
        self.assertLess(self.d.rss() - before[0],
                        (64 if harness.SANITIZER else 8) << 20)
        until(lambda: self.d.descriptors() <= before[1], "closed")

    def test_half_a_request_holds_up_nobody(self):
        halves = []
        for text in (b"G", b"GET /", b"GET / HTTP/1.1\r\nHost: localhost\r\n",
                     b"POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\nx"):
            s = socket.create_connection(("127.0.0.1", self.d.http_port),
                                         DEADLINE_S)
            s.sendall(text)
            halves.append(s)
        self.assertEqual(get(self.d, "/healthz")[0], 200)
        for s in halves:
            s.close()

    def test_nonsense_is_refused_and_survived(self):
        for text in (b"\x00" * 100, b"\x16\x03\x01\x02\x00" * 50,
                     b"GET / HTTP/9.9\r\n\r\n", b"A" * 100000,
                     b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20000 + b"\r\n",
                     b"GET /" + b"a" * 60000 + b" HTTP/1.1\r\n\r\n",
                     b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                     b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                     b"ffffffffffffffff\r\n"):
            with socket.create_connection(("127.0.0.1", self.d.http_port),
                                          DEADLINE_S) as s:
                try:
                    s.settimeout(1) # some are left waiting for more
                    s.sendall(text)
                    s.shutdown(socket.SHUT_WR)
                    while s.recv(65536):
                        pass
                except OSError:
                    pass
        self.assertEqual(get(self.d, "/healthz")[0], 200)

    def test_many_requests_on_one_connection(self):
        c = http.client.HTTPConnection("127.0.0.1", self.d.http_port,
                                       timeout=DEADLINE_S)
        for _ in range(200):
            c.request("GET", "/api/stats")
            answer = c.getresponse()
            self.assertEqual(answer.status, 200)
            answer.read()
        c.close()

    def test_requests_sent_ahead_are_answered_in_order(self):
        with socket.create_connection(("127.0.0.1", self.d.http_port),
                                      DEADLINE_S) as s:
            s.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
                      b"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n"
                      b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
                      b"Connection: close\r\n\r\n")
            text = b""
            while part := s.recv(65536):
                text += part
        self.assertEqual(re.findall(rb"HTTP/1.1 (\d+) ", text),
                         [b"200", b"404", b"200"])


class Starting(Case):
    def test_a_port_that_is_taken_refuses_the_start(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            d = self.prepare(http=f"127.0.0.1:{port}")
            done = run(FFD, "-c", d.config)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"http: cannot listen on 127.0.0.1:{port}", done.stderr)
        self.assertIn("choose another port, or off", done.stderr)

    def test_a_default_port_that_is_taken_is_a_warning(self):
        with socket.socket() as taken:
            try:
                taken.bind(("127.0.0.1", 7311))
                taken.listen()
            except OSError:
                pass # somebody else has it: as good
            d = self.prepare()
            whole = json.loads(d.config.read_text("utf-8"))
            del whole["http"]
            whole["models"] = {"m": small_model()}
            d.configure({}, json.dumps(whole))
            d.start()
            self.assertIn("no dashboard: cannot listen on 127.0.0.1:7311",
                          d.log())
            self.assertIn("set http: to another port, or to off", d.log())
            self.assertIsNone(d.http_port)
            self.assert_serves(d)

    def test_the_same_port_can_be_had_again(self):
        d = self.daemon(http=ON)
        port = d.http_port
        events = Events(d)
        events.next("tick")
        d.stop()
        events.close()
        d.configure({"m": small_model()}, http=f"127.0.0.1:{port}")
        d.start()
        self.assertEqual(d.http_port, port)

    def test_an_address_of_other_machines_is_refused(self):
        for address in ("0.0.0.0:7311", "192.0.2.1:7311", "example.org:80",
                        "7311", ":7311", "on"):
            d = self.prepare(http=address)
            done = run(FFD, "--check", "-c", d.config)
            self.assertEqual(done.returncode, 78, address)
            self.assertIn("http: must be HOST:PORT", done.stderr)

    def test_off_is_off(self):
        d = self.daemon()
        self.assertIsNone(d.http_port)


if __name__ == "__main__":
    harness.main()

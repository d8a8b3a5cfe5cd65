"""Who may do what: tokens, Unix peers, TLS, and what a reload does to them.

Keys and certificates are made for the run, by the openssl command.
"""
import grp
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import unittest
import warnings

import harness
from harness import (DEADLINE_S, FFCTL, FFD, IMAGES, LABELS, LEARN, Case,
                     digits, environment, learn_all, run, small_model, until)
from rpc import Client, RpcError

LADDER = ["none", "query", "feed", "admin"]
NOBODY = 65534

# A value for each parameter: whatever a method is called with, its role is
# looked at. A new parameter needs one here.
EXAMPLES = {"about": {}, "token": "0" * 32, "model": "x",
            "spec": "input: {shape: [4]}", "frame": bytes(4),
            "frames": bytes(8), "label": "a", "labels": None, "id": "1:1",
            "from": "a", "to": "b", "amount": None, "n": 1, "version": "1",
            "offset": 0, "data": b"x", "total": 1, "topics": [], "opts": {}}


def new_token(role):
    """A token, and its line."""
    made = run(FFD, "--new-token", role, check=0)
    return made.stderr.removeprefix("token: ").strip(), made.stdout


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True,
                   capture_output=True, timeout=DEADLINE_S)


class Authority:
    """A CA of one test, and what it signs."""

    def __init__(self, folder, name="ca"):
        self.folder = folder
        self.key, self.cert = folder / f"{name}.key", folder / f"{name}.pem"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                f"/CN={name}", "-keyout", self.key, "-out", self.cert)

    def sign(self, name, san="IP:127.0.0.1"):
        """(certificate, key) of that name."""
        key, cert = self.folder / f"{name}.key", self.folder / f"{name}.pem"
        asked, ext = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                "-keyout", key, "-out", asked)
        ext.write_text(f"subjectAltName={san}\n", encoding="ascii")
        openssl("x509", "-req", "-in", asked, "-CA", self.cert, "-CAkey",
                self.key, "-CAcreateserial", "-days", "2", "-extfile", ext,
                "-out", cert)
        return cert, key


class SecureCase(Case):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ffd-e2e-keys-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.tokens = self.folder / "tokens"

    def write_tokens(self, *lines, mode=0o600):
        self.tokens.write_text("# tokens\n" + "".join(lines), encoding="ascii")
        self.tokens.chmod(mode)

    def make_tokens(self):
        """A token of each role, in the file."""
        made = {role: new_token(role) for role in LADDER[1:]}
        self.write_tokens(*(line for _, line in made.values()))
        return {role: token for role, (token, _) in made.items()}

    def make_certificates(self):
        self.ca = Authority(self.folder)
        self.cert, self.key = self.ca.sign("server")
        return {"certificate": str(self.cert), "key": str(self.key)}

    def guarded(self, models=None, listen=(), **top):
        """A daemon with tokens, on a Unix socket, a port and more."""
        d = self.prepare()
        self.set_up(d, models, listen, **top)
        return d.start()

    def set_up(self, d, models=None, listen=(), **top):
        d.configure({"m": small_model()} if models is None else models,
                    listen=[f"unix:{d.socket}", "tcp:127.0.0.1:0", *listen],
                    **top)

    def reload(self, d, expect):
        """SIGHUP; the log says what came of it."""
        before = d.log().count(expect)
        d.hangup()
        until(lambda: d.log().count(expect) > before, expect)

    def assert_closed(self, client):
        until(lambda: not client.read_some(), "the connection is closed")


def tls_port(d):
    return int(re.search(r"listening on tls:\S+, port (\d+)", d.log()).group(1))


class Roles(SecureCase):
    def outcome(self, client, method):
        """The error's code, or None."""
        params = [EXAMPLES[p["name"]] for p in method["params"]]
        try:
            client.call(method["name"], *params)
        except RpcError as e:
            return e.code
        return None

    def check_all(self, connect, role, methods):
        for method in methods:
            client = connect()
            allowed = LADDER.index(role) >= LADDER.index(method["role"])
            code = self.outcome(client, method)
            with self.subTest(role=role, method=method["name"]):
                if allowed:
                    self.assertNotEqual(code, "NOT_ALLOWED")
                else:
                    self.assertEqual(code, "NOT_ALLOWED")
            client.close()

    def test_each_method_is_for_its_role_and_those_above(self):
        methods = json.loads(run(FFD, "--api-info", check=0).stdout)["methods"]
        tokens = self.make_tokens()
        d = self.guarded(tokens=str(self.tokens))

        def connect(role):
            client = d.connect(tcp=True)
            if role != "none":
                self.assertEqual(client.call("auth", tokens[role]),
                                 {"role": role})
            return client

        for role in LADDER:
            self.check_all(lambda r=role: connect(r), role, methods)
        self.check_all(d.connect, "admin", methods)

    def test_without_a_role_there_are_hello_ping_and_auth(self):
        methods = json.loads(run(FFD, "--api-info", check=0).stdout)["methods"]
        self.assertEqual({m["name"] for m in methods if m["role"] == "none"},
                         {"hello", "ping", "auth"})

    def test_hello_says_what_is_required_and_what_one_has(self):
        tokens = self.make_tokens()
        d = self.guarded(tokens=str(self.tokens))
        client = d.connect(tcp=True)
        self.assertEqual(client.call("hello")["auth"],
                         {"required": "token", "role": "none"})
        client.call("auth", tokens["query"])
        self.assertEqual(client.call("hello")["auth"],
                         {"required": "token", "role": "query"})
        self.assertEqual(d.connect().call("hello")["auth"],
                         {"required": "none", "role": "admin"})

    def test_a_token_gives_more_and_never_less(self):
        tokens = self.make_tokens()
        client = self.guarded(tokens=str(self.tokens)).connect(tcp=True)
        self.assertEqual(client.call("auth", tokens["feed"])["role"], "feed")
        self.assertEqual(client.call("auth", tokens["query"])["role"], "feed")
        self.assertEqual(client.call("auth", tokens["admin"])["role"], "admin")

    def test_a_refusal_names_the_mend(self):
        tokens = self.make_tokens()
        d = self.guarded(tokens=str(self.tokens))
        client = d.connect(tcp=True)
        self.assertIn("auth TOKEN", self.assert_refused(
            "NOT_ALLOWED", client.call, "models"))
        client.call("auth", tokens["query"])
        self.assertIn("the token gives query", self.assert_refused(
            "NOT_ALLOWED", client.call, "save", "m"))

    def test_without_tokens_loopback_may_ask_and_feed(self):
        client = self.daemon().connect(tcp=True)
        self.assertEqual(client.call("hello")["auth"],
                         {"required": "none", "role": "feed"})
        learn_all(client, n=64)
        self.assertIn("token", self.assert_refused(
            "NOT_ALLOWED", client.call, "drop_model", "m"))
        self.assert_refused("BAD_TOKEN", client.call, "auth", "0" * 32)


@unittest.skipIf(os.geteuid() != 0, "only root can be somebody else")
class UnixPeers(SecureCase):
    SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
from rpc import Client, RpcError
with Client(sys.argv[2], 20) as c:
    print(c.call("hello")["auth"]["role"])
    try:
        c.call("drop_model", "x")
    except RpcError as e:
        print(e)
"""

    def as_nobody(self, d, groups=()):
        """Its role and what drop_model is answered, as another user."""
        os.chmod(d.dir, 0o755)
        os.chmod(d.socket, 0o666)
        here = pathlib.Path(tempfile.mkdtemp(prefix="ffd-e2e-rpc-"))
        self.addCleanup(shutil.rmtree, here)
        shutil.copy(pathlib.Path(__file__).parent / "rpc.py", here)
        os.chmod(here, 0o755)
        os.chmod(here / "rpc.py", 0o644)
        done = subprocess.run(
            ["/usr/bin/python3", "-B", "-c", self.SCRIPT, str(here),
             str(d.socket)], user=NOBODY, group=NOBODY, extra_groups=groups,
            capture_output=True, text=True, timeout=DEADLINE_S, check=True)
        return done.stdout.splitlines()

    def test_whoever_can_open_the_socket_is_admin_by_default(self):
        role, answer = self.as_nobody(self.daemon())
        self.assertEqual(role, "admin")
        self.assertIn("UNKNOWN_MODEL", answer)

    def test_admins_are_root_and_those_named(self):
        d = self.guarded(admins=[])
        self.assertEqual(d.connect().call("hello")["auth"]["role"], "admin")
        role, answer = self.as_nobody(d)
        self.assertEqual(role, "feed")
        self.assertIn("NOT_ALLOWED", answer)
        self.assertIn(f"uid {NOBODY}, pid ", answer)
        self.set_up(d, admins=["nobody"])
        self.reload(d, "configuration read again")
        self.assertEqual(self.as_nobody(d)[0], "admin")

    def test_a_group_may_be_named(self):
        d = self.guarded(admins=["@daemon"])
        self.assertEqual(self.as_nobody(d)[0], "feed")
        self.assertEqual(
            self.as_nobody(d, [grp.getgrnam("daemon").gr_gid])[0], "admin")


class Greeting(SecureCase):
    def setUp(self):
        super().setUp()
        self.made = self.make_tokens()
        self.d = self.guarded(tokens=str(self.tokens))

    def test_who_shows_no_token_is_closed(self):
        shown, silent = self.d.connect(tcp=True), self.d.connect(tcp=True)
        shown.call("auth", self.made["query"])
        self.assertEqual(silent.call("ping"), "pong")
        answers = silent.read_to_end()
        self.assertIn("NOT_ALLOWED", answers[0][0])
        self.assertIn("no token within 2000 ms", self.d.log())
        # Those who did go on, and so do those on the Unix socket.
        self.assertEqual(shown.call("ping"), "pong")
        self.assertEqual(self.d.connect().call("ping"), "pong")

    def test_messages_are_small_until_a_token_is_shown(self):
        big = bytes(17000)
        client = self.d.connect(tcp=True)
        client.send("ping", big)
        self.assertIn("TOO_LARGE", client.read_to_end()[0][0])
        # One packet: the token, and what it allows.
        client = self.d.connect(tcp=True)
        first, auth = client.request("auth", self.made["feed"])
        second, learn = client.request("learn", "m", big, None)
        client.raw(first + second)
        self.assertEqual(client.wait(auth), {"role": "feed"})
        with self.assertRaises(RpcError) as caught:
            client.wait(learn)
        self.assertEqual(caught.exception.code, "BAD_FRAME")
        self.assertEqual(client.call("ping"), "pong")

    def test_three_bad_tokens_close_the_connection(self):
        client = self.d.connect(tcp=True)
        wrong = self.made["feed"][:-1] + "0z"[self.made["feed"][-1] == "0"]
        for token in (wrong, "", "x" * 10000):
            self.assert_refused("BAD_TOKEN", client.call, "auth", token)
        self.assert_closed(client)
        self.assertIn("127.0.0.1:", self.d.log())
        self.assertIn("a bad token", self.d.log())
        for token in self.made.values():
            self.assertNotIn(token, self.d.log())

    def test_notifications_are_not_learned_without_a_token(self):
        client = self.d.connect(tcp=True)
        client.notify("learn", "m", bytes(64), "7")
        self.assertEqual(client.call("ping"), "pong")
        self.assertEqual(self.d.connect().call("status", "m")["seq"], 0)


class Reload(SecureCase):
    OLD = "the old configuration stays"
    NEW = "configuration read again"

    def shown(self, d, token):
        client = d.connect(tcp=True)
        client.call("auth", token)
        return client

    def test_a_file_that_does_not_validate_changes_nothing(self):
        made = self.make_tokens()
        d = self.guarded(tokens=str(self.tokens))
        client = self.shown(d, made["query"])
        good = self.tokens.read_text("ascii")
        self.write_tokens("feed:nonsense\n")
        self.reload(d, self.OLD)
        self.write_tokens(good, mode=0o644)
        self.reload(d, self.OLD)
        self.tokens.unlink()
        self.reload(d, self.OLD)
        self.assertEqual(client.call("models")[0]["name"], "m")
        self.shown(d, made["admin"])
        self.assert_refused("NOT_ALLOWED", d.connect(tcp=True).call, "models")

    def test_a_token_that_went_takes_its_connections_along(self):
        made = self.make_tokens()
        d = self.guarded(tokens=str(self.tokens))
        stays, goes = self.shown(d, made["query"]), self.shown(d, made["feed"])
        local = d.connect()
        lines = self.tokens.read_text("ascii").splitlines(keepends=True)
        self.write_tokens(*(l for l in lines if not l.startswith("feed:")))
        self.reload(d, self.NEW)
        self.assert_closed(goes)
        self.assertEqual(stays.call("ping"), "pong")
        self.assertEqual(local.call("ping"), "pong")
        self.assert_refused("BAD_TOKEN", d.connect(tcp=True).call, "auth",
                            made["feed"])

    def test_tokens_that_come_close_those_without_one(self):
        d = self.guarded()
        open_to_all, local = d.connect(tcp=True), d.connect()
        self.assertEqual(open_to_all.call("models")[0]["name"], "m")
        made = self.make_tokens()
        self.set_up(d, tokens=str(self.tokens))
        self.reload(d, self.NEW)
        self.assert_closed(open_to_all)
        self.assertEqual(local.call("ping"), "pong")
        self.shown(d, made["feed"])

    def test_tokens_that_go_leave_what_the_port_gives(self):
        made = self.make_tokens()
        d = self.guarded(tokens=str(self.tokens))
        admin = self.shown(d, made["admin"])
        self.set_up(d)
        self.reload(d, self.NEW)
        self.assert_closed(admin)
        self.assertEqual(
            d.connect(tcp=True).call("hello")["auth"]["role"], "feed")

    def test_certificates_are_read_again_whole(self):
        files = self.make_certificates()
        d = self.guarded(listen=["tls:127.0.0.1:0"], tls=files)
        where = ("127.0.0.1", tls_port(d))
        old = ssl.create_default_context(cafile=str(self.ca.cert))
        running = Client(where, DEADLINE_S, old)
        self.addCleanup(running.close)
        other = Authority(self.folder, "other")
        cert, key = other.sign("renewed")
        self.cert.write_bytes(cert.read_bytes())
        self.reload(d, self.OLD)  # the key is still the old one's
        Client(where, DEADLINE_S, old).close()
        self.key.write_bytes(key.read_bytes())
        self.reload(d, self.NEW)
        with self.assertRaises(ssl.SSLCertVerificationError):
            Client(where, DEADLINE_S, old)
        new = ssl.create_default_context(cafile=str(other.cert))
        Client(where, DEADLINE_S, new).close()
        self.assertEqual(running.call("ping"), "pong")


class FailsClosed(SecureCase):
    def refused(self, **top):
        d = self.prepare()
        d.configure({}, **{"listen": [f"unix:{d.socket}"], **top})
        d.launch()
        code, d.process = d.wait(), None
        self.assertNotEqual(code, 0)
        self.assertFalse(d.socket.exists())
        return d.log()

    def test_addresses_of_other_machines_need_tls_and_tokens(self):
        files = self.make_certificates()
        for address, top, missing in (
                ("tcp:0.0.0.0:0", {"tokens": "/t"}, "not encrypted"),
                ("tls:0.0.0.0:0", {"tokens": "/t"}, "tls.certificate"),
                ("tls:0.0.0.0:0", {"tls": files}, "tokens or tls.client_ca"),
                ("tls:[::]:0", {"tls": files}, "tokens or tls.client_ca")):
            self.assertIn(missing, self.refused(listen=[address], **top))

    def test_files_that_cannot_be_used_refuse_the_start(self):
        files = self.make_certificates()
        _, line = new_token("feed")
        self.write_tokens(line, mode=0o644)
        self.assertIn("chmod 640", self.refused(tokens=str(self.tokens)))
        self.write_tokens("feed:x\n")
        self.assertIn("tokens:2:", self.refused(tokens=str(self.tokens)))
        files["key"] = str(self.ca.key)
        self.assertIn("tls.key", self.refused(tls=files))
        self.assertIn("no-such-user", self.refused(admins=["no-such-user"]))

    def test_check_reads_the_files_too(self):
        config = self.folder / "ffd.yaml"
        config.write_text(f"tokens: {self.tokens}\n", encoding="ascii")
        self.assertIn("cannot read", run(FFD, "-c", config, "--check",
                                         check=78).stderr)
        self.make_tokens()
        run(FFD, "-c", config, "--check", check=0)

    def test_a_token_is_made_of_a_role(self):
        self.assertIn("query, feed or admin",
                      run(FFD, "--new-token", "root", check=2).stderr)


class Tls(SecureCase):
    def serve(self, models=None, client_ca=False, **top):
        files = self.make_certificates()
        if client_ca:
            files["client_ca"] = str(self.ca.cert)
        self.d = self.guarded(models, listen=["tls:127.0.0.1:0"], tls=files,
                              **top)
        self.port = tls_port(self.d)
        return self.d

    @property
    def address(self):
        return f"tls:127.0.0.1:{self.port}"

    def context(self):
        return ssl.create_default_context(cafile=str(self.ca.cert))

    def connect(self, context=None):
        client = Client(("127.0.0.1", self.port), DEADLINE_S,
                        context or self.context())
        self.d.clients.append(client)
        return client

    def ctl(self, *words, check=0, address=None, ca=None, env=None):
        done = subprocess.run(
            [str(FFCTL), "-s", address or self.address, "--ca",
             str(ca or self.ca.cert), *map(str, words)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=DEADLINE_S, env={**environment(), **(env or {})},
            check=False)
        self.assertEqual(done.returncode, check, done.stderr)
        return done

    def failures(self):
        return self.d.connect().call("stats")["daemon"]["tls_failures"]

    def test_ffctl_learns_and_predicts(self):
        made = self.make_tokens()
        self.serve(tokens=str(self.tokens))
        token = self.folder / "mine"
        token.write_text(made["feed"] + "\n", encoding="ascii")
        token.chmod(0o600)
        mine = ("--token-file", token)
        self.ctl(*mine, "feed", "m", "--idx", IMAGES, LABELS, "--limit", LEARN)
        told = json.loads(self.ctl(*mine, "--json", "eval", "m", "--idx",
                                   IMAGES, LABELS, "--offset", LEARN).stdout)
        self.assertGreater(told["accuracy"], 0.8)
        lines = self.ctl("predict", "m", "--idx", IMAGES, "--limit", 5,
                         env={"FFD_TOKEN": made["query"]}).stdout.splitlines()
        self.assertEqual(len(lines), 5)
        self.assertIn("BAD_TOKEN", self.ctl(
            "models", env={"FFD_TOKEN": "0" * 32}, check=1).stderr)
        self.assertIn("NOT_ALLOWED", self.ctl("models", check=1).stderr)
        self.assertIn("NOT_ALLOWED", self.ctl(
            "drop", "m", env={"FFD_TOKEN": made["feed"]}, check=1).stderr)
        self.ctl("drop", "m", env={"FFD_TOKEN": made["admin"]})

    def test_ffctl_refuses_a_server_it_cannot_trust(self):
        self.serve()
        self.ctl("ping")
        other = Authority(self.folder, "other")
        self.assertIn("not trusted", self.ctl("ping", ca=other.cert,
                                              check=3).stderr)
        self.assertIn("not trusted", self.ctl(
            "ping", ca="/etc/ssl/certs/ca-certificates.crt"
            if os.path.exists("/etc/ssl/certs/ca-certificates.crt")
            else other.cert, check=3).stderr)
        # The certificate is of 127.0.0.1 alone.
        self.assertIn("ostname mismatch", self.ctl(
            "ping", address=f"tls:localhost:{self.port}", check=3).stderr)
        self.ctl("ping", address=f"tcp:127.0.0.1:{self.d.port}")
        self.assertIn("handshake", self.ctl(
            "ping", address=f"tls:127.0.0.1:{self.d.port}", check=3).stderr)

    def test_a_certificate_of_the_client_is_required(self):
        self.serve(client_ca=True)
        cert, key = self.ca.sign("client")
        self.ctl("--cert", cert, "--key", key, "ping")
        self.ctl("ping", env={"FFD_CERT": str(cert), "FFD_KEY": str(key)})
        self.ctl("ping", check=3)
        other = Authority(self.folder, "other")
        stranger, its_key = other.sign("stranger")
        self.ctl("--cert", stranger, "--key", its_key, "ping", check=3)
        until(lambda: self.failures() == 2, "both failures are counted")
        context = self.context()
        context.load_cert_chain(cert, key)
        self.assertEqual(self.connect(context).call("hello")["auth"],
                         {"required": "none", "role": "feed"})

    def test_old_versions_are_refused(self):
        self.serve()
        context = self.context()
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1_1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises((ssl.SSLError, ConnectionResetError)):
            self.connect(context)
        until(lambda: self.failures() == 1, "the failure is counted")
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.assertEqual(self.connect(context).call("ping"), "pong")

    def test_a_plain_peer_is_closed(self):
        self.serve()
        for words in (None, b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\0\4xxxx"):
            plain = Client(("127.0.0.1", self.port), DEADLINE_S)
            self.d.clients.append(plain)
            if words:
                plain.raw(words)
            else:
                plain.send("ping")
            while plain.socket.recv(4096):
                pass
        self.assertIn("does not speak TLS", self.d.log())
        self.assertEqual(self.failures(), 3)

    def test_a_handshake_that_stops_is_cut(self):
        self.serve()
        hello = ssl.MemoryBIO()
        shaking = self.context().wrap_bio(ssl.MemoryBIO(), hello,
                                          server_hostname="127.0.0.1")
        with self.assertRaises(ssl.SSLWantReadError):
            shaking.do_handshake()
        data = hello.read()
        for n in (0, 5, len(data) // 2, len(data)):
            client = Client(("127.0.0.1", self.port), DEADLINE_S)
            self.d.clients.append(client)
            client.raw(data[:n])
        for client in self.d.clients[-4:]:
            while client.socket.recv(4096):
                pass
        self.assertIn("no TLS handshake", self.d.log())
        self.assertEqual(self.failures(), 4)

    def test_great_frames_and_many_requests(self):
        wide = small_model(input={"shape": [1000, 1000], "dtype": "f32"},
                           layers=[{"dense": 8}], memory=4, calibration=0,
                           late_labels={"frames": 0}, inbox=4)
        self.serve({"m": small_model(), "wide": wide})
        client = self.connect()
        frame = harness.np.arange(1000000, dtype="<f4") / 1e6
        for label in "ab":
            client.call("learn", "wide", frame.tobytes(), label)
        dreams = client.call("dreams", "wide", 3)
        self.assertEqual(len(dreams["data"]), 3 * 4000000)
        frames, labels = digits(0, 64 * 16)
        sent = [client.send("learn_batch", "m",
                            frames[i:i + 16].tobytes(), labels[i:i + 16])
                for i in range(0, 64 * 16, 16)]
        for i, msgid in enumerate(sent):
            self.assertEqual(client.wait(msgid)["seq"], 16 * (i + 1))
        answer = client.call("predict_batch", "m", frames.tobytes(),
                             {"fresh": True})
        self.assertEqual(len(answer["labels"]), 64 * 16)

    def test_bytes_may_come_one_by_one(self):
        self.serve()
        client = self.connect()
        data, msgid = client.request("ping")
        for i in range(len(data)):
            client.raw(data[i:i + 1])  # a record each
        self.assertEqual(client.wait(msgid), "pong")

    def test_a_peer_that_reads_slowly_gets_all(self):
        self.serve()
        client = self.connect()
        sent = [client.send("api_info") for _ in range(1000)]
        for msgid in sent:
            self.assertIn("methods", client.wait(msgid))

    def shake_many(self, then):
        """200 connections whose handshakes go on at once; each is given to
        then() when its own is done."""
        self.serve()
        context = self.context()
        plain = [Client(("127.0.0.1", self.port), DEADLINE_S)
                 for _ in range(200)]
        for client in plain:
            client.socket.settimeout(DEADLINE_S)
            client.socket = context.wrap_socket(
                client.socket, server_hostname="127.0.0.1",
                do_handshake_on_connect=False)
            client.socket.setblocking(False)
        shaking = list(plain)

        def all_done():
            for client in list(shaking):
                try:
                    client.socket.do_handshake()
                    shaking.remove(client)
                    then(client)
                except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                    pass
            return not shaking

        until(all_done, "all have shaken hands")
        return plain

    def test_many_shake_hands_at_once(self):
        for client in self.shake_many(lambda client: None):
            self.assertEqual(client.call("ping"), "pong")
            client.close()
        self.assertEqual(self.failures(), 0)

    def test_a_peer_that_asks_and_ends_at_once_is_answered(self):
        def ask(client):
            client.send("ping")
            socket.socket.shutdown(client.socket, socket.SHUT_WR)

        for client in self.shake_many(ask):
            self.assertEqual(client.wait(1), "pong")
            client.close()
        self.assertEqual(self.failures(), 0)

    def test_the_end_is_told(self):
        self.serve()
        client = self.connect()
        self.assertEqual(client.call("ping"), "pong")
        client.socket.suppress_ragged_eofs = False
        self.d.process.send_signal(signal.SIGTERM)
        self.assertEqual(client.socket.recv(100), b"")
        self.assertEqual(self.d.wait(), 0)


if __name__ == "__main__":
    harness.main()

"""Starting, refusing to start, and reading the configuration again."""
import json
import os
import signal
import socket
import stat

import harness
from harness import Case, FFD, digits, learn_all, run, small_model, until

GOOD = """\
listen: unix:/tmp/nowhere.sock
state: /tmp/nowhere
models:
  m:
    input: {shape: [8, 8]}
    layers: [{dense: 32}]
"""


class Check(Case):
    def check(self, text, code):
        d = self.prepare({}, text=text)
        done = run(FFD, "--check", "-c", d.config, check=code)
        self.assertFalse(d.state.exists(), "--check only looks")
        return done.stdout if code == 0 else done.stderr

    def test_a_good_file_is_valid(self):
        self.assertIn("valid", self.check(GOOD, 0))

    def test_the_reference_is_valid(self):
        run(FFD, "--check", "-c", harness.TREE / "config/ffd.yaml", check=0)

    def test_mistakes_are_told_with_their_line(self):
        for old, new, line, word in (
                ("state:", "stat:", 2, "stat"),
                ("layers:", "layres:", 6, "layres"),
                ("[8, 8]", "[8, -8]", 5, "input.shape"),
                ("{dense: 32}", "{lstm: 32}", 6, "layers[0]"),
                ("{dense: 32}", "{dense: 0}", 6, "layers[0].dense"),
                ("unix:/tmp/nowhere.sock", "tcp:0.0.0.0:7310", 1, "0.0.0.0"),
                ("  m:", "  'M m':", 4, "name"),
                ("models:", "models: [", None, "ffd.yaml:")):
            said = self.check(GOOD.replace(old, new), 78)
            self.assertIn(word, said)
            if line:
                self.assertIn(f"ffd.yaml:{line}:", said)

    def test_a_file_that_is_not_there_is_named(self):
        done = run(FFD, "--check", "-c", "/nonexistent/ffd.yaml", check=78)
        self.assertIn("/nonexistent/ffd.yaml", done.stderr)

    def test_unknown_arguments_are_usage(self):
        self.assertIn("Usage", run(FFD, "--nope", check=2).stderr)

    def test_help_version_and_api_info_need_no_configuration(self):
        self.assertIn("--check", run(FFD, "--help", check=0).stdout)
        self.assertRegex(run(FFD, "--version", check=0).stdout, r"^ffd \d")
        info = json.loads(run(FFD, "--api-info", check=0).stdout)
        names = {m["name"] for m in info["methods"]}
        self.assertLessEqual({"ping", "learn", "predict"}, names)

    def test_api_info_offline_is_what_the_daemon_says(self):
        offline = json.loads(run(FFD, "--api-info", check=0).stdout)
        self.assertEqual(self.daemon({}).connect().call("api_info"), offline)


class Start(Case):
    def refuses(self, d, code=None):
        """It ends at once, and not well; what it said."""
        ended = d.wait()
        self.assertNotEqual(ended, 0)
        if code is not None:
            self.assertEqual(ended, code)
        d.process = None
        d.check_log()
        return d.log()

    def test_hello_tells_what_it_is(self):
        hello = self.daemon().connect().call(
            "hello", {"client": "test", "version": "1"})
        self.assertEqual(hello["server"], "ffd")
        self.assertEqual(hello["protocol"], 1)
        self.assertEqual(hello["auth"],
                         {"required": "none", "role": "admin"})
        self.assertEqual(hello["limits"]["message_bytes"], 1 << 24)

    def test_an_address_that_others_can_reach_is_refused(self):
        for address in ("tcp:0.0.0.0:0", "tcp:192.0.2.1:0", "tcp:[::]:0"):
            d = self.prepare({}, listen=[address])
            self.assertIn("not encrypted", self.refuses(d.launch(), 78))

    def test_the_socket_is_for_owner_and_group(self):
        d = self.daemon()
        mode = stat.S_IMODE(os.stat(d.socket).st_mode)
        self.assertEqual(oct(mode), oct(0o660))

    def test_a_second_daemon_on_the_socket_refuses(self):
        d = self.daemon()
        second = self.prepare({}, listen=[d.address]).launch()
        self.assertIn("another daemon listens there", self.refuses(second))
        self.assert_serves(d)

    def test_a_second_daemon_on_the_port_refuses(self):
        d = self.daemon()
        second = self.prepare({}, listen=[f"tcp:127.0.0.1:{d.port}"]).launch()
        self.assertIn("in use", self.refuses(second))
        self.assert_serves(d)

    def test_a_stale_socket_is_replaced(self):
        d = self.daemon()
        d.kill()
        self.assertTrue(d.socket.exists())
        self.assert_serves(d.start())

    def test_a_file_in_the_sockets_way_is_not_removed(self):
        d = self.prepare({})
        d.socket.write_text("mine")
        self.assertIn("in the way", self.refuses(d.launch()))
        self.assertEqual(d.socket.read_text(), "mine")

    def test_the_socket_is_gone_after_sigterm(self):
        d = self.daemon()
        d.stop()
        self.assertFalse(d.socket.exists())

    def test_a_structural_change_refuses_to_start_naming_the_key(self):
        for key, changed in (("layers", {"layers": [{"dense": 64}]}),
                             ("classes", {"classes": 13}),
                             ("shape", {"input": {"shape": [4, 16]}}),
                             ("seed", {"seed": 2})):
            d = self.daemon()
            learn_all(d.connect(), n=64)
            d.stop()
            d.configure({"m": small_model(**changed)})
            said = self.refuses(d.launch())
            self.assertIn(key, said)
            self.assertIn("m", said)
            d.configure({"m": small_model()})
            self.assertEqual(
                d.start().connect().call("status", "m")["seq"], 64)
            d.stop()

    def test_a_runtime_change_is_taken_at_start(self):
        d = self.daemon()
        learn_all(d.connect(), n=64)
        d.stop()
        d.configure({"m": small_model(sleep={"every": 7}, lr=0.001)})
        self.assertEqual(d.start().connect().call("status", "m")["seq"], 64)

    def test_sigint_stops_it_as_well(self):
        d = self.daemon()
        d.process.send_signal(signal.SIGINT)
        self.assertEqual(d.wait(), 0)

    def test_ipv6_loopback_is_served(self):
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            self.skipTest("this machine has no [::1]")
        d = self.prepare({})
        d.configure({}, listen=[d.address, "tcp:[::1]:0"])
        d.start()
        done = run(harness.FFCTL, "-s", f"tcp:[::1]:{d.port}", "ping", check=0)
        self.assertIn("pong", done.stdout)


class Reload(Case):
    def reload(self, d, said):
        before = d.log().count(said)
        d.hangup()
        until(lambda: d.log().count(said) > before, f"the log says: {said}")

    def test_hangup_applies_a_runtime_key(self):
        """The model is made to sleep as soon as it has learned eight."""
        d = self.daemon({"m": small_model(sleep="off")})
        client = d.connect()
        learn_all(client, n=64)
        self.assertEqual(client.call("status", "m")["replayed"], 0)
        strict = {"every": 8, "exhausted": 8, "quiet_ms": 10**9}
        d.configure({"m": small_model(sleep=strict)})
        self.reload(d, "configuration read again")
        learn_all(client, n=64)
        until(lambda: client.call("status", "m")["replayed"] > 0, "it slept")

    def test_hangup_refuses_a_bad_file_and_keeps_the_old(self):
        d = self.daemon()
        client = d.connect()
        learn_all(client, n=64)
        d.config.write_text("models:\n  m:\n    inptu: 3\n")
        self.reload(d, "the old configuration stays")
        self.assertIn("ffd.yaml:3", d.log())
        self.assertIn("inptu", d.log())
        self.assertEqual(client.call("status", "m")["seq"], 64)
        self.assert_serves(d)

    def test_hangup_refuses_a_structural_change_naming_the_key(self):
        d = self.daemon()
        d.configure({"m": small_model(classes=13)})
        self.reload(d, "the old configuration stays")
        self.assertIn("classes", d.log())
        d.configure({"m": small_model()}, learners=7)
        self.reload(d, "the old configuration stays")
        self.assertIn("learners", d.log())
        self.assert_serves(d)

    def test_hangup_under_load_loses_nothing(self):
        d = self.daemon()
        client = d.connect()
        frames, labels = digits(0, 600)
        sent = []
        for i, (frame, label) in enumerate(zip(frames, labels)):
            sent.append(client.send("learn", "m", frame.tobytes(), label))
            if i % 100 == 0:
                d.hangup()
        for msgid in sent:
            client.wait(msgid)
        self.assertEqual(client.call("status", "m")["seq"], 600)


if __name__ == "__main__":
    harness.main()

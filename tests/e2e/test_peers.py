"""Programs of others, with the clients they already have, talk to ffd."""
import json
import os
import shutil
import subprocess
import unittest

import harness
from harness import Case, DEADLINE_S, digits, node_modules, until

PEERS = harness.TREE / "tests/e2e/peers"


def needs(program):
    """Skip without it, but not where everything was set up to be tested."""
    if shutil.which(program) is None:
        if os.environ.get("CI"):
            raise AssertionError(f"{program} is missing; scripts/setup --dev")
        raise unittest.SkipTest(f"{program} is not installed: "
                                "scripts/setup --dev installs it")


class Pynvim(Case):
    def session(self, d, tcp):
        try:
            from pynvim import msgpack_rpc
        except ImportError:
            if os.environ.get("CI"):
                raise
            self.skipTest("python3-pynvim is not installed: scripts/setup "
                          "--dev installs it")
        session = (msgpack_rpc.tcp_session("127.0.0.1", d.port) if tcp
                   else msgpack_rpc.socket_session(str(d.socket)))
        # What an error becomes is the user's choice; Neovim's API sets it too.
        session.error_wrapper = RuntimeError
        self.addCleanup(session.close)
        return session

    def talk(self, tcp):
        d = self.daemon()
        session = self.session(d, tcp)
        frames, labels = digits(0, 2)
        self.assertEqual(session.request("ping"), "pong")
        learned = session.request("learn", "m", frames[0].tobytes(), labels[0])
        self.assertEqual(learned["seq"], 1)
        answer = session.request("predict", "m", frames[0].tobytes(),
                                 {"fresh": True})
        self.assertEqual(answer["label"], labels[0])
        with self.assertRaises(RuntimeError) as caught:
            session.request("predict", "nope", frames[0].tobytes())
        self.assertEqual(str(caught.exception),
                         'UNKNOWN_MODEL: there is no model "nope"')
        # It introduces itself to Neovim by a notification that we lack.
        with d.connect() as client:
            self.assertEqual(
                client.call("stats")["daemon"]["notifications_ignored"], 1)

    def test_talks_over_the_unix_socket(self):
        self.talk(tcp=False)

    def test_talks_over_tcp(self):
        self.talk(tcp=True)

    def test_notifies(self):
        d = self.daemon()
        session = self.session(d, tcp=False)
        frames, labels = digits(0, 1)
        session.request("learn", "m", frames.tobytes(), labels[0],
                        async_=True)
        client = d.connect()

        def learned():
            # Its loop runs, and so writes, only while it waits for us.
            session.request("ping")
            return client.call("status", "m")["seq"] == 1
        until(learned, "the notification was learned")


class Neovim(Case):
    def talk(self, mode, address):
        needs("nvim")
        out = self.d.dir / "nvim.json"
        env = dict(os.environ, FFD_PEER_MODE=mode, FFD_PEER_ADDRESS=address,
                   FFD_PEER_OUT=str(out))
        done = subprocess.run(
            ["nvim", "--headless", "-u", "NONE", "-i", "NONE", "-n", "-c",
             f"luafile {PEERS / 'nvim.lua'}", "-c", "cquit"],
            env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=DEADLINE_S, check=False)
        self.assertTrue(out.exists(), done.stdout + done.stderr)
        said = json.loads(out.read_text())
        self.assertNotIn("failed", said)
        self.assertEqual(said["ping"], "pong")
        self.assertEqual(said["learned"]["seq"], 1)
        self.assertEqual(said["predicted"]["label"], "seven")
        self.assertTrue(said["refused"])
        self.assertIn('UNKNOWN_MODEL: there is no model "nope"',
                      said["error"])
        client = self.d.connect()
        until(lambda: client.call("status", "m")["seq"] == 2,
              "the notification was learned")

    def test_talks_over_the_unix_socket(self):
        self.d = self.daemon()
        self.talk("pipe", str(self.d.socket))

    def test_talks_over_tcp(self):
        self.d = self.daemon()
        self.talk("tcp", f"127.0.0.1:{self.d.port}")


class Node(Case):
    def test_msgpack_rpc_lite_talks_over_tcp(self):
        needs("node")
        needs("npm")
        modules = node_modules(PEERS, "e2e-node")
        d = self.daemon()
        frames, labels = digits(0, 1)
        done = subprocess.run(
            ["node", str(PEERS / "node.js"), str(d.port)],
            input=json.dumps({"frame": frames[0].ravel().tolist(),
                              "label": labels[0]}),
            env=dict(os.environ, NODE_PATH=str(modules)), capture_output=True,
            text=True, timeout=DEADLINE_S, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        said = json.loads(done.stdout)
        self.assertEqual(said["ping"], "pong")
        self.assertEqual(said["learned"]["seq"], 1)
        self.assertEqual(said["predicted"]["label"], labels[0])
        self.assertEqual(said["error"],
                         'UNKNOWN_MODEL: there is no model "nope"')
        self.assertEqual(said["pings"], ["pong"] * 200)
        client = d.connect()
        until(lambda: client.call("status", "m")["seq"] == 2,
              "the notification was learned")


if __name__ == "__main__":
    harness.main()

"""A peer that answers as a script says: what a daemon does only by chance."""
import socket
import threading

import msgpack

STATUS = {"model": "m", "objective": "competitive", "labels": ["a"],
          "input": {"shape": [4], "dtype": "u8"}, "classes": 4, "layers": [{}],
          "seq": 0, "step": 0, "state": "awake", "debt": 0, "inbox": 0,
          "prequential_accuracy": None}


class Conn:
    """One connection, from the daemon's side. Every wait has a deadline."""

    def __init__(self, s):
        self.s = s
        s.settimeout(20)
        self.unpacker = msgpack.Unpacker(raw=False, max_buffer_size=1 << 26)

    def read(self):
        """The next request: (msgid, method, params); None at the end."""
        while True:
            for m in self.unpacker:
                return m[1], m[2], m[3]
            data = self.s.recv(1 << 16)
            if not data:
                return None
            self.unpacker.feed(data)

    def expect(self, method):
        """The next request, which must be of that method; status is answered
        on the way."""
        while True:
            got = self.read()
            assert got is not None, f"the end, not {method}"
            if got[1] == "status" and method != "status":
                self.answer(got[0], STATUS)
                continue
            assert got[1] == method, got
            return got

    def raw(self, data):
        self.s.sendall(data)

    def answer(self, msgid, result):
        self.raw(msgpack.packb([1, msgid, None, result]))

    def refuse(self, msgid, error):
        self.raw(msgpack.packb([1, msgid, error, None]))

    def learned(self, msgid, n, seq, first=None):
        first = f"1:{seq - n + 1}" if first is None else first
        self.answer(msgid, {"first_id": first, "n": n, "seq": seq, "step": 1,
                            "learned": n, "labelled": n, "right": 0, "dropped": 0})

    def close(self):
        self.s.close()


class Peer:
    """Runs script(peer) in a thread; what it raised is raised at the end."""

    def __init__(self, folder, script):
        self.path = f"{folder}/peer"
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(self.path)
        self.listener.listen(16)
        self.listener.settimeout(20)
        self.error = None
        self.conns = []
        self.thread = threading.Thread(target=self._run, args=(script,),
                                       daemon=True)

    @property
    def address(self):
        return f"unix:{self.path}"

    def accept(self):
        self.conns.append(Conn(self.listener.accept()[0]))
        return self.conns[-1]

    def _run(self, script):
        try:
            script(self)
        except BaseException as e:  # shown by __exit__
            self.error = e

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.thread.join(30)
        self.listener.close()
        for conn in self.conns:
            conn.close()
        if kind is None:
            assert not self.thread.is_alive(), "the script is not done"
            if self.error is not None:
                raise self.error

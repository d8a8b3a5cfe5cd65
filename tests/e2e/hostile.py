"""A daemon that must be as it was, once hostile peers are gone."""
from harness import Case, DEADLINE_S, SANITIZER, small_model, until
from rpc import Client

MIB = 1 << 20
# Resident memory beside what the limits allow: the allocator's slack. What a
# sanitizer keeps of freed memory, and its shadow, is not the daemon's.
SLACK = 24 * MIB
RSS_TELLS = SANITIZER is None


class HostileCase(Case):
    """A daemon that must be as before when the test is done."""

    models = {"m": small_model()}
    options = {}

    def setUp(self):
        self.d = self.daemon(self.models, **self.options)
        self.assert_serves(self.d)
        self.before = until(self.descriptors, "we are the only peer")
        self.rss = self.d.rss()

    def gone(self, client, beside=1):
        until(lambda: client.call("stats")["daemon"]["connections"] == beside,
              "the other connections are gone")

    def descriptors(self):
        """Its descriptors while we are the only peer; None if we are not."""
        try:
            with Client(self.d.socket, DEADLINE_S) as client:
                others = client.call("stats")["daemon"]["connections"] - 1
                return self.d.descriptors() if others == 0 else None
        except (AssertionError, OSError):
            return None  # there is no room for us yet

    def assert_as_before(self, memory=SLACK):
        self.d.close_clients()
        until(lambda: self.descriptors() == self.before,
              "all others are gone, and all descriptors closed")
        self.assert_serves(self.d)
        if RSS_TELLS:
            self.assertLess(self.d.rss("VmHWM") - self.rss, memory)

"""Where the daemon is, and how to get a socket to it."""
from __future__ import annotations

import ipaddress
import os
import socket
import ssl
import stat
from dataclasses import dataclass
from typing import Optional

DEFAULT = "unix:/run/ffd/ffd.sock"
LOOPBACK = "tcp:127.0.0.1:7310"


@dataclass(frozen=True)
class Address:
    """``unix:PATH``, ``tcp:HOST:PORT`` or ``tls:HOST:PORT``."""

    way: str
    path: str = ""
    host: str = ""
    port: int = 0

    @classmethod
    def parse(cls, text: Optional[str] = None) -> "Address":
        """None: FFD_ADDRESS; else the socket of the service, if it is there;
        else loopback. ValueError when it is no address."""
        if text is None:
            text = os.environ.get("FFD_ADDRESS") or (
                DEFAULT if os.path.exists(DEFAULT[5:]) else LOOPBACK)
        way, _, rest = text.partition(":")
        if way == "unix" and rest:
            return cls("unix", path=rest)
        host, _, port = rest.rpartition(":")
        if way not in ("tcp", "tls") or not host or not port.isdigit():
            raise ValueError(f"an address is unix:PATH, tcp:HOST:PORT or "
                             f"tls:HOST:PORT, not {text!r}")
        return cls(way, host=host.strip("[]"), port=int(port))

    def __str__(self) -> str:
        if self.way == "unix":
            return f"unix:{self.path}"
        return f"{self.way}:{self.host}:{self.port}"


def token_in(path: str) -> str:
    """The first line of a file that is its owner's alone. ValueError, naming
    the mend, where it is not."""
    with open(path, encoding="ascii") as file:
        mode = os.fstat(file.fileno()).st_mode
        if stat.S_ISREG(mode) and mode & stat.S_IRWXO:
            raise ValueError(f"the token file {path}: others can read it; "
                             "mend it with chmod 600")
        words = file.readline().split()
    if not words:
        raise ValueError(f"the token file {path}: its first line is empty")
    return words[0]


@dataclass(frozen=True)
class Keys:
    """Who we are, and whom we trust. The environment fills in what is None:
    FFD_TOKEN, FFD_CA, FFD_CERT, FFD_KEY."""

    token: Optional[str] = None
    ca: Optional[str] = None
    cert: Optional[str] = None
    key: Optional[str] = None

    def __repr__(self) -> str:  # a token is not to be shown
        return "Keys(...)"

    @classmethod
    def find(cls, token: Optional[str] = None,
             token_file: Optional[str] = None, ca: Optional[str] = None,
             cert: Optional[str] = None, key: Optional[str] = None) -> "Keys":
        if token is None and token_file is not None:
            token = token_in(token_file)
        env = os.environ.get
        return cls(token or env("FFD_TOKEN"), ca or env("FFD_CA"),
                   cert or env("FFD_CERT"), key or env("FFD_KEY"))

    def guard(self, address: Address) -> None:
        """ValueError where our token could be read on its way."""
        if address.way == "tcp" and self.token and not is_here(address.host):
            raise ValueError(
                "a token is not sent to another machine without TLS; use "
                f"tls:{address.host}:{address.port}")

    def context(self) -> ssl.SSLContext:
        """The daemon's certificate is verified, always."""
        try:
            made = ssl.create_default_context(cafile=self.ca)
            if self.cert:
                made.load_cert_chain(self.cert, self.key)
        except OSError as e:
            raise ValueError("a file for TLS cannot be used (ca "
                             f"{self.ca}, cert {self.cert}, key {self.key}): "
                             f"{e}") from e
        return made


def is_here(host: str) -> bool:
    """Whether a host is this machine's loopback."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def connect(address: Address, keys: Keys,
            timeout: Optional[float]) -> socket.socket:
    """A connected socket. OSError when there is none."""
    keys.guard(address)
    if address.way == "unix":
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        s.settimeout(timeout)
        try:
            s.connect(address.path)
        except BaseException:
            s.close()
            raise
        return s
    tls = keys.context() if address.way == "tls" else None
    s = socket.create_connection((address.host, address.port), timeout)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s if tls is None else tls.wrap_socket(
        s, server_hostname=address.host)

"""What both clients are: where the daemon is, by what keys, and two connections
of the kind that each has."""
from __future__ import annotations

from typing import Generic, Optional, TypeVar

from .address import Address, Keys
from .calls import Known

L = TypeVar("L")


class Base(Generic[L]):
    """One connection to learn by and one for questions, which so never wait
    behind learning; each opened when first needed."""

    def __init__(self, address: Optional[str] = None, *,
                 timeout: float = 30.0, token: Optional[str] = None,
                 token_file: Optional[str] = None, ca: Optional[str] = None,
                 cert: Optional[str] = None,
                 key: Optional[str] = None) -> None:
        self.address = Address.parse(address)
        self.keys = Keys.find(token, token_file, ca, cert, key)
        self.timeout = timeout
        self._feed, self._ask = self._link(), self._link()
        self._known = Known()

    def _link(self) -> L:
        """One more connection, not yet open."""
        raise NotImplementedError

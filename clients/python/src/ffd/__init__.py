"""Client of ffd, the daemon that learns from a stream::

    import ffd

    with ffd.connect() as c:
        c.learn("digits", frame, "7")
        print(c.predict("digits", frame).label)
"""
from __future__ import annotations

from typing import Optional

from . import errors
from .client import Client
from .errors import BadFrame, Busy, Disconnected, Error, Refused, Timeout
from .results import (Dreams, Event, Learned, Prediction, Predictions, Status,
                      Version)
from .stream import Receipt, Resumed, Stream

__version__ = "0.1.0"
__all__ = ["BadFrame", "Busy", "Client", "Disconnected", "Dreams", "Error",
           "Event", "Learned", "Prediction", "Predictions", "Receipt",
           "Refused", "Resumed", "Status", "Stream", "Timeout", "Version",
           "aio", "connect", "errors"]


def connect(address: Optional[str] = None, *, timeout: float = 30.0,
            token: Optional[str] = None, token_file: Optional[str] = None,
            ca: Optional[str] = None, cert: Optional[str] = None,
            key: Optional[str] = None) -> Client:
    """A client of the ffd at an address: ``unix:PATH``, ``tcp:HOST:PORT`` or
    ``tls:HOST:PORT``; None: FFD_ADDRESS, else the service on this machine.

    timeout: seconds for an answer, and for connecting. token, or a file
    whose first line it is and that others cannot read: where the daemon asks
    for one (FFD_TOKEN). ca, cert, key: PEM files for tls (FFD_CA, FFD_CERT,
    FFD_KEY). Waits for a daemon that is starting, up to the timeout; raises
    Disconnected if nobody is there then.
    """
    made = Client(address, timeout=timeout, token=token,
                  token_file=token_file, ca=ca, cert=cert, key=key)
    try:
        made._ask.open()
    except BaseException:
        made.close()
        raise
    return made


from . import aio  # noqa: E402  (it needs the above)

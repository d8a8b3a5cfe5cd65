"""Many single frames, sent in batches with several requests under way."""
from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any, Deque, List, Optional, Sequence, Tuple

import numpy.typing as npt

from . import errors
from .calls import Ask
from .frames import label_of, labels_of
from .results import Learned

if TYPE_CHECKING:
    from .client import Client


class Stream:
    """A pipeline into one model, and a context manager::

        with client.stream("digits") as s:
            for x, y in data:
                s.learn(x, y)
        print(s.total.n, s.accuracy)

    Frames are sent when ``batch`` of them are together or the oldest has
    waited ``flush_s`` (looked at whenever a frame is given). At most
    ``in_flight`` requests are unanswered: then learn() waits, which is how the
    daemon's overload reaches whoever feeds it. BUSY is tried again after the
    time that the daemon names. The end of the ``with`` waits for all answers.

    total: a Learned of all answers so far. accuracy: of those with a label,
    the share predicted right before they were learned. answers: the newest
    1,000 Learned, whose ids name the frames for labels that come late.
    """

    def __init__(self, client: "Client", model: str, batch: int,
                 in_flight: int, flush_s: float, ack: Optional[str]) -> None:
        if batch < 1 or in_flight < 1:
            raise ValueError("batch and in_flight are 1 or more")
        self.client, self.model = client, model
        self.batch, self.in_flight, self.flush_s = batch, in_flight, flush_s
        self.options = {"ack": ack} if ack else {}
        self.answers: Deque[Learned] = deque(maxlen=1000)
        self.labelled = 0
        self.total = Learned("", 0, None, None, 0, 0, 0, {})
        self._frames: List[bytes] = []
        self._labels: List[Optional[str]] = []
        self._since = 0.0
        self._sent: Deque[Tuple[int, Ask]] = deque()
        self._type: Any = None

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.finish()

    @property
    def accuracy(self) -> float:
        return self.total.right / self.labelled if self.labelled \
            else float("nan")

    def _frame_type(self) -> Any:
        if self._type is None:
            self._type = self.client.status(self.model).frame
        return self._type

    def learn(self, frame: npt.ArrayLike, label: object = None) -> None:
        """One frame more."""
        name = label_of(label)
        self._frames.append(self._frame_type().one(frame))
        self._labels.append(name)
        now = time.monotonic()
        if len(self._frames) == 1:
            self._since = now
        if len(self._frames) >= self.batch or now - self._since >= self.flush_s:
            self.flush()

    def learn_batch(self, frames: npt.ArrayLike,
                    labels: Optional[Sequence[object]] = None) -> None:
        """n frames (n, *shape) as a request of their own."""
        self.flush()
        data, n = self._frame_type().many(frames)
        if n:
            self._send(data, labels_of(labels, n) or [None] * n)

    def flush(self) -> None:
        """Send what waits."""
        if self._frames:
            frames, labels = self._frames, self._labels
            self._frames, self._labels = [], []
            self._send(b"".join(frames), labels)

    def finish(self) -> Learned:
        """Send what waits, and wait for all answers."""
        self.flush()
        while self._sent:
            self._take()
        return self.total

    def _send(self, data: bytes, labels: List[Optional[str]]) -> None:
        while len(self._sent) >= self.in_flight:
            self._take()
        ask = Ask("learn_batch", (self.model, data, labels, self.options),
                  again=False, teaches=len(labels))
        if not self._sent:
            self.client._feed.open()
        self._sent.append((self.client._feed.send(ask), ask))

    def _take(self) -> None:
        """The oldest answer. What was refused as BUSY is sent again, behind
        what is under way already."""
        msgid, ask = self._sent.popleft()
        try:
            answer = Learned.of(self.client._feed.wait(msgid))
        except errors.Busy as e:
            time.sleep(e.retry_after_ms / 1000)
            self._sent.append((self.client._feed.send(ask), ask))
            return
        except errors.Disconnected:
            self._sent.clear()
            raise
        labels = ask.params[2]
        self.labelled += sum(label is not None for label in labels)
        t = self.total
        self.answers.append(answer)
        self.total = Learned(
            t.id or answer.id, t.n + answer.n,
            t.seq if answer.seq is None else answer.seq,
            t.step if answer.step is None else answer.step,
            t.learned + answer.learned, t.right + answer.right,
            t.dropped + answer.dropped, {})

"""Many single frames, sent in batches with several requests under way."""
from __future__ import annotations

import time
from collections import deque
from typing import (TYPE_CHECKING, Any, Deque, Dict, List, NamedTuple, Optional,
                    Sequence)

import numpy.typing as npt

from . import errors
from .calls import Ask, batch_most
from .frames import FrameType, Keys, key_of, keys_of, label_of, labels_of
from .results import NOTHING, Learned, id_at

if TYPE_CHECKING:
    from .client import Client


class Batch:
    """Frames of one request, from the first that is given until its answer."""

    __slots__ = ("frames", "labels", "keys", "end", "msgid", "answer", "cut",
                 "rest")

    def __init__(self) -> None:
        self.frames: List[bytes] = []
        self.labels: List[Optional[str]] = []
        self.keys: Keys = None  # whose samples: of all, or a list
        self.end = False  # a recording ends with the last
        self.msgid = 0
        self.answer: Optional[Learned] = None
        self.cut = 0  # frames before it were taken, and have no answer
        self.rest: Optional["Batch"] = None  # those from the cut on


class Receipt:
    """Of one frame that was given to a stream."""

    __slots__ = ("_stream", "_batch", "_place")

    def __init__(self, stream: "Stream", batch: Batch, place: int) -> None:
        self._stream, self._batch, self._place = stream, batch, place

    def _found(self) -> Batch:
        """The batch that holds the frame now."""
        while self._batch.rest is not None and \
                self._place >= self._batch.cut:
            self._place -= self._batch.cut
            self._batch = self._batch.rest
        return self._batch

    @property
    def id(self) -> Optional[str]:
        """The frame's id, for Client.label; None until it was answered."""
        answer = self._found().answer
        return None if answer is None else id_at(answer.id, self._place)

    def wait(self) -> Optional[str]:
        """The id, once it is known; None if the frame was lost, or was taken
        by a request whose answer was lost."""
        self._stream.settle(self._found())
        return self.id


class Resumed(NamedTuple):
    """What Stream.resume() found, in frames."""

    taken: int  # learned, though the answer was lost
    again: int  # not learned; sent again
    lost: int  # answered once, and lost with the daemon since (not durable)


class Stream:
    """A pipeline into one model, and a context manager::

        with client.stream("digits") as s:
            for x, y in data:
                s.learn(x, y)
        print(s.total.n, s.accuracy)

    Frames are sent when ``batch`` of them are together (fewer where frames are
    large), when the oldest has waited ``flush_s``, or when the one before came
    longer ago than that, so that a slow source is sent frame by frame. There is
    no clock of its own: the last frames of a burst wait for the next frame,
    for flush() or for the end. At most ``in_flight`` requests are unanswered:
    then learn() waits, which is how the daemon's overload reaches whoever
    feeds it. BUSY is tried again after the time that the daemon names, behind
    what is under way; so of a model with streams whose overload policy is
    reject there is one request at a time. The end of the ``with`` waits for all answers; where it
    ends by an exception, what was not sent is not.

    An exception is about frames given earlier: what learn() or learn_batch()
    was given then is not taken, and all that was not sent yet still waits. For
    one thread.

    total: a Learned of all answers so far. accuracy: of its frames with a
    label (of samples: windows), the share predicted right before they were learned. answers: the newest
    1,000 Learned, in the order in which they came.
    """

    def __init__(self, client: "Client", model: str, batch: int,
                 in_flight: int, flush_s: float, ack: Optional[str],
                 observe: bool = False) -> None:
        if batch < 1 or in_flight < 1:
            raise ValueError("batch and in_flight are 1 or more")
        self.client, self.model = client, model
        self.batch, self.in_flight, self.flush_s = batch, in_flight, flush_s
        self.options: Dict[str, Any] = {"ack": ack} if ack else {}
        if observe:
            self.options["observe"] = True
        self.answers: Deque[Learned] = deque(maxlen=1000)
        self.total = NOTHING
        self._link = client._feed
        self._open = Batch()  # frames that wait for company
        self._again: Deque[Batch] = deque()  # not taken, to be sent first
        self._sent: Deque[Batch] = deque()
        self._unknown: List[Batch] = []  # since the last loss
        self._not_before = 0.0  # as BUSY asked for
        self._trouble: Optional[errors.Error] = None  # to be raised next
        self._since = self._before = time.monotonic()
        self._type: Optional[FrameType] = None
        self._most = batch
        self._seq: Optional[int] = None  # with the last answer; else at first
        self._others = 0  # requests to teach, of this client, not by this
        self._mine = 0

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.finish()
            return
        for batch in self._sent:
            self._link.forget(batch.msgid)
        self._sent.clear()

    @property
    def accuracy(self) -> float:
        return self.total.right / self.total.labelled \
            if self.total.labelled else float("nan")

    # ---- in

    def _frame_type(self, anew: bool = False) -> FrameType:
        if self._type is None or anew:
            status = self.client.status(self.model)
            if self._type is None and status.raw["inbox"] == 0:
                self._seq = status.seq
                self._others = self.client._taught
            self._type = status.frame
            if self._type.serial:
                self.in_flight = 1
            self._most = batch_most(self._type, self.batch)
        return self._type

    def _bytes(self, frame: npt.ArrayLike) -> bytes:
        was = self._type
        try:
            return self._frame_type().one(frame)
        except errors.BadFrame:
            if was is None or self._frame_type(anew=True) == was:
                raise
        return self._frame_type().one(frame)  # the model was made anew

    def learn(self, frame: npt.ArrayLike, label: object = None, *,
              stream: Optional[str] = None, end: bool = False) -> Receipt:
        """One frame more; what its id can be had of. Of a model with streams a
        sample of ``stream``; end: a recording ends with it."""
        data, name, key = self._bytes(frame), label_of(label), key_of(stream)
        self._raise_trouble()
        if self._open.end or (self._open.labels and
                              (key is None) != (self._open.keys is None)):
            self.flush()  # a request names the stream of all, or of none
        now = time.monotonic()
        slow = now - self._before >= self.flush_s
        self._before = now
        if len(self._open.labels) >= self._most:
            self.flush()  # could not be sent before
        n = len(self._open.labels)
        due = slow or end or n + 1 >= self._most or (
            n > 0 and now - self._since >= self.flush_s)
        if due:
            self._make_room()
        batch = self._open
        if n == 0:
            self._since = now
        batch.frames.append(data)
        batch.labels.append(name)
        batch.end = end
        if key is not None:
            batch.keys = [*(batch.keys or []), key]
        if due:
            self._flush_or_tell_later()
        return Receipt(self, batch, n)

    def learn_batch(self, frames: npt.ArrayLike,
                    labels: Optional[Sequence[object]] = None, *,
                    stream: Keys = None, end: bool = False) -> List[Receipt]:
        """n frames (n, *shape), as requests of their own; stream: of all, or
        a list."""
        return [Receipt(self, batch, i)
                for batch in self._learn_batch(frames, labels, stream, end)
                for i in range(len(batch.labels))]

    def _learn_batch(self, frames: npt.ArrayLike,
                     labels: Optional[Sequence[object]] = None,
                     stream: Keys = None, end: bool = False) -> List[Batch]:
        kind = self._frame_type()
        data, n = kind.many(frames)
        names = labels_of(labels, n) or [None] * n
        keys = keys_of(stream, n)
        self.flush()
        made = []
        for at in range(0, n, self._most):
            batch = Batch()
            batch.labels = names[at:at + self._most]
            batch.keys = keys[at:at + self._most] if isinstance(keys, list) \
                else keys
            batch.end = end and at + self._most >= n
            batch.frames = [data[at * kind.nbytes:
                                 (at + self._most) * kind.nbytes]]
            made.append(batch)
        self._again.extend(made)
        self._flush_or_tell_later()
        return made

    # ---- out

    def _raise_trouble(self) -> None:
        if self._trouble is not None:
            e, self._trouble = self._trouble, None
            raise e

    def _flush_or_tell_later(self) -> None:
        """What was given is taken and must not be given again, so an exception
        has to wait for the next call."""
        try:
            self.flush()
        except errors.Error as e:
            self._trouble = e

    def flush(self) -> None:
        """Send what waits."""
        self._raise_trouble()
        while self._again or self._open.frames:
            self._make_room()  # which may give back what was refused
            if self._again:
                time.sleep(max(0.0, self._not_before - time.monotonic()))
                self._send(self._again[0])
                self._again.popleft()
            else:
                self._send(self._open)
                self._open = Batch()

    def finish(self) -> Learned:
        """Send what waits, and wait for all answers."""
        self.flush()
        while self._sent:
            self._take()
            self.flush()
        return self.total

    def settle(self, batch: Batch) -> None:
        """Wait for the answer to one batch."""
        self.flush()
        while batch.answer is None and batch in self._sent:
            self._take()
            self.flush()

    def _make_room(self) -> None:
        """Take the answers that are here, and wait for those that must be
        before more is sent."""
        if self._sent:
            self._link.poll()
        while self._sent and (len(self._sent) >= self.in_flight or
                              self._link.is_over(self._sent[0].msgid)):
            self._take()

    def _send(self, batch: Batch) -> None:
        if not self._sent:
            self._link.open()
        self.client._taught += 1
        self._mine += 1
        options = dict(self.options)
        if batch.keys is not None:
            options["stream"] = batch.keys
        if batch.end:
            options["end"] = True
        batch.msgid = self._link.send(Ask(
            "learn_batch", (self.model, b"".join(batch.frames), batch.labels,
                            options),
            again=False, teaches=len(batch.labels)))
        self._sent.append(batch)

    # ---- answers

    def _take(self) -> None:
        """The oldest answer."""
        batch = self._sent.popleft()
        try:
            self._count(batch, self._link.wait(batch.msgid))
        except errors.Busy as e:
            if self.in_flight == 1:
                self._again.appendleft(batch)  # before all that came later
            else:
                self._again.append(batch)
            self._not_before = time.monotonic() + e.retry_after_ms / 1000
        except errors.Disconnected as e:
            raise self._lost(batch, e) from None

    def _count(self, batch: Batch, result: Any) -> None:
        answer = batch.answer = Learned.of(result)
        batch.frames = []
        self._seq = self._seq if answer.seq is None else answer.seq
        self.answers.append(answer)
        self.total = self.total.and_(answer)

    def _lost(self, first: Batch,
              e: errors.Disconnected) -> errors.Disconnected:
        """All that is under way has its answer or will have none."""
        self._unknown = [first]
        while self._sent:
            batch = self._sent.popleft()
            try:
                self._count(batch, self._link.wait(batch.msgid))
            except errors.Busy:
                self._again.append(batch)
            except errors.Disconnected:
                self._unknown.append(batch)
            except errors.Refused as refused:
                e.said = e.said or refused
        n = sum(len(batch.labels) for batch in self._unknown)
        why = str(e).partition("; of ")[0]
        lost = type(e)(why + errors.doubt(n), n, e.said)
        lost.done = self.total
        return lost

    # ---- after a loss

    def resume(self) -> Resumed:
        """After Disconnected, for the only feeder of the model: find out by
        the model's ``seq`` which of the frames without an answer were learned
        (proto/PROTOCOL.md, "ack: durable"), and send the others again, before
        all that comes later. Exact where no other client teaches this model or
        labels its frames, this one taught it by this stream alone since the
        stream began, the overload policy drops no frame, and ``ack`` is not
        ``received``: Error where one of these is seen not to hold. Without it,
        frames without an answer are left as they are.
        """
        unknown, n = self._unknown, sum(len(b.labels) for b in self._unknown)
        if self._seq is None or self.options.get("ack") == "received" or \
                self.total.dropped or \
                self._others + self._mine != self.client._taught:
            raise errors.Error("it cannot be told which frames were learned: "
                               "the stream has no seq that is its own")
        taken = self.client._rest(self.model) - self._seq
        if taken > n:
            raise errors.Error(f"the model took {taken} frames or labels "
                               f"since, and {n} were under way: others teach "
                               "it too")
        self._seq += taken
        lost, taken = max(-taken, 0), max(taken, 0)
        rest = self._cut(unknown, taken)
        self._unknown = []
        self._again.extendleft(reversed(rest))
        return Resumed(taken, n - taken, lost)

    def _cut(self, unknown: List[Batch], taken: int) -> List[Batch]:
        """The batches without the first frames that were taken."""
        rest = []
        for batch in unknown:
            here = min(taken, len(batch.labels))
            taken -= here
            if here == 0:
                rest.append(batch)
            elif here < len(batch.labels):
                left = Batch()
                data = b"".join(batch.frames)
                size = len(data) // len(batch.labels)
                left.frames = [data[here * size:]]
                left.labels = batch.labels[here:]
                left.keys = batch.keys[here:] \
                    if isinstance(batch.keys, list) else batch.keys
                left.end = batch.end
                batch.cut, batch.rest = here, left
                rest.append(left)
            batch.frames = batch.frames if here == 0 else []
        return rest

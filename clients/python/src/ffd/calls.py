"""What each method sends and how its answer is read, once for both clients.

Every function is a generator: it yields ``Ask`` and is sent the raw result;
what it returns is the method's result. The clients only carry (client.py,
aio.py).
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import (Any, Callable, Dict, Generator, List, Mapping, Optional,
                    Sequence, Tuple, TypeVar, Union)

import numpy.typing as npt

from .errors import BadFrame, Error
from .frames import FrameType, Keys, key_of, keys_of, label_of, labels_of
from .results import (Dreams, Learned, Prediction, Predictions, Raw, Status,
                      Version)

T = TypeVar("T")
ELEMENTS = 65536  # values in a message, of limits.def
BATCH_BYTES = 4 * 1024 * 1024
PIECE = 4 * 1024 * 1024
TOPICS = ("sleep", "novelty", "drift", "anomaly", "snapshot")  # but for stats


@dataclass
class Ask:
    """A request. again: may be sent again after a lost connection. teaches:
    frames that it wants learned."""

    method: str
    params: Sequence[Any]
    again: bool = True
    teaches: int = 0


Call = Generator[Ask, Any, T]


@dataclass
class Known:
    """What is kept of models, so as not to ask each time."""

    types: Dict[str, FrameType] = field(default_factory=dict)


def _options(**options: Any) -> Dict[str, Any]:
    return {k: v for k, v in options.items()
            if v is not None and v is not False}


def frame_type(known: Known, model: str) -> Call[FrameType]:
    if model not in known.types:
        known.types[model] = (yield from status(model)).frame
    return known.types[model]


def fitting(known: Known, model: str,
            make: Callable[[FrameType], T]) -> Call[T]:
    """What make() makes by the frame type that is known; where it refuses, by
    the model's as it is now: it may have been made anew."""
    remembered = model in known.types
    kind = yield from frame_type(known, model)
    try:
        return make(kind)
    except (BadFrame, TypeError):
        if not remembered:
            raise
    known.types.pop(model, None)
    return make((yield from frame_type(known, model)))


def plain(method: str, *params: Any, again: bool = True) -> Call[Any]:
    return (yield Ask(method, params, again))


def hello() -> Call[Raw]:
    about = {"client": "ffd-python", "version": "0.1.0"}
    answer: Raw = yield Ask("hello", (about,))
    return answer


def models() -> Call[List[Raw]]:
    return list((yield Ask("models", ())))


def status(model: str, digest: bool = False) -> Call[Status]:
    return Status.of((yield Ask("status", (model, _options(digest=digest)))))


def _spec(spec: Any) -> str:
    import json
    return spec if isinstance(spec, str) else json.dumps(spec)


def create(model: str, spec: Any) -> Call[str]:
    answer = yield Ask("create_model", (model, _spec(spec)), again=False)
    return str(answer["name"])


def drop(known: Known, model: str) -> Call[None]:
    known.types.pop(model, None)
    yield Ask("drop_model", (model,), again=False)


def learn(known: Known, model: str, frame: npt.ArrayLike, label: object,
          ack: Optional[str], stream: Optional[str] = None, end: bool = False,
          observe: bool = False) -> Call[Learned]:
    data = yield from fitting(known, model, lambda kind: kind.one(frame))
    options = _options(ack=ack, stream=key_of(stream), end=end,
                       observe=observe)
    return Learned.of((yield Ask(
        "learn", (model, data, label_of(label), options), again=False,
        teaches=1)))


def batch_most(kind: FrameType, wanted: int) -> int:
    """How many frames one request may hold, at most as many as wanted."""
    return max(1, min(wanted, (ELEMENTS - 64) // (2 if kind.window else 1),
                      BATCH_BYTES // kind.nbytes))


def learn_pieces(known: Known, model: str, frames: npt.ArrayLike,
                 labels: Optional[Sequence[object]], ack: Optional[str],
                 batch: int, stream: Keys = None, end: bool = False,
                 observe: bool = False) -> Call[Tuple[FrameType, List[Ask]]]:
    """n frames as requests that fit into messages, in order; the last of them
    ends a recording."""
    kind, data, n = yield from fitting(known, model,
                                       lambda k: (k, *k.many(frames)))
    names, keys = labels_of(labels, n), keys_of(stream, n)
    most, size = batch_most(kind, batch), kind.nbytes

    def options(at: int) -> Dict[str, Any]:
        return _options(
            ack=ack, observe=observe, end=end and at + most >= n,
            stream=keys[at:at + most] if isinstance(keys, list) else keys)
    return kind, [Ask("learn_batch", (
        model, data[at * size:(at + most) * size],
        None if names is None else names[at:at + most], options(at)),
        again=False, teaches=min(most, n - at)) for at in range(0, n, most)]


def label(model: str, frame_id: str, name: object,
          ack: Optional[str]) -> Call[None]:
    # A late label may always be sent again (PROTOCOL.md).
    yield Ask("label", (model, frame_id, label_of(name), _options(ack=ack)))


def predict(known: Known, model: str, frame: Optional[npt.ArrayLike],
            fresh: bool, detail: bool,
            stream: Optional[str] = None) -> Call[Prediction]:
    """frame None: the newest of a stream."""
    data: Optional[bytes] = None
    if frame is not None:
        given: npt.ArrayLike = frame
        data = yield from fitting(known, model,
                                  lambda kind: kind.context(given))
    options = _options(fresh=fresh, detail=detail, stream=key_of(stream))
    return Prediction.of((yield Ask("predict", (model, data, options))))


def predict_batch(known: Known, model: str, frames: npt.ArrayLike,
                  fresh: bool) -> Call[Predictions]:
    """As many requests as the limits of a message ask for."""
    about = yield from status(model)
    known.types[model] = about.frame
    kind = about.frame.asked
    data, n = kind.many(frames)
    if n == 0:
        raise BadFrame("no frames to answer for")
    layers = len(about.raw["layers"])
    # More labels may come meanwhile, so as if there were all.
    k = max(int(about.raw["classes"]), 1)
    most = batch_most(kind, (ELEMENTS - k - 22) // (k + layers + 6))
    size = kind.nbytes
    parts = []
    for at in range(0, n, most):
        piece = data[at * size:(at + most) * size]
        parts.append(Predictions.of((yield Ask(
            "predict_batch", (model, piece, _options(fresh=fresh))))))
    return Predictions.join(parts)


def sleep(model: str, frames: Optional[int]) -> Call[Raw]:
    amount = None if frames is None else {"frames": frames}
    answer: Mapping[str, Any] = yield Ask("sleep", (model, amount), again=False)
    return answer


def dreams(model: str, n: int) -> Call[Dreams]:
    return Dreams.of((yield Ask("dreams", (model, n))))


def generate(model: str, prompt: Union[str, bytes], n: int,
             temperature: float, stream: Optional[str], seed: Optional[int],
             fresh: bool) -> Call[Union[str, bytes]]:
    options = _options(n=n, temperature=float(temperature), fresh=fresh,
                       prompt=prompt or None, stream=key_of(stream), seed=seed)
    text: Union[str, bytes] = (yield Ask("generate", (model, options)))["text"]
    return text


def save(model: str, wait: bool, name: Optional[str]) -> Call[Raw]:
    answer: Raw = yield Ask("save", (model, _options(wait=wait, name=name)),
                            again=False)
    return answer


def versions(model: str) -> Call[List[Version]]:
    return [Version.of(v) for v in (yield Ask("versions", (model,)))]


def export(model: str, version: Optional[str]) -> Call[bytes]:
    parts: List[bytes] = []
    at = 0
    while True:
        r = yield Ask("export", (model, version, at))
        version = r["version"]
        parts.append(r["data"])
        at += r["bytes"]
        if at >= r["total"]:
            return b"".join(parts)
        if r["bytes"] == 0:
            raise Error(f"the snapshot of {model} ended after {at} of "
                        f"{r['total']} bytes")


def import_(model: str, snapshot: bytes) -> Call[str]:
    at = 0
    while True:
        piece = snapshot[at:at + PIECE]
        r = yield Ask("import", (model, at, piece, len(snapshot)), again=False)
        at += len(piece)
        if at >= len(snapshot):
            return str(r["name"])

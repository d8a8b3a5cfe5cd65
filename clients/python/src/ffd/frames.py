"""numpy arrays as the model wants them: the same bytes, or a sentence that
says what to do. Nothing is converted silently that could change its meaning."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np
import numpy.typing as npt

from .errors import BadFrame

Array = npt.NDArray[Any]
DTYPES: Dict[str, "np.dtype[Any]"] = {"u8": np.dtype("u1"),
                                      "f32": np.dtype("<f4"),
                                      "i16": np.dtype("<i2")}
Keys = Union[str, Sequence[str], None]  # whose samples: of all, or of each


@dataclass(frozen=True)
class FrameType:
    """What one frame of a model is: its shape, and ``u8``, ``f32`` or ``i16``.

    Of a model with streams it is a sample: ``window`` is what layers see of
    them, ``missing`` whether a value may be nan (for: there is none),
    ``symbols`` whether a sample is a byte that is its own label, and ``serial``
    whether requests must wait for each other, as the daemon may refuse one
    (BUSY) and take the next."""

    shape: Tuple[int, ...]
    dtype: str
    window: Optional["FrameType"] = None
    missing: bool = False
    symbols: bool = False
    serial: bool = False

    @classmethod
    def of(cls, r: Mapping[str, Any]) -> "FrameType":
        """Out of a status."""
        stream = r.get("stream")
        if stream is None:
            return cls(tuple(r["input"]["shape"]), r["input"]["dtype"])
        seen = stream["frame"]
        return cls(tuple(r["input"]["shape"]), r["input"]["dtype"],
                   cls(tuple(seen["shape"]), seen["dtype"]),
                   stream["missing"] != "reject",
                   stream["features"] == "symbols",
                   r.get("overload") == "reject")

    @property
    def asked(self) -> "FrameType":
        """What questions are about."""
        return self.window or self

    @property
    def values(self) -> int:
        return int(np.prod(self.shape))

    @property
    def nbytes(self) -> int:
        return self.values * int(DTYPES[self.dtype].itemsize)

    def _refuse(self, got: Array, what: str, mend: str = "") -> BadFrame:
        return BadFrame(f"the model takes {what} {self.shape} {self.dtype}, "
                        f"got {got.shape} {got.dtype}{mend}")

    def _bytes(self, x: Array, what: str) -> bytes:
        if x.dtype.kind not in "biuf":
            raise self._refuse(x, what)
        x = self._as_f32(x) if self.dtype == "f32" else \
            self._as_whole(x, what)
        return np.ascontiguousarray(x).tobytes()

    def _as_whole(self, x: Array, what: str) -> Array:
        if x.dtype.kind == "f" and self.dtype == "i16":
            raise self._refuse(x, what, "; if it is -1 to 1, give it as "
                               "(32767 * x).astype('i2')")
        if x.dtype.kind == "f":
            unit = x.size and np.nanmin(x) >= 0 and np.nanmax(x) <= 1
            raise self._refuse(x, what, "; if it is 0 to 1, give it as "
                               "(255 * x).astype('u1')" if unit else
                               "; scale it to 0 to 255 and give it as "
                               "x.astype('u1')")
        most = np.iinfo(DTYPES[self.dtype])
        if x.size and (x.min() < most.min or x.max() > most.max):
            raise self._refuse(x, what, f", of {x.min()} to {x.max()}")
        return x.astype(DTYPES[self.dtype], copy=False)

    def _as_f32(self, x: Array) -> Array:
        with np.errstate(over="ignore"):  # too large becomes infinite
            x = x.astype("<f4", copy=False)
        if not self.missing and not np.isfinite(x).all():
            raise BadFrame("a value is not finite (nan, or infinite as "
                           "float32)")
        return x

    def context(self, frame: npt.ArrayLike) -> bytes:
        """What a question is about: a frame, or of symbols what came before,
        as bytes or text. An array would be taken for bytes, too, though it may
        be meant as a frame."""
        if not self.symbols:
            return self.asked.one(frame)
        if isinstance(frame, str):
            return frame.encode()
        if isinstance(frame, bytes):
            return frame
        raise TypeError("of a model of symbols, predict() takes what came "
                        f"before as bytes or text, not {type(frame).__name__}; "
                        "frames are for predict_many()")

    def _array(self, frames: npt.ArrayLike) -> Array:
        if isinstance(frames, str) and self.symbols:
            frames = frames.encode()
        if isinstance(frames, bytes) and self.symbols:
            return np.frombuffer(frames, np.uint8).reshape(-1, 1)
        return np.asarray(frames)

    def one(self, frame: npt.ArrayLike) -> bytes:
        """One frame, of the model's shape or flat, one value as a number; a
        symbol as a byte."""
        x = self._array(frame)
        if self.symbols and x.shape == (1, 1):
            x = x[0]
        if x.shape != self.shape and x.shape != (self.values,) and \
                not (x.shape == () and self.values == 1):
            raise self._refuse(x, "one frame of")
        return self._bytes(x, "one frame of")

    def many(self, frames: npt.ArrayLike) -> Tuple[bytes, int]:
        """n frames, (n, *shape) or (n, values), of one value (n,), symbols as
        bytes or text: their bytes, and n."""
        x = self._array(frames)
        if x.ndim == 1 and self.values == 1:
            x = x.reshape(-1, 1)
        if x.ndim < 1 or (x.shape[1:] != self.shape and
                          x.shape[1:] != (self.values,)):
            raise self._refuse(x, "n frames of")
        return self._bytes(x, "n frames of"), len(x)

    def array(self, data: bytes) -> Array:
        """Back: (n, *shape), read-only."""
        return np.frombuffer(data, DTYPES[self.dtype]).reshape(
            -1, *self.shape)


def label_of(label: object) -> Optional[str]:
    """A label as text. Numbers are taken as they are written."""
    if label is None or isinstance(label, str):
        return label
    if isinstance(label, (int, np.integer)):
        return str(int(label))
    raise TypeError(f"a label is text, a whole number or None, not "
                    f"{type(label).__name__}")


def labels_of(labels: Optional[Sequence[object]],
              n: int) -> Optional[List[Optional[str]]]:
    if labels is None:
        return None
    if isinstance(labels, (str, bytes)):
        raise TypeError("labels are one for each frame; [label] * n")
    made = [label_of(label) for label in labels]
    if len(made) != n:
        raise ValueError(f"{n} frames and {len(made)} labels")
    return made


def key_of(stream: object) -> Optional[str]:
    """Whose samples, as text."""
    if stream is None or isinstance(stream, str):
        return stream
    raise TypeError(f"a stream is text or None, not {type(stream).__name__}")


def keys_of(stream: Keys, n: int) -> Keys:
    if stream is None or isinstance(stream, str):
        return stream
    if isinstance(stream, bytes):
        raise TypeError("a stream is text or None, not bytes")
    keys = list(stream)
    for key in keys:
        if not isinstance(key, str):
            raise TypeError("of a list of streams each is text, not "
                            f"{type(key).__name__}")
    if len(keys) != n:
        raise ValueError(f"{n} frames and {len(keys)} streams")
    return keys

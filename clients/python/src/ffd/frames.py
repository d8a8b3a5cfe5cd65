"""numpy arrays as the model wants them: the same bytes, or a sentence that
says what to do. Nothing is converted silently that could change its meaning."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from .errors import BadFrame

Array = npt.NDArray[Any]
DTYPES: Dict[str, "np.dtype[Any]"] = {"u8": np.dtype("u1"),
                                      "f32": np.dtype("<f4")}


@dataclass(frozen=True)
class FrameType:
    """What one frame of a model is: its shape, and ``u8`` or ``f32``."""

    shape: Tuple[int, ...]
    dtype: str

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
        x = self._as_u8(x, what) if self.dtype == "u8" else self._as_f32(x)
        return np.ascontiguousarray(x).tobytes()

    def _as_u8(self, x: Array, what: str) -> Array:
        if x.dtype.kind == "f":
            unit = x.size and np.nanmin(x) >= 0 and np.nanmax(x) <= 1
            raise self._refuse(x, what, "; if it is 0 to 1, give it as "
                               "(255 * x).astype('u1')" if unit else
                               "; scale it to 0 to 255 and give it as "
                               "x.astype('u1')")
        if x.dtype != np.uint8 and x.size and (x.min() < 0 or x.max() > 255):
            raise self._refuse(x, what, f", of {x.min()} to {x.max()}")
        return x.astype("u1", copy=False)

    def _as_f32(self, x: Array) -> Array:
        with np.errstate(over="ignore"):  # too large becomes infinite
            x = x.astype("<f4", copy=False)
        if not np.isfinite(x).all():
            raise BadFrame("a value is not finite (nan, or infinite as "
                           "float32)")
        return x

    def one(self, frame: npt.ArrayLike) -> bytes:
        """One frame, of the model's shape or flat."""
        x = np.asarray(frame)
        if x.shape != self.shape and x.shape != (self.values,):
            raise self._refuse(x, "one frame of")
        return self._bytes(x, "one frame of")

    def many(self, frames: npt.ArrayLike) -> Tuple[bytes, int]:
        """n frames, (n, *shape) or (n, values): their bytes, and n."""
        x = np.asarray(frames)
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
    made = [label_of(label) for label in labels]
    if len(made) != n:
        raise ValueError(f"{n} frames and {len(made)} labels")
    return made

"""Results as HTML for a notebook. Labels are any text, so all is escaped."""
from __future__ import annotations

import base64
import html
import struct
import zlib
from typing import Any, Dict, List, Mapping, Optional, Sequence

import numpy as np

from .frames import Array


def png(image: Array) -> bytes:
    """(height, width) or (height, width, channels) of uint8 as a PNG file: in
    colour where there are three channels, else the first in grey."""
    if image.ndim == 2:
        image = image[:, :, None]
    if image.shape[2] not in (1, 3):  # channels that are no colours
        image = image[:, :, :1]
    h, w, c = image.shape

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (struct.pack(">I", len(data)) + kind + data +
                struct.pack(">I", zlib.crc32(kind + data)))
    rows = np.zeros((h, 1 + w * c), np.uint8)  # a filter of 0 before each
    rows[:, 1:] = image.reshape(h, w * c)
    head = struct.pack(">IIBBBBB", w, h, 8, 0 if c == 1 else 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) +
            chunk(b"IDAT", zlib.compress(rows.tobytes())) + chunk(b"IEND", b""))


def as_bytes(frames: Array) -> Array:
    """Frames as images of uint8, stretched over all of them; a vector is one
    row of pixels."""
    x = frames.astype(np.float64)
    low, high = (x.min(), x.max()) if x.size else (0.0, 1.0)
    x = (255 * (x - low) / ((high - low) or 1)).astype(np.uint8)
    if x.ndim == 1:
        x = x[:, None]
    return x[:, None, :] if x.ndim == 2 else x


def gallery(frames: Array, captions: Sequence[str]) -> str:
    cells: List[str] = []
    for image, caption in zip(as_bytes(frames), captions):
        data = base64.b64encode(png(image)).decode()
        cells.append(
            '<figure style="display:inline-block;margin:2px;text-align:center">'
            f'<img src="data:image/png;base64,{data}" style="width:56px;'
            'image-rendering:pixelated" alt=""><figcaption>'
            f"{html.escape(caption)}</figcaption></figure>")
    return "<div>" + "".join(cells) + "</div>"


def table(rows: Mapping[str, str]) -> str:
    return "<table>" + "".join(
        f"<tr><th>{html.escape(k)}</th><td>{html.escape(v)}</td></tr>"
        for k, v in rows.items()) + "</table>"


def prediction(label: Optional[str], scores: Dict[str, float],
               confidence: float, typicality: float) -> str:
    best = sorted(scores.items(), key=lambda kv: -kv[1])[:5]
    rows = {"answer": "none yet" if label is None
            else f"{label} ({100 * confidence:.1f} %)"}
    rows.update({name: f"{100 * p:.2f} %" for name, p in best})
    if typicality == typicality:
        rows["typicality"] = f"{typicality:.3f}"
    return table(rows)


def plot(frames: Array, captions: Sequence[str]) -> Any:
    try:
        from matplotlib import pyplot  # type: ignore[import]
    except ImportError:
        raise ImportError("plots need matplotlib: pip install matplotlib") \
            from None
    n = len(frames)
    figure, axes = pyplot.subplots(1, n, figsize=(1.2 * n, 1.5),
                                   squeeze=False)
    for axis, image, caption in zip(axes[0], as_bytes(frames), captions):
        axis.imshow(image.squeeze(), cmap="gray", vmin=0, vmax=255)
        axis.set_title(caption, fontsize=8)
        axis.axis("off")
    return figure

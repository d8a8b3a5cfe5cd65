"""What the daemon answers, typed. Every one has ``raw``, the answer as it came;
in a notebook they draw themselves."""
from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

import numpy as np

from . import show
from .frames import Array, FrameType

Raw = Mapping[str, Any]


def _number(value: Optional[float]) -> float:
    return float("nan") if value is None else float(value)


def _row(goodness: Any, layers: int) -> Array:
    """(layers,) float32; nan where none is told."""
    return np.full(layers, np.nan, np.float32) if goodness is None \
        else np.array(goodness, np.float32)


@dataclass(frozen=True, eq=False)
class Prediction:
    """An answer about one frame.

    label: the answer, None while the model knows none. confidence: its
    probability. novelty (0 to 1): how like a dream the frame looks, nan where
    none was taught. typicality (0 to 1): of ordinary frames, the share as
    strange as this one; small is strange; nan until calibrated. scores:
    probability by label. goodness: (layers,) float32. step: of the weights.
    class_goodness: goodness (layers,) by label, nan for one not learned yet;
    None unless asked for in detail.
    """

    label: Optional[str]
    confidence: float
    novelty: float
    typicality: float
    scores: Dict[str, float]
    goodness: Array
    by: str
    step: int
    raw: Raw = field(repr=False)
    class_goodness: Optional[Dict[str, Array]] = field(default=None,
                                                       repr=False)

    @classmethod
    def of(cls, r: Raw) -> "Prediction":
        detail = r.get("class_goodness")
        return cls(r["label"], _number(r["confidence"]),
                   _number(r["novelty"]), _number(r["typicality"]),
                   dict(r["scores"]), np.array(r["goodness"], np.float32),
                   r["by"], r["step"], r, None if detail is None else
                   {name: _row(g, len(r["goodness"]))
                    for name, g in detail.items()})

    def _repr_html_(self) -> str:
        return show.prediction(self.label, self.scores, self.confidence,
                               self.typicality)


@dataclass(frozen=True, eq=False)
class Predictions:
    """Answers about n frames, in columns: labels (n) text or None; confidence,
    novelty, typicality (n,) float32, nan where not known; classes (k) labels;
    scores (n, k); goodness (n, layers). An index gives one Prediction."""

    labels: List[Optional[str]]
    confidence: Array
    novelty: Array
    typicality: Array
    classes: List[str]
    scores: Array
    goodness: Array
    by: str
    step: int
    raw: Raw = field(repr=False)

    @classmethod
    def of(cls, r: Raw) -> "Predictions":
        def column(name: str) -> Array:
            return np.array([_number(v) for v in r[name]], np.float32)
        n, k = len(r["labels"]), len(r["classes"])
        return cls(list(r["labels"]), column("confidence"), column("novelty"),
                   column("typicality"), list(r["classes"]),
                   np.array(r["scores"], np.float32).reshape(n, k),
                   np.array(r["goodness"], np.float32).reshape(n, -1),
                   r["by"], r["step"], r)

    @classmethod
    def join(cls, parts: List["Predictions"]) -> "Predictions":
        """Of pieces asked for one after the other, with the same classes."""
        if len(parts) == 1:
            return parts[0]
        classes = parts[-1].classes

        def scores(p: "Predictions") -> Array:
            # Labels are bound in order, so an earlier piece has a first part.
            wide = np.zeros((len(p), len(classes)), np.float32)
            for j, name in enumerate(p.classes):
                if name in classes:
                    wide[:, classes.index(name)] = p.scores[:, j]
            return wide

        def all_of(name: str) -> Array:
            return np.concatenate([getattr(p, name) for p in parts])
        return cls([label for p in parts for label in p.labels],
                   all_of("confidence"), all_of("novelty"),
                   all_of("typicality"), classes,
                   np.concatenate([scores(p) for p in parts]),
                   all_of("goodness"), parts[-1].by, parts[-1].step,
                   parts[-1].raw)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> Prediction:
        return Prediction(
            self.labels[i], float(self.confidence[i]), float(self.novelty[i]),
            float(self.typicality[i]),
            dict(zip(self.classes, map(float, self.scores[i]))),
            self.goodness[i], self.by, self.step, {})

    def __iter__(self) -> Iterator[Prediction]:
        return (self[i] for i in range(len(self)))

    def accuracy(self, labels: Any) -> float:
        """Share of answers that are these labels (n)."""
        if len(labels) != len(self.labels):
            raise ValueError(f"{len(self.labels)} answers and {len(labels)} "
                             "labels")
        right = sum(a == str(b) for a, b in zip(self.labels, labels))
        return right / len(labels) if len(labels) else float("nan")


@dataclass(frozen=True)
class Learned:
    """What became of frames that were sent to be learned: id of the first,
    by which a label may come later; n; seq and step of the model with them
    (None with ``ack="received"``, or all dropped); learned: how many moved
    weights; labelled: how many had a label (of samples: windows that they
    completed), and right: of these, how many were predicted right before.

    runs: (first id, n) of frames whose ids follow each other, in the order of
    the frames; those of several requests need not. ``ids`` has them all.
    """

    id: str
    n: int
    seq: Optional[int]
    step: Optional[int]
    learned: int
    labelled: int
    right: int
    dropped: int
    raw: Raw = field(repr=False, compare=False)
    runs: Tuple[Tuple[str, int], ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, r: Raw) -> "Learned":
        first, n = r.get("id") or r.get("first_id") or "", r.get("n", 1)
        return cls(first, n, r.get("seq"), r.get("step"),
                   int(r.get("learned") or 0), int(r.get("labelled") or 0),
                   int(r.get("right") or 0), int(r.get("dropped") or 0), r,
                   ((first, n),))

    def and_(self, later: "Learned") -> "Learned":
        """Both together, without runs."""
        return Learned(
            self.id or later.id, self.n + later.n,
            self.seq if later.seq is None else later.seq,
            self.step if later.step is None else later.step,
            self.learned + later.learned, self.labelled + later.labelled,
            self.right + later.right, self.dropped + later.dropped, {})

    @classmethod
    def join(cls, parts: List["Learned"]) -> "Learned":
        """Of requests, in the order of their frames. seq and step are the
        highest: one that was sent again was learned last."""
        total = NOTHING
        for part in parts:
            total = total.and_(part)
        highest = {name: max((v for v in (getattr(p, name) for p in parts)
                              if v is not None), default=None)
                   for name in ("seq", "step")}
        return replace(total, runs=tuple(r for p in parts for r in p.runs),
                       **highest)

    @property
    def typicality(self) -> float:
        """Of a single sample that completed a window, where these are judged
        (``stream.anomaly``); else nan."""
        return _number(self.raw.get("typicality"))

    @property
    def ids(self) -> List[str]:
        if self.n and not self.runs:
            raise ValueError("a stream's total has no ids; those of its "
                             "frames are in what learn() returned")
        return [id_at(first, i) for first, n in self.runs for i in range(n)]


NOTHING = Learned("", 0, None, None, 0, 0, 0, 0, {})


def id_at(first: str, place: int) -> str:
    """The id of the frame at a place of a batch whose first has that id."""
    epoch, _, counter = first.partition(":")
    return f"{epoch}:{int(counter) + place}"


@dataclass(frozen=True)
class Status:
    """What a model is doing; ``raw`` has all there is."""

    model: str
    objective: str
    labels: List[str]
    frame: FrameType
    seq: int
    step: int
    state: str
    debt: int
    prequential_accuracy: float
    raw: Raw = field(repr=False, compare=False)

    @classmethod
    def of(cls, r: Raw) -> "Status":
        return cls(r["model"], r["objective"], list(r["labels"]),
                   FrameType.of(r),
                   r["seq"], r["step"], r["state"], r["debt"],
                   _number(r["prequential_accuracy"]), r)

    def _repr_html_(self) -> str:
        return show.table({
            "model": self.model, "state": self.state,
            "frames learned": f"{self.seq:,}",
            "prequential accuracy": f"{100 * self.prequential_accuracy:.2f} %",
            "labels": ", ".join(self.labels[:40])})


@dataclass(frozen=True, eq=False)
class Dreams:
    """Negative data that the model made: frames (n, *shape) in its dtype, kind
    (n) ``hybrid`` or ``climb``, goodness (n,) of the first layer."""

    frames: Array
    kind: List[str]
    goodness: Array
    raw: Raw = field(repr=False, compare=False)

    @classmethod
    def of(cls, r: Raw) -> "Dreams":
        kind = FrameType(tuple(r["shape"]), r["dtype"])
        return cls(kind.array(r["data"]), list(r["kind"]),
                   np.array(r["goodness"], np.float32), r)

    def __len__(self) -> int:
        return len(self.frames)

    def _repr_html_(self) -> str:
        return show.gallery(self.frames, self.kind)

    def plot(self) -> Any:
        """Draw them; needs matplotlib. The figure."""
        return show.plot(self.frames, self.kind)


@dataclass(frozen=True)
class Version:
    """A snapshot on the daemon's disk."""

    version: str
    name: Optional[str]
    record: int
    seq: Optional[int]
    step: Optional[int]
    bytes: int
    time: float
    xxh3: Optional[str]

    @classmethod
    def of(cls, r: Raw) -> "Version":
        return cls(**{k: r[k] for k in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Event:
    """Something that happened: topic, and what it tells."""

    topic: str
    payload: Dict[str, Any]

    @property
    def model(self) -> str:
        return str(self.payload.get("model", ""))

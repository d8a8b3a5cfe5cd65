"""A strict reader of the Prometheus text format, version 0.0.4.

parse(text) -> {family: Family}; whatever promtool check metrics, or a careful
reader of the format's page, would object to is a Bad with the line's number.
"""
import math
import re
from dataclasses import dataclass, field

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|\Z)')
SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)\Z")
TYPES = ("counter", "gauge", "histogram")
PARTS = ("_bucket", "_sum", "_count")
# A name ends in a base unit, or counts things; these units are not base.
NOT_BASE = re.compile(r"_(ms|us|milliseconds|microseconds|minutes|hours|"
                      r"kilobytes|kib|mib|percent)(_|\Z)")


class Bad(Exception):
    pass


@dataclass
class Family:
    name: str
    help: str
    type: str = ""
    samples: dict = field(default_factory=dict)  # (name, labels) -> value


def read_labels(text, where):
    labels, at = [], 0
    while at < len(text):
        found = LABEL.match(text, at)
        if not found:
            raise Bad(f"{where}: bad labels {text!r}")
        labels.append((found.group(1), found.group(2)))
        at = found.end()
    names = [name for name, _ in labels]
    if len(set(names)) < len(names):
        raise Bad(f"{where}: a label twice")
    return tuple(sorted(labels))


def family_of(name, family):
    if family.type == "histogram":
        return any(name == family.name + part for part in PARTS)
    return name == family.name


def parse(text):
    if not text.endswith("\n"):
        raise Bad("the last line has no end")
    families, now = {}, None
    for number, line in enumerate(text[:-1].split("\n"), 1):
        where = f"line {number}"
        if line.startswith("# HELP "):
            name, _, words = line[7:].partition(" ")
            if not NAME.match(name) or not words:
                raise Bad(f"{where}: HELP needs a name and a text")
            if name in families:
                raise Bad(f"{where}: {name} comes twice")
            now = families[name] = Family(name, words)
        elif line.startswith("# TYPE "):
            name, _, kind = line[7:].partition(" ")
            if now is None or name != now.name or now.type or now.samples:
                raise Bad(f"{where}: TYPE follows HELP, once")
            if kind not in TYPES:
                raise Bad(f"{where}: no such type {kind!r}")
            now.type = kind
        else:
            read_sample(line, now, where)
    for f in families.values():
        check(f)
    return families


def read_sample(line, now, where):
    found = SAMPLE.match(line)
    if not found:
        raise Bad(f"{where}: not a sample: {line!r}")
    name, labels, value = found.groups()
    if now is None or not now.type or not family_of(name, now):
        raise Bad(f"{where}: {name} is not of the family before it")
    key = name, read_labels(labels or "", where)
    if key in now.samples:
        raise Bad(f"{where}: a series twice: {line!r}")
    try:
        now.samples[key] = float(value)
    except ValueError:
        raise Bad(f"{where}: not a number: {value!r}") from None


def check(f):
    if not f.type:
        raise Bad(f"{f.name}: no TYPE")
    if (f.type == "counter") != f.name.endswith("_total"):
        raise Bad(f"{f.name}: counters, and they alone, end in _total")
    if NOT_BASE.search(f.name):
        raise Bad(f"{f.name}: not a base unit")
    if f.type == "counter" and any(not v >= 0 for v in f.samples.values()):
        raise Bad(f"{f.name}: a counter below 0")
    if f.type == "histogram":
        check_histogram(f)


def check_histogram(f):
    series = {}
    for (name, labels), value in f.samples.items():
        part = name[len(f.name):]
        rest = tuple(x for x in labels if x[0] != "le")
        one = series.setdefault(rest, {"le": []})
        if part == "_bucket":
            bound = dict(labels).get("le")
            if bound is None:
                raise Bad(f"{f.name}: a bucket without le")
            one["le"].append((float(bound), value))
        else:
            one[part] = value
    for rest, one in series.items():
        bounds = [b for b, _ in one["le"]]
        counts = [c for _, c in one["le"]]
        if bounds != sorted(bounds) or counts != sorted(counts):
            raise Bad(f"{f.name}{rest}: buckets are not cumulative")
        if not bounds or not math.isinf(bounds[-1]):
            raise Bad(f"{f.name}{rest}: no bucket +Inf")
        if "_sum" not in one or one.get("_count") != counts[-1]:
            raise Bad(f"{f.name}{rest}: _sum, or _count as +Inf, is missing")

#!/usr/bin/python3
"""A second learner, in float64, to hold lib against.

Written from the words of the design (learning.md, lib/*.h), not from the C:
slow, plain, one frame after another. It shares no random number with lib:
parameters and frames are sines. Run it to write golden.h beside it:

    /usr/bin/python3 tests/lib/golden.py
"""

import os

import numpy as np

D, H, K, L = 6, 9, 3, 2
N = K + 1  # the last verdict is delusion
EPS = 1e-8  # of the length of a frame
SQUARES = 0.9997  # decay of the running squares, a frame
ACTIVITY = 0.998  # decay of the peer term's mean activity, a frame
AVERAGE = 0.9  # decay of the averaged weights, 32 frames
# Class 2 comes late; class 1 is away for longer than `recent`. Single frames
# at the end: the average takes in only every few of them.
BATCHES = [4, 3, 1, 5, 2, 4, 1, 4] * 2 + [1] * 48
CLASSES = [0, 1, 0, 1, 0, 0, 1, 0, 0, 2, 2, 0, 2, 0, 2, 0, 2, 2, 0, 1, 2, 1, 0, 1] * 4
RECENT = 7
PROBES = 4

CASES = {
    "weighted": dict(lr=0.03, vlr=0.01, margin=0.6, temperature=1.0, peer=0.0),
    "groups": dict(lr=0.03, vlr=0.01, margin=0.55, temperature=4.0, peer=0.1),
}
THETA = 1.2


def class_of(i):
    return CLASSES[i % len(CLASSES)]


def single(x):
    """Rounded to float32, which is what lib is given."""
    return np.asarray(x, np.float32).astype(np.float64)


def frame(i):
    """A wave whose length is its class, and whose phase is its own."""
    return single(np.sin(0.9 * i + 1.7 * np.arange(D) * (1 + class_of(i))))


def initial(layer, groups):
    inputs = D if layer == 0 else H
    i = np.arange(H * inputs)
    W = np.sin(1 + 1.3 * i + 0.7 * layer) * 1.4 / np.sqrt(inputs)
    b = 0.1 * np.sin(2.1 * np.arange(H) + layer)
    V = 0.3 * np.cos(0.8 * np.arange(N * H) + layer)
    c = 0.2 * np.cos(np.arange(N) * 1.0)
    p = dict(W=W.reshape(H, inputs), b=b, V=V.reshape(N, H), c=c)
    if groups:
        p["V"] = np.zeros((N, H))
        own = H // K
        for k in range(K):
            p["V"][k, k * own : (k + 1) * own] = 1 / own
        p["c"] = np.zeros(N)
    return {k: single(v) for k, v in p.items()}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def rms(x):
    return np.sqrt(np.mean(x * x) + EPS)


class Learner:
    def __init__(self, groups, lr, vlr, margin, temperature, peer):
        self.groups, self.lr, self.vlr = groups, lr, vlr
        self.margin, self.T, self.peer = margin, temperature, peer
        self.layers = [initial(l, groups) for l in range(L)]
        self.mean = [{k: v.copy() for k, v in p.items()} for p in self.layers]
        self.rules = [
            {k: np.zeros(n) for k, n in (("W", H), ("V", N), ("c", N))}
            for _ in range(L)
        ]
        self.activity = [np.zeros(H) for _ in range(L)]
        self.last_seen = [0] * K  # number of the class's last frame
        self.seq = 0
        self.frames = [0] * L  # that the running squares of W have seen
        self.taught = self.averaged = 0
        self.skipped = 0

    @staticmethod
    def forward(layers, x):
        """u, h, G of one frame in every layer."""
        out = []
        for p in layers:
            u = x / rms(x)
            h = np.maximum(0, p["W"] @ u + p["b"])
            G = p["c"] + p["V"] @ (h * h)
            out.append((u, h, G))
            x = h
        return out

    def derivative(self, G, target, live):
        d = np.zeros(N)
        if self.groups:  # every live class on its own side of the threshold
            for k in np.flatnonzero(live):
                d[k] = -sigmoid(THETA - G[k]) if k == target else sigmoid(G[k] - THETA)
        else:  # cross-entropy of softmax over what is live
            e = np.where(live, np.exp(self.T * (G - G[live].max())), 0)
            d = self.T * (e / e.sum() - (np.arange(N) == target))
        return d

    @staticmethod
    def rule(r, mean_square, decay, rows, known=1.0):
        """1 / sqrt of the running squares, of which so much is known; 0 for
        rows that took no part."""
        r[rows] = decay * r[rows] + (1 - decay) * mean_square[rows]
        out = np.zeros(len(r))
        out[rows] = 1 / np.sqrt(r[rows] / known + 1e-20)
        return out

    def learn(self, xs, classes):
        n = len(xs)
        live = np.zeros(N, bool)
        for k in range(K):
            live[k] = self.last_seen[k] and self.seq - self.last_seen[k] < RECENT
        live[classes] = True
        live[K] = not self.groups  # dreams will be taught
        known = np.array([s > 0 for s in self.last_seen])
        passes = [self.forward(self.layers, x) for x in xs]
        right = sum(
            self.answer(f, known)[0] == k for f, k in zip(passes, classes)
        )
        few = np.sqrt(n / 32)
        for l in range(len(self.layers)):
            self.update(l, [f[l] for f in passes], classes, live, n, few)
        self.average(n)
        for k in classes:
            if self.last_seen[k] == 0:
                self.taught = self.averaged = 0
            self.seq += 1
            self.last_seen[k] = self.seq
        return right

    def update(self, l, passes, classes, live, n, few):
        p, rule = self.layers[l], self.rules[l]
        decay = SQUARES**n
        lessons = []
        for (u, h, G), k in zip(passes, classes):
            d = self.derivative(G, k, live)
            if np.abs(d).max() > self.margin:
                lessons.append((u, h, d, 2 * h * (d @ p["V"])))
            else:
                self.skipped += 1
        if self.peer and lessons:
            mean_h = sum(h for _, h, _, _ in lessons) / len(lessons)
            a = ACTIVITY**n
            self.activity[l] = a * self.activity[l] + (1 - a) * mean_h
            pull = self.peer * (self.activity[l] - self.activity[l].mean())
            lessons = [(u, h, d, dz + pull) for u, h, d, dz in lessons]
        dW, db = np.zeros_like(p["W"]), np.zeros(H)
        dV, dc, squares = np.zeros((N, H)), np.zeros(N), np.zeros(H)
        for u, h, d, dz in lessons:
            dW += np.outer(dz, u) / n
            db += dz / n
            squares += dz * dz / n
            dV += np.outer(d, h * h) / n
            dc += d / n
        if lessons:  # or r would fade while nothing is to be learned
            self.frames[l] += n
            # Verdicts are eager: they leave this out.
            known = 1 - SQUARES ** self.frames[l]
            s = self.rule(rule["W"], squares, decay, np.ones(H, bool), known)
            p["W"] -= few * self.lr * s[:, None] * dW
            p["b"] -= few * self.lr * s * db
        if not self.groups:
            s = self.rule(rule["V"], (dV * dV).mean(axis=1), decay, live)
            p["V"] -= few * self.vlr * s[:, None] * dV
            s = self.rule(rule["c"], dc * dc, decay, live)
            p["c"] -= few * self.vlr * s * dc

    def weight(self):
        fresh = self.taught - self.averaged
        if self.taught == 0:
            return 1.0
        if fresh == 0:
            return 0.0
        return max(fresh / self.taught, 1 - AVERAGE ** (fresh / 32))

    def blended(self):
        w = self.weight()
        return [
            {k: m[k] + w * (p[k] - m[k]) for k in m}
            for m, p in zip(self.mean, self.layers)
        ]

    def average(self, n):
        self.taught += n
        if self.taught - self.averaged >= min(self.taught // 16, 256):
            self.mean = self.blended()
            self.averaged = self.taught

    def answer(self, passes, known):
        """Class, probabilities, each layer's goodness for that class."""
        if not known.any():
            return -1, np.zeros(K), np.zeros(L)
        total = self.T * sum(G[:K] for _, _, G in passes) / len(passes)
        e = np.where(known, np.exp(total - total[known].max()), 0)
        best = int(np.where(known, total, -np.inf).argmax())
        return best, e / e.sum(), np.array([G[best] for _, _, G in passes])


# ---- convolution: formulas of lib/conv.c's head, one function each ----------

LEAST = 1e-4  # of a variance
MEAN = 0.9997  # decay of what is expected of the input, a frame
# The input's height, width and channels, and of each layer kernel, stride, pad,
# pool, groups, grid, channels; or units alone: dense; or pool, grid, units:
# recurrent
STACKS = {
    "conv": ((8, 8, 3), [(3, 1, 1, 2, 1, 3, 6), (3, 2, 1, 1, 2, 2, 4), (9,)]),
    "time": ((12, 1, 3), [(5, 1, 2, 2, 1, 3, 6), (3, 1, 1, 1, 2, 2, 4), (9,)]),
    "recurrent": ((9, 2, 2), [(2, 3, 6), (1, 2, 5), (9,)]),
}
CONV = dict(lr=0.02, vlr=0.005, margin=0.5, temperature=1.0, peer=0.1)
CONV_BATCHES = 24


def picture(i, values):
    """As frame(), of as many values as a picture has."""
    n = np.arange(values)
    return single(np.sin(0.9 * i + 1.7 * n * (1 + class_of(i))))


class Window:
    """Sizes of a convolution over an input (high, wide, channels)."""

    def __init__(self, shape, look):
        k, self.stride, pad, pool, self.groups, grid, self.R = look
        time = shape[1] == 1  # down and across; over time nothing is across
        self.k, self.pad = (k, 1 if time else k), (pad, 0 if time else pad)
        self.pool = (pool, 1 if time else pool)
        self.grid = (grid, 1 if time else grid)
        self.shape = shape
        self.before = tuple(
            (n + 2 * pad - k) // self.stride + 1
            for n, k, pad in zip(shape, self.k, self.pad)
        )
        self.out = tuple(n // p for n, p in zip(self.before, self.pool))
        self.out += (self.R,)
        self.C = self.k[0] * self.k[1] * shape[2] // self.groups
        self.H = int(np.prod(self.out))
        self.Q = self.grid[0] * self.grid[1] * self.R
        self.M = shape[2]


def standardise(x, p, w):
    """u of one frame, (high, wide, channels)."""
    y = x - np.mean(x)
    u = (y / rms(y)).reshape(w.shape)
    return (u - p["mean"]) / np.sqrt(p["variance"] + LEAST)


def seen(u, y, x, j, w):
    """What channel j sees at answer (y, x): of its group, 0 beyond edges."""
    each = w.shape[2] // w.groups
    g = j // (w.R // w.groups)
    padded = np.pad(u, [(p, p) for p in w.pad] + [(0, 0)])
    y, x = y * w.stride, x * w.stride
    window = padded[y : y + w.k[0], x : x + w.k[1]]
    return window[:, :, g * each : (g + 1) * each].ravel()


def convolve(u, p, w):
    """a (out) and, for each, where in the answers before the pool it was."""
    z = np.array([[[p["W"][j] @ seen(u, y, x, j, w) for j in range(w.R)]
                   for x in range(w.before[1])] for y in range(w.before[0])])
    a, at = np.zeros(w.out), np.zeros(w.out + (2,), int)
    for y, x, j in np.ndindex(w.out):
        top, left = y * w.pool[0], x * w.pool[1]
        area = z[top : top + w.pool[0], left : left + w.pool[1], j]
        dy, dx = divmod(int(area.argmax()), w.pool[1])
        a[y, x, j] = area[dy, dx] + p["b"][j]
        at[y, x, j] = top + dy, left + dx
    return a, at


def cells(w):
    """The slices of each cell of the grid."""
    edge = [
        [i * n // grid for i in range(grid + 1)]
        for n, grid in zip(w.out, w.grid)
    ]
    rows, columns = ([slice(a, b) for a, b in zip(e, e[1:])] for e in edge)
    return [(y, x) for y in rows for x in columns]


def squares(h, w):
    """q: mean of h^2 over each cell, by channel."""
    return np.concatenate([np.mean(h[c] ** 2, axis=(0, 1)) for c in cells(w)])


def spread(dq, h, w):
    """dL/da out of dL/dq."""
    dz = np.zeros(w.out)
    for c, d in zip(cells(w), dq.reshape(-1, w.R)):
        dz[c] = 2 * h[c] * d / (h[c].size // w.R)
    return dz


def gradient(dz, u, at, w):
    """dW of one frame: each dz at the place that was the greatest."""
    dW = np.zeros((w.R, w.C))
    for y, x, j in np.ndindex(w.out):
        dW[j] += dz[y, x, j] * seen(u, *at[y, x, j], j, w)
    return dW


def follow(p, us, rate):
    """What is expected of the input moves to what these frames had."""
    s = np.sqrt(p["variance"] + LEAST)
    u = np.concatenate([u.reshape(-1, u.shape[-1]) for u in us])
    square = s * s * (u * u).mean(axis=0)
    p["variance"] += rate * (square - p["variance"])
    p["mean"] += rate * s * u.mean(axis=0)


class Steps:
    """Sizes of a recurrent layer over an input (steps, columns, channels)."""

    def __init__(self, shape, look):
        self.pool, grid, self.R = look
        self.grid = (grid, 1)
        self.values = shape[1] * shape[2]
        self.shape = (shape[0], self.values)
        self.out = (shape[0] // self.pool, 1, self.R)
        self.C = self.values + self.R
        self.H = int(np.prod(self.out))
        self.Q = grid * self.R
        self.M = self.values


def echo(h):
    """What the next step hears."""
    return (h - h.mean()) / rms(h - h.mean())


def recur(u, p, w):
    """a (out), the step each is of, and what each step saw."""
    v, z, rows = np.zeros(w.R), [], []
    for t in range(w.out[0] * w.pool):
        rows.append(np.concatenate([u[t], v]))
        z.append(p["W"] @ rows[-1] + p["b"])
        v = echo(np.maximum(0, z[-1]))
    pools = np.array(z).reshape(w.out[0], w.pool, w.R)
    at = pools.argmax(axis=1) + w.pool * np.arange(w.out[0])[:, None]
    return pools.max(axis=1).reshape(w.out), (at, rows)


def through_time(dz, at, w):
    """dW of one frame: each dz at the step that was the greatest."""
    at, rows = at
    dW = np.zeros((w.R, w.C))
    for t, j in np.ndindex(at.shape):
        dW[j] += dz[t, 0, j] * rows[at[t, j]]
    return dW


class Stack(Learner):
    """Convolutions under a dense layer that forgets the mean of its input."""

    def __init__(self, shape, stack, lr, vlr, margin, temperature, peer):
        super().__init__(False, lr, vlr, margin, temperature, peer)
        self.looks = []
        for look in stack:
            if len(look) > 1:
                kind = Steps if len(look) == 3 else Window
                self.looks.append(kind(shape, look))
                shape = self.looks[-1].out
            else:
                self.looks.append(look[0])
                D = int(np.prod(shape))
        self.layers = [
            self.begin(l, w.R, w.C, w.Q, w.M)
            if isinstance(w, (Window, Steps)) else self.begin(l, w, D, w, D)
            for l, w in enumerate(self.looks)
        ]
        for p, w in zip(self.layers, self.looks):
            if isinstance(w, (Window, Steps)):
                p["variance"] = np.ones(w.M)
        self.mean = [{k: v.copy() for k, v in p.items()} for p in self.layers]
        self.rules = [
            {k: np.zeros(len(p[k])) for k in ("W", "b", "V", "c")}
            for p in self.layers
        ]
        self.activity = [np.zeros(len(p["b"])) for p in self.layers]
        self.frames = [0] * len(stack)
        self.steps = 0

    @staticmethod
    def begin(layer, R, C, Q, M):
        i = np.arange(R * C)
        W = np.sin(1 + 1.3 * i + 0.7 * layer) * 1.4 / np.sqrt(C)
        V = 0.3 * np.cos(0.8 * np.arange(N * Q) + layer)
        p = dict(
            W=W.reshape(R, C),
            b=0.1 * np.sin(2.1 * np.arange(R) + layer),
            V=V.reshape(N, Q),
            c=0.2 * np.cos(np.arange(N) * 1.0),
            mean=np.zeros(M),
        )
        return {k: single(v) for k, v in p.items()}

    def forward(self, layers, x):
        """u, (h, q, at), G of one frame in every layer."""
        out = []
        for p, w in zip(layers, self.looks):
            if isinstance(w, (Window, Steps)):
                u = standardise(x, p, w)
                a, at = (convolve if isinstance(w, Window) else recur)(u, p, w)
                h = np.maximum(0, a)
                q = squares(h, w)
            else:
                u, at = x / rms(x) - p["mean"], None
                h = np.maximum(0, p["W"] @ u + p["b"])
                q = h * h
            out.append((u, (h, q, at), p["c"] + p["V"] @ q))
            x = h.ravel()
        return out

    def learn(self, xs, classes):
        right = super().learn(xs, classes)
        self.steps += 1
        return right

    def update(self, l, passes, classes, live, n, few):
        p, rule, w = self.layers[l], self.rules[l], self.looks[l]
        decay, R = SQUARES**n, len(p["b"])
        conv = isinstance(w, (Window, Steps))
        lessons = []
        for (u, (h, q, at), G), k in zip(passes, classes):
            d = self.derivative(G, k, live)
            if np.abs(d).max() > self.margin:
                dq = d @ p["V"]
                dz = spread(dq, h, w) if conv else 2 * h * dq
                lessons.append((u, h, q, at, d, dz))
            else:
                self.skipped += 1
        dV, dc = np.zeros_like(p["V"]), np.zeros(N)
        for _, _, q, _, d, _ in lessons:
            dV += np.outer(d, q) / n
            dc += d / n
        if lessons:
            self.move(l, lessons, n, few, decay, R, conv)
        for key, g in (("V", dV), ("c", dc[:, None])):
            s = self.rule(rule[key], (g * g).mean(axis=1), decay, live)
            p[key] -= (few * self.vlr * s[:, None] * g).reshape(p[key].shape)

    def move(self, l, lessons, n, few, decay, R, conv):
        p, rule, w = self.layers[l], self.rules[l], self.looks[l]
        every = np.ones(R, bool)
        h = np.concatenate([h.reshape(-1, R) for _, h, _, _, _, _ in lessons])
        fade = ACTIVITY**n
        self.activity[l] = fade * self.activity[l] + (1 - fade) * h.mean(axis=0)
        pull = self.peer * (self.activity[l] - self.activity[l].mean())
        self.frames[l] += n
        known = 1 - SQUARES ** self.frames[l]
        dW, db, square = np.zeros_like(p["W"]), np.zeros(R), np.zeros(R)
        for u, _, _, at, _, dz in lessons:
            dz = dz + pull  # at each place
            if conv:
                if isinstance(w, Window):
                    dW += gradient(dz, u, at, w) / n
                else:
                    dW += through_time(dz, at, w) / n
                db += dz.sum(axis=(0, 1)) / n
            else:
                dW += np.outer(dz, u) / n
                db += dz / n
                square += dz * dz / n
        if conv:  # the rows of the batch gradient
            square = (dW * dW).mean(axis=1)
            s = self.rule(rule["W"], square, decay, every, known)
            t = self.rule(rule["b"], db * db, decay, every, known)
        else:
            s = t = self.rule(rule["W"], square, decay, every, known)
        p["W"] -= few * self.lr * s[:, None] * dW
        p["b"] -= few * self.lr * t * db
        rate = max(1 - MEAN**n, 1 / (self.steps + 1))
        us = [u for u, _, _, _, _, _ in lessons]
        if conv:
            follow(p, us, rate)
        else:
            p["mean"] += rate * np.mean(us, axis=0)

    def answer(self, passes, known):
        """By all layers but the first."""
        best, scores, _ = super().answer(passes[1:], known)
        own = [0.0 if best < 0 else G[best] for _, _, G in passes]
        return best, scores, np.array(own)


def run_stack(name):
    shape, stack = STACKS[name]
    m = Stack(shape, stack, **CONV)
    values = int(np.prod(shape))
    at, right = 0, []
    for n in BATCHES[:CONV_BATCHES]:
        ids = range(at, at + n)
        xs = [picture(i, values) for i in ids]
        classes = [class_of(i) for i in ids]
        right.append(m.learn(xs, classes))
        at += n
    share = m.skipped / (len(stack) * at)
    assert 0.1 < share < 0.7, "the margin should skip some: %g" % share
    known = np.array([s > 0 for s in m.last_seen])
    view = m.blended()
    answers = [
        m.answer(m.forward(view, picture(100 + i, values)), known)
        for i in range(PROBES)
    ]
    flat = lambda ps: np.concatenate(
        [np.ravel(p[k]) for p in ps
         for k in ("W", "b", "V", "c", "mean", "variance") if k in p]
    )
    out = "static const struct golden_stack golden_%s = {\n" % name
    out += row("shape", shape)
    out += "    .layers = %d,\n    .params_n = %d,\n" % (
        len(stack), len(flat(m.layers)))
    looks = [
        look if len(look) == 7
        else (0, 0, 0, look[0], 0) + look[1:] if len(look) == 3
        else (0,) * 6 + look
        for look in stack
    ]
    out += "    .look = {%s},\n" % ", ".join(
        "{%s}" % ", ".join(map(str, look)) for look in looks)
    for key in CONV:
        out += "    .%s = %rf,\n" % (key, CONV[key])
    out += row("right", right)
    out += row("params", flat(m.layers))
    out += row("average", flat(view))
    out += row("label", [a[0] for a in answers])
    out += row("scores", [a[1] for a in answers])
    out += row("goodness", [a[2] for a in answers])
    return out + "};\n", len(flat(m.layers))


def stack_type(params):
    return """
enum {
    GOLDEN_STACK_L = %d, GOLDEN_STACK_BATCHES = %d, GOLDEN_STACK_PARAMS = %d
};

struct golden_stack {
    unsigned shape[3], layers, params_n;
    /* kernel, stride, pad, pool, groups, grid; channels, or units if kernel is
       0: of a recurrent layer where there is a pool */
    unsigned look[GOLDEN_STACK_L][7];
    float lr, vlr, margin, temperature, peer;
    unsigned right[GOLDEN_STACK_BATCHES];
    double params[GOLDEN_STACK_PARAMS], average[GOLDEN_STACK_PARAMS];
    int label[GOLDEN_PROBES];
    double scores[GOLDEN_PROBES * GOLDEN_K];
    double goodness[GOLDEN_PROBES * GOLDEN_STACK_L];
};

""" % (max(len(stack) for _, stack in STACKS.values()), CONV_BATCHES, params)


# ---- top_down ----------------------------------------------------------------

TOP = dict(lr=0.02, margin=0.45, peer=0.1, theta=1.1)
LABEL = 10  # mean square of what the last layer has from the label
TOP_UNITS, TOP_K, TOP_BATCHES = (7, 5), 2, [3, 2, 4, 1, 3, 2, 4, 4]


class TopDown:
    """Layers that settle between a frame and a label; two labels, so that the
    wrong one is known."""

    def __init__(self):
        below = (D,) + TOP_UNITS[:-1]
        above = TOP_UNITS[1:] + (TOP_K,)
        self.layers = []
        for l, (R, b, a) in enumerate(zip(TOP_UNITS, below, above)):
            p = Stack.begin(l, R, b + a, 1, b + a)
            self.layers.append({k: p[k] for k in ("W", "b", "mean")})
        self.r = [np.zeros(R) for R in TOP_UNITS]
        self.activity = [np.zeros(R) for R in TOP_UNITS]
        self.frames = [0] * len(TOP_UNITS)
        self.steps, self.skipped, self.rows = 0, 0, 0

    def settle(self, x, label):
        """Of each iteration: u, h, g of each layer."""
        L = len(self.layers)

        def answer(l, below, above):
            p = self.layers[l]
            if l + 1 < L:
                above = above / rms(above)
            u = np.concatenate([below / rms(below), above])
            u = u / rms(u) - p["mean"]
            return u, np.maximum(0, p["W"] @ u + p["b"])

        state, out = [], []
        for l in range(L):
            below = state[l - 1] if l else x
            none = np.zeros(len(self.layers[l]["mean"]) - len(below))
            h = answer(l, below, none)[1]
            state.append(h / rms(h))
        one = np.eye(TOP_K)[label] * np.sqrt(LABEL * TOP_K)
        for _ in range(8):
            seen = [x] + state + [one]
            now = [answer(l, seen[l], seen[l + 2]) for l in range(L)]
            state = [
                0.3 * s + 0.7 * h / rms(h) for s, (_, h) in zip(state, now)
            ]
            out.append([(u, h, np.mean(h * h)) for u, h in now])
        return out

    def learn(self, xs, labels):
        alone = self.steps == 0  # nothing else was ever seen
        rows = []  # u, h, dL/dg of each layer, iteration and frame
        for x, label in zip(xs, labels):
            for sign in (1,) if alone else (1, -1):
                k = label if sign > 0 else 1 - label
                for layers in self.settle(x, k):
                    rows.append([
                        (u, h, -sign * sigmoid(sign * (TOP["theta"] - g)))
                        for u, h, g in layers
                    ])
        for l in range(len(self.layers)):
            self.update(l, [r[l] for r in rows])
        self.steps += 1

    def update(self, l, rows):
        p, R, n = self.layers[l], len(self.r[l]), len(rows)
        kept = [r for r in rows if abs(r[2]) > TOP["margin"]]
        self.rows += n
        self.skipped += n - len(kept)
        if not kept:
            return
        fade, decay = ACTIVITY**n, SQUARES**n
        mean_h = np.mean([h for _, h, _ in kept], axis=0)
        self.activity[l] = fade * self.activity[l] + (1 - fade) * mean_h
        pull = TOP["peer"] * 2 / R * (self.activity[l] - self.activity[l].mean())
        dz = [2 * h * d / R + pull for _, h, d in kept]
        us = [u for u, _, _ in kept]
        self.frames[l] += n
        known = 1 - SQUARES ** self.frames[l]
        square = sum(z * z for z in dz) / n
        s = Learner.rule(self.r[l], square, decay, np.ones(R, bool), known)
        step = np.sqrt(n / 32) * TOP["lr"] * s
        p["W"] -= step[:, None] * sum(np.outer(z, u) for z, u in zip(dz, us)) / n
        p["b"] -= step * sum(dz) / n
        rate = max(1 - MEAN**n, 1 / (self.steps + 1))
        p["mean"] += rate * np.mean(us, axis=0)

    def goodness(self, x):
        """(L, K)"""
        out = np.zeros((len(self.layers), TOP_K))
        for k in range(TOP_K):
            turns = self.settle(x, k)[2:5]
            out[:, k] = np.mean([[g for _, _, g in t] for t in turns], axis=0)
        return out


def run_top_down():
    m, at = TopDown(), 0
    for n in TOP_BATCHES:
        ids = range(at, at + n)
        m.learn([frame(i) for i in ids], [class_of(i) % TOP_K for i in ids])
        at += n
    share = m.skipped / m.rows
    assert 0.1 < share < 0.7, "the margin should skip some: %g" % share
    params = np.concatenate(
        [np.ravel(p[k]) for p in m.layers for k in ("W", "b", "mean")])
    text = """
enum {
    GOLDEN_TOP_L = %d, GOLDEN_TOP_K = %d, GOLDEN_TOP_BATCHES = %d,
    GOLDEN_TOP_PARAMS = %d
};

static const unsigned golden_top_units[] = {%s};
static const unsigned golden_top_batch[] = {%s};

/* W, b and mean of each layer; goodness of each probe, layer and label. */
static const struct {
    float lr, margin, peer, theta;
    double params[GOLDEN_TOP_PARAMS];
    double goodness[GOLDEN_PROBES * GOLDEN_TOP_L * GOLDEN_TOP_K];
} golden_top = {
""" % (len(TOP_UNITS), TOP_K, len(TOP_BATCHES), len(params),
       ", ".join(map(str, TOP_UNITS)), ", ".join(map(str, TOP_BATCHES)))
    for key in TOP:
        text += "    .%s = %rf,\n" % (key, TOP[key])
    text += row("params", params)
    text += row("goodness", [m.goodness(frame(100 + i)) for i in range(PROBES)])
    return text + "};\n"


def row(name, values):
    text = ", ".join("%.8g" % v for v in np.ravel(values))
    return "    .%s = {%s},\n" % (name, text)


def run(name):
    m = Learner(name == "groups", **CASES[name])
    at, right = 0, []
    for n in BATCHES:
        ids = range(at, at + n)
        right.append(m.learn([frame(i) for i in ids], [class_of(i) for i in ids]))
        at += n
    share = m.skipped / (L * at)
    assert 0.15 < share < 0.7, "the margin should skip some: %g" % share
    known = np.array([s > 0 for s in m.last_seen])
    view = m.blended()
    answers = [m.answer(m.forward(view, frame(100 + i)), known) for i in range(PROBES)]
    flat = lambda ps: np.concatenate(
        [np.ravel(p[k]) for p in ps for k in ("W", "b", "V", "c")]
    )
    out = "static const struct golden golden_%s = {\n" % name
    for key in ("lr", "vlr", "margin", "temperature", "peer"):
        out += "    .%s = %rf,\n" % (key, CASES[name][key])
    out += row("right", right)
    out += row("params", flat(m.layers))
    out += row("average", flat(view))
    out += row("label", [a[0] for a in answers])
    out += row("scores", [a[1] for a in answers])
    out += row("goodness", [a[2] for a in answers])
    return out + "};\n"


def main():
    params = sum(H * (D if l == 0 else H) + H + N * H + N for l in range(L))
    text = """/*
 * golden.h -- what golden.py's learner, in float64, came to. Not written by
 * hand; again with
 *
 *     /usr/bin/python3 tests/lib/golden.py
 */
#ifndef FF_TEST_GOLDEN_H
#define FF_TEST_GOLDEN_H

/* clang-format off */
enum {
    GOLDEN_D = %d, GOLDEN_H = %d, GOLDEN_K = %d, GOLDEN_L = %d,
    GOLDEN_BATCHES = %d, GOLDEN_FRAMES = %d, GOLDEN_RECENT = %d,
    GOLDEN_PROBES = %d, GOLDEN_PARAMS = %d
};

#define GOLDEN_AVERAGE %rf
#define GOLDEN_THETA   %rf

struct golden {
    float lr, vlr, margin, temperature, peer;
    unsigned right[GOLDEN_BATCHES];
    double params[GOLDEN_PARAMS], average[GOLDEN_PARAMS];
    int label[GOLDEN_PROBES];
    double scores[GOLDEN_PROBES * GOLDEN_K];
    double goodness[GOLDEN_PROBES * GOLDEN_L];
};

""" % (D, H, K, L, len(BATCHES), len(CLASSES), RECENT, PROBES, params,
       AVERAGE, THETA)
    text += "static const unsigned golden_batch[] = {%s};\n" % ", ".join(
        map(str, BATCHES))
    text += "static const int golden_class[] = {%s};\n\n" % ", ".join(
        map(str, CLASSES))
    text += run("weighted") + "\n" + run("groups")
    stacks = [run_stack(name) for name in STACKS]
    text += stack_type(max(count for _, count in stacks))
    text += "\n".join(stack for stack, _ in stacks)
    text += run_top_down()
    text += "/* clang-format on */\n\n#endif\n"
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden.h")
    with open(path, "w") as f:
        f.write(text)


if __name__ == "__main__":
    main()

// The chart of the stream: accuracy over time, marks, and what was taught
// asleep. History comes from the daemon; ticks are added at its end.
import {$, say, svg} from "./dom.js";
import {clock, count, percent, rate} from "./format.js";
import {accuracyFloor, parts, path, scale, slept} from "./shape.js";

const MOST = 600; // points; the daemon's own history has 512
const LEFT = 44, RIGHT = 8, TOP = 16, BOTTOM = 24, STRIP = 28, GAP = 6;
const LETTER = {drift: "D", snapshot: "S", label: "L", rollback: "R"};
const COLUMNS = ["time", "seq", "accuracy", "fading", "frames_per_second",
  "inbox", "debt", "slept"];

export class Accuracy {
  #points = [];
  #marks = [];
  #every = 1;
  #at = null; // the point that is looked back at; null: the newest
  #drawn = 0;

  constructor() {
    this.box = $("accuracy");
    this.range = $("moment");
    this.range.addEventListener("input", () => {
      const i = Number(this.range.value);
      this.#at = i >= this.#points.length - 1 ? null : i;
      this.draw();
    });
    this.box.addEventListener("pointermove", e => this.#point(e));
    this.box.addEventListener("pointerleave", () => {
      this.#at = null;
      this.draw();
    });
    new ResizeObserver(() => this.draw()).observe(this.box);
  }

  set(history) {
    const p = history?.points;
    this.#every = history?.every_s ?? 1;
    this.#points = p ? p.time.map((_, i) =>
      Object.fromEntries(COLUMNS.map(k => [k, p[k][i]]))) : [];
    this.#marks = history?.marks ?? [];
    this.#at = null;
    this.draw();
  }

  add(point) {
    const last = this.#points.at(-1);
    if (last && point.time - last.time < this.#every)
      return;
    // An idle model adds nothing, here as in the daemon.
    if (last && last.seq === point.seq && last.slept === point.slept)
      return;
    this.#points.push(point);
    if (this.#points.length > MOST) {
      this.#points = this.#points.filter((_, i) => i % 2 === 1);
      this.#every *= 2;
      this.#at = null;
    }
    this.draw();
  }

  mark(mark) {
    this.#marks = [...this.#marks.slice(-63), mark];
    this.draw();
  }

  get marks() {
    return this.#marks;
  }

  #point(e) {
    const {left, width} = this.box.getBoundingClientRect();
    const n = this.#points.length;
    if (n < 2)
      return;
    const x = scale(left + LEFT, left + width - RIGHT,
      this.#points[0].time, this.#points[n - 1].time)(e.clientX);
    let best = 0;
    this.#points.forEach((p, i) => {
      if (Math.abs(p.time - x) < Math.abs(this.#points[best].time - x))
        best = i;
    });
    this.#at = best;
    this.draw();
  }

  #read() {
    const n = this.#points.length;
    const p = this.#points[this.#at ?? n - 1];
    const text = p ? `${clock(p.time)}: ${percent(p.accuracy)} right, frame ` +
      `${count(p.seq)}, ${rate(p.frames_per_second)} frames/s`
      : "Nothing was learned since the daemon started.";
    say($("reading"), text);
    this.range.max = Math.max(0, n - 1);
    this.range.disabled = n < 2;
    if (document.activeElement !== this.range || this.#at === null)
      this.range.value = this.#at ?? n - 1;
    this.range.setAttribute("aria-valuetext", text);
  }

  // Once a frame of the screen is often enough.
  draw() {
    cancelAnimationFrame(this.#drawn);
    this.#drawn = requestAnimationFrame(() => {
      this.#read();
      this.#paint();
    });
  }

  #paint() {
    const width = Math.max(280, this.box.clientWidth);
    const height = width < 500 ? 240 : 300;
    const low = height - BOTTOM - STRIP - GAP;
    const p = this.#points, n = p.length;
    const floor = accuracyFloor(p.map(q => q.accuracy));
    const y = scale(floor, 1, low, TOP);
    const from = n ? p[0].time : 0, to = n ? p[n - 1].time : 1;
    const x = scale(from, to > from ? to : from + 1, LEFT, width - RIGHT);
    const last = p.at(-1);
    const root = svg("svg", {viewBox: `0 0 ${width} ${height}`, role: "img",
      "aria-label": last ? `Accuracy over time, now ${percent(last.accuracy)}`
        : "Accuracy over time, nothing yet"});
    const cut = parts(floor);
    for (let i = 0; i <= cut; i++) {
      const v = floor + (1 - floor) * i / cut;
      root.append(svg("line", {class: "grid", x1: LEFT, x2: width - RIGHT,
        y1: y(v), y2: y(v)}),
      svg("text", {x: LEFT - 6, y: y(v) + 4, "text-anchor": "end"},
        `${(100 * v).toFixed(0)} %`));
    }
    this.#paintSleep(root, p, x, height);
    if (n) {
      root.append(
        svg("path", {class: "fading",
          d: path(p.map(q => [x(q.time), q.fading === null ? null
            : y(Math.max(floor, q.fading))]))}),
        svg("path", {class: "window",
          d: path(p.map(q => [x(q.time), q.accuracy === null ? null
            : y(Math.max(floor, q.accuracy))]))}),
        ...(last.accuracy === null ? [] : [svg("circle", {class: "dot", r: 3.5,
          cx: x(last.time), cy: y(Math.max(floor, last.accuracy))})]),
        svg("text", {x: LEFT, y: height - 6}, clock(from)),
        svg("text", {x: width - RIGHT, y: height - 6, "text-anchor": "end"},
          clock(to)));
    }
    for (const m of this.#marks) {
      if (m.time < from || !n)
        continue;
      const at = Math.min(x(m.time), width - RIGHT);
      const line = svg("line", {class: "happened", x1: at, x2: at, y1: TOP,
        y2: low});
      line.append(svg("title", {}, `${clock(m.time)} ${m.text}`));
      root.append(line, svg("text", {class: "happened", x: at, y: TOP - 4,
        "text-anchor": "middle"}, LETTER[m.kind] ?? "?"));
    }
    if (this.#at !== null && p[this.#at]) {
      const at = x(p[this.#at].time);
      root.append(svg("line", {class: "cursor", x1: at, x2: at, y1: TOP,
        y2: height - BOTTOM}));
    }
    this.box.replaceChildren(root);
  }

  #paintSleep(root, p, x, height) {
    const much = slept(p.map(q => q.slept));
    const per = much.map((v, i) => i === 0 ? 0
      : v / Math.max(0.001, p[i].time - p[i - 1].time));
    const most = Math.max(1, ...per), base = height - BOTTOM;
    per.forEach((v, i) => {
      if (v <= 0)
        return;
      const h = Math.max(2, STRIP * v / most);
      root.append(svg("rect", {class: "asleep", x: x(p[i - 1].time),
        width: Math.max(1, x(p[i].time) - x(p[i - 1].time)), y: base - h,
        height: h}));
    });
  }
}

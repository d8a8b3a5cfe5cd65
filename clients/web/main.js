// The page: which model is shown, what it is doing now, and who is asked when.
import {Accuracy} from "./accuracy.js";
import {$, fill, make, say} from "./dom.js";
import {bytes, clock, count, duration, ms, percent, rate} from "./format.js";
import {get, Live} from "./live.js";
import {clearPortrait, showPortrait} from "./portrait.js";

const PORTRAIT_MS = 2000, LOG_MOST = 100;
const MISSED_S = 3; // between two ticks: some were not read

const chart = new Accuracy();
let shown = null;    // the model's name
let models = [];     // names
let last = null;     // the newest tick
let before = null;   // the one before it
let paused = false;
let link = "waiting";
let asked = 0;       // when a portrait was last asked for

// ---- events

function log(time, text) {
  const line = make("li", {}, make("time"), make("span"));
  line.firstChild.textContent = clock(time);
  line.lastChild.textContent = text;
  $("log").prepend(line);
  while ($("log").children.length > LOG_MOST)
    $("log").lastElementChild.remove();
}

const sentences = {
  drift: e => `${e.model}: the stream is not what it was, says ${e.detector}` +
    (e.error === null ? "" : `; ${percent(e.error)} wrong lately`),
  novelty: e => `${e.model}: asked about ${count(e.frames)} ` +
    `${e.frames === 1 ? "frame" : "frames"} unlike all it knows (typicality ` +
    `${percent(e.typicality)})`,
  anomaly: e => `${e.model}: ${e.stream === null ? "a stream" : e.stream} ` +
    `does what was not seen before (${percent(e.typicality)} of windows are as ` +
    `strange)` + (e.anomalies > 1 ? `; ${count(e.anomalies)} alarms since the ` +
    "last" : ""),
  snapshot: e => `${e.model}: a snapshot of frame ${count(e.seq)} is on the ` +
    `disk, ${bytes(e.bytes)}`,
};

// ---- which model

async function show(name) {
  if (name === shown)
    return;
  shown = name;
  before = null;
  clearPortrait();
  chart.set(null);
  if (name === null)
    return;
  $("model").value = name;
  history.replaceState(null, "", "#" + encodeURIComponent(name));
  await refresh();
}

// All that ticks do not bring.
async function refresh() {
  const name = shown;
  if (name === null)
    return;
  const path = `/api/models/${encodeURIComponent(name)}`;
  const past = await get(`${path}/history`);
  if (name === shown && past)
    chart.set(past.history);
  await portrait();
}

async function portrait() {
  const name = shown;
  asked = performance.now();
  const p = await get(`/api/models/${encodeURIComponent(name)}/portrait`);
  if (name !== shown || paused)
    return;
  if (p && !p.ready) // the first is being made
    asked = performance.now() - PORTRAIT_MS + 200;
  showPortrait(p);
}

function listModels(names) {
  if (names.join() === models.join())
    return;
  models = names;
  fill($("model"), names, () => make("option"), (o, name) => {
    o.value = name;
    say(o, name);
  });
  const wanted = decodeURIComponent(location.hash.slice(1));
  if (names.includes(shown))
    $("model").value = shown;
  else
    show(names.includes(wanted) ? wanted : names[0] ?? null);
}

// ---- now

// A model that naps between two ticks has still been asleep.
function doing(m) {
  const slept = before
    ? m.replayed + m.confused + m.dreamt - before.replayed -
      before.confused - before.dreamt : 0;
  const learned = before ? m.learned - before.learned : 0;
  const asleep = slept > 0 ? `, asleep in between: ${count(slept)} memories ` +
    "and dreams in the last second" : "";
  if (learned > 0)
    return `Awake: learning ${rate(m.frames_per_second)} frames a second` +
      `${asleep}.`;
  if (m.state === "asleep" || slept > 0)
    return `Asleep: ${count(slept)} memories and dreams in the last second.`;
  return m.seq === 0 ? "Waiting for its first frame."
    : "Quiet: no frame came in the last second.";
}

function numbersOf(m) {
  return [
    ["Accuracy", percent(m.prequential_accuracy), "",
      "of the last 1,000 labelled frames, answered before they were learned"],
    ...(m.bits === null ? [] : [["Surprise", m.bits.toFixed(2), "bits",
      "a symbol, of the last 1,000"]]),
    ["Learning", rate(m.frames_per_second), "frames/s", ""],
    ["Frames", count(m.seq), "", `${count(m.labelled)} with a label`],
    ["Waiting", count(m.inbox), "frames", "in its inbox"],
    ["Sleep owed", count(m.debt), "frames",
      `${count(m.replayed)} replayed, ${count(m.dreamt)} dreams so far`],
    ["Lost", count(m.dropped + m.refused), "frames", "dropped or refused"],
    ["Drift", count(m.error_alarms + m.level_alarms), "alarms", ""],
  ];
}

function showNow() {
  const m = last?.models[shown];
  if (!m) {
    say($("sentence"), last ? "There is no model yet: ffctl create NAME " +
      "--config FILE makes one." : "Waiting for the daemon.");
    return;
  }
  say($("sentence"), doing(m));
  fill($("numbers"), numbersOf(m), () => make("div", {}, make("dt"),
    make("dd", {}, make("span"), " ", make("small"),
      make("small", {class: "why"}))), (div, [name, value, unit, why]) => {
    const dd = div.lastChild;
    say(div.firstChild, name);
    say(dd.children[0], value);
    say(dd.children[1], unit);
    say(dd.children[2], why);
  });
}

function showMachine() {
  const d = last.daemon, m = last.models[shown];
  const rows = [["answers (predict)", m?.predict_us],
    ["learning, a micro-batch", m?.learn_us],
    ["the loop, a turn", d.loop_lag_us]].filter(([, h]) => h);
  fill($("latency"), rows, () => make("tr", {}, make("th", {scope: "row"}),
    make("td"), make("td"), make("td"), make("td")), (tr, [name, h]) => {
    const [th, ...cells] = tr.children;
    say(th, name);
    ["p50", "p99", "p99.9", "max"].forEach((k, i) =>
      say(cells[i], h.count ? ms(h[k]) : "–"));
  });
  const journal = d.journal;
  const pairs = [
    ["Memory of the process", bytes(d.rss_bytes)],
    ["of this model", bytes(m?.bytes)],
    ["of buffers", bytes(d.memory_bytes)],
    ["Journal", journal ? `${bytes(journal.bytes)}, ${journal.durability}`
      : "off"],
    ["Connections", `${count(d.connections)} and ` +
      `${count(d.http.connections)} by HTTP`],
    ["Requests", count(d.requests)],
    ["Refused", count(Object.values(d.refused).reduce((a, b) => a + b, 0))],
  ];
  fill($("memory"), pairs, () => make("div", {}, make("dt"), make("dd")),
    (div, [name, value]) => {
      say(div.firstChild, name);
      say(div.lastChild, value);
    });
  say($("about"), `${d.version}, up ${duration(d.uptime_s)}`);
  const trouble = journal?.trouble;
  $("trouble").hidden = !trouble;
  if (trouble)
    say($("trouble"), `Nothing is learned now: ${trouble}`);
}

function tick(t) {
  const names = Object.keys(t.models);
  // The history knows what was missed, as by a page that was hidden; and a
  // daemon that was started again has another.
  const missed = last && (last.daemon.epoch !== t.daemon.epoch ||
    t.time - last.time > MISSED_S);
  before = missed ? null : last?.models[shown] ?? null;
  last = t;
  listModels(names);
  if (missed)
    refresh();
  const m = t.models[shown];
  showNow();
  showMachine();
  document.title = m ? `${percent(m.prequential_accuracy)} ${shown} – ffd`
    : "ffd";
  if (m)
    chart.add({time: t.time, seq: m.seq, accuracy: m.prequential_accuracy,
      fading: m.prequential_fading, frames_per_second: m.frames_per_second,
      inbox: m.inbox, debt: m.debt,
      slept: m.replayed + m.confused + m.dreamt});
  if (m && performance.now() - asked >= PORTRAIT_MS)
    portrait();
}

// ---- the link

function linked(state, left) {
  const at = last ? `; numbers are of ${clock(last.time)}` : "";
  const words = {live: "live", waiting: "connecting",
    gone: left > 0 ? `ffd is gone, trying again in ${left} s${at}`
      : `ffd is gone, trying${at}`};
  if (state !== link && state !== "waiting" && (link !== "waiting" ||
      state === "gone"))
    log(Date.now() / 1000, state === "live" ? "ffd is back"
      : "ffd does not answer");
  if (state === "gone")
    document.title = "gone – ffd";
  link = state;
  if (state === "gone")
    say($("sentence"), last ? "ffd does not answer. What stands below was so at " +
      `${clock(last.time)}.` : "ffd does not answer.");
  document.body.dataset.link = state;
  $("link").dataset.state = state;
  say($("link"), words[state]);
}

const live = new Live({
  state: linked,
  event(name, data) {
    if (paused)
      return;
    if (name === "tick") {
      tick(data);
      return;
    }
    log(Date.now() / 1000, sentences[name](data));
    if (name === "snapshot" && data.model === shown)
      refresh(); // it may have a name, and so a mark
    if (name === "drift" && data.model === shown)
      chart.mark({time: Date.now() / 1000, seq: data.seq, kind: "drift",
        text: `drift, says ${data.detector}`});
  },
});

// ---- tools

$("model").addEventListener("change", () => show($("model").value));
addEventListener("hashchange", () => {
  const name = decodeURIComponent(location.hash.slice(1));
  if (models.includes(name))
    show(name);
});

$("pause").addEventListener("click", () => {
  paused = !paused;
  $("pause").setAttribute("aria-pressed", String(paused));
  say($("pause"), paused ? "Go on" : "Pause");
  if (!paused)
    live.look();
});

function kept(value) {
  try {
    if (value !== undefined)
      localStorage.setItem("ffd-theme", value);
    return localStorage.getItem("ffd-theme");
  } catch { // no storage: then for this visit alone
    return value ?? null;
  }
}

const darkly = matchMedia("(prefers-color-scheme: dark)");

function theme(name) {
  document.documentElement.dataset.theme = name;
  say($("theme"), name === "dark" ? "Light" : "Dark");
}

theme(kept() ?? (darkly.matches ? "dark" : "light"));
darkly.addEventListener("change", () => {
  if (!kept())
    theme(darkly.matches ? "dark" : "light");
});
$("theme").addEventListener("click", () => theme(kept(
  document.documentElement.dataset.theme === "dark" ? "light" : "dark")));

// What a model lately saw, answered, found good and dreamt.
import {$, fill, make, say, svg} from "./dom.js";
import {count, legible, nearly, percent} from "./format.js";
import {parted, steps} from "./shape.js";

const KINDS = ["real", "negative", "dream"];
const WIDTH = 480, HEIGHT = 84;

function showMeaning(meaning) {
  const kinds = KINDS.filter(k => meaning[k]);
  fill($("meaning"), kinds, () => make("li", {}, make("span"), make("span")),
    (li, k) => {
      li.firstChild.className = `key of-${k}`;
      say(li.lastChild, `${k}: ${meaning[k]}`);
    });
}

function showLayer(figure, layer, i) {
  const share = parted(layer.real, layer.negative);
  const text = share === null ? "nothing to compare yet"
    : `real is above negative in ${percent(share)} of pairs`;
  const kinds = KINDS.filter(k => layer[k]);
  const root = svg("svg", {viewBox: `0 0 ${WIDTH} ${HEIGHT + 16}`,
    role: "img", "aria-label": `Goodness in layer ${i + 1}: ${text}`});
  for (const kind of [...kinds].reverse())
    root.append(svg("path", {class: kind,
      d: steps(layer[kind], Math.max(...layer[kind]), WIDTH, HEIGHT)}));
  root.append(svg("line", {class: "grid", x1: 0, x2: WIDTH, y1: HEIGHT,
    y2: HEIGHT}),
  svg("text", {x: 0, y: HEIGHT + 14}, layer.lo.toPrecision(2)),
  svg("text", {x: WIDTH, y: HEIGHT + 14, "text-anchor": "end"},
    layer.hi.toPrecision(2)));
  figure.replaceChildren(
    make("figcaption", {}, `Layer ${i + 1}, ${count(layer.units)} ` +
      `${layer.kind === "conv" ? "channels" : "units"}: ` +
      text), root);
}

function showClasses(classes) {
  fill($("classes"), classes.slice(0, 64), () => make("li", {}, make("span"),
    make("meter", {min: 0, max: 1}), make("span")), (li, c) => {
    const [name, meter, words] = li.children;
    const share = c.frames ? c.right / c.frames : null;
    say(name, legible(c.label));
    meter.value = share ?? 0;
    meter.setAttribute("aria-label", `${legible(c.label)}, right`);
    say(words, c.frames ? `${percent(share)} of ${count(c.frames)}`
      : "no frames");
  });
}

function showConfusions(confusions) {
  const lines = confusions.map(c => `${legible(c.truth)} taken for ` +
    `${legible(c.answer)}, ` +
    (c.frames === 1 ? "once" : `${count(c.frames)} times`));
  fill($("confusions"), lines.length ? lines : ["none"],
    () => make("li"), (li, text) => say(li, text));
}

// ---- pictures

function bytesOf(text) {
  const raw = atob(text);
  return Uint8Array.from(raw, c => c.charCodeAt(0));
}

// A frame (height, width, 1, 3 or 4 channels) as it is.
function paintImage(canvas, shape, bytes) {
  const [h, w, c = 1] = shape;
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const g = canvas.getContext("2d"), image = g.createImageData(w, h);
  for (let i = 0; i < w * h; i++) {
    for (let k = 0; k < 3; k++)
      image.data[4 * i + k] = bytes[c * i + (c >= 3 ? k : 0)];
    image.data[4 * i + 3] = 255;
  }
  g.putImageData(image, 0, 0);
}

// A vector as a curve; a window over time (steps, 1, channels) as one each.
function paintCurves(canvas, shape, bytes) {
  const [steps, , channels = 1] = shape;
  canvas.width = 192;
  canvas.height = 120;
  const g = canvas.getContext("2d");
  g.fillStyle = "#000";
  g.fillRect(0, 0, canvas.width, canvas.height);
  g.strokeStyle = "#fff";
  g.lineWidth = 2;
  for (let c = 0; c < channels; c++) {
    g.beginPath();
    for (let t = 0; t < steps; t++) {
      const x = steps > 1 ? t / (steps - 1) * 188 + 2 : 96;
      g.lineTo(x, 116 - bytes[channels * t + c] / 255 * 112);
    }
    g.stroke();
  }
}

function showAlbum(list, input, frames, words) {
  fill(list, frames, () => make("li", {},
    make("canvas", {role: "img"}), make("p")), (li, frame) => {
    const [canvas, caption] = li.children, text = words(frame);
    li.dataset.right = frame.right ?? "";
    canvas.setAttribute("aria-label", text);
    say(caption, text);
    if (canvas.dataset.drawn === frame.data)
      return;
    canvas.dataset.drawn = frame.data;
    if (input.image && input.shape[1] > 1)
      paintImage(canvas, input.shape, bytesOf(frame.data));
    else
      paintCurves(canvas, input.shape, bytesOf(frame.data));
  });
}

// Of symbols a line each, of all others pictures.
function show(list, input, frames, words) {
  const written = frames.some(f => f.text !== undefined);
  if (list.dataset.written !== String(written))
    list.replaceChildren();
  list.classList.toggle("written", written);
  list.dataset.written = String(written);
  if (!written)
    showAlbum(list, input, frames, words);
  else
    fill(list, frames, () => make("li", {}, make("code"), make("p")),
      (li, frame) => {
        const [text, caption] = li.children;
        li.dataset.right = frame.right ?? "";
        say(text, frame.text);
        say(caption, words(frame));
      });
}

function frameWords(f) {
  const label = legible(f.label), answer = legible(f.answer);
  if (f.answer === null)
    return f.label === null ? "no label, no answer" : `${label}, no answer`;
  if (f.label === null)
    return `${answer}? ${nearly(f.confidence)}`;
  return f.right ? `✓ ${label}, ${nearly(f.confidence)}`
    : `✗ ${label}, not ${answer}`;
}

export function showPortrait(p) {
  if (!p?.ready)
    return;
  showMeaning(p.meaning);
  $("goodness").hidden = p.layers.length === 0; // layers of symbols count
  fill($("layers"), p.layers, () => make("figure"), showLayer);
  showClasses(p.classes);
  showConfusions(p.confusions);
  $("pictures-off").hidden = p.pictures;
  $("albums").hidden = !p.pictures;
  if (!p.pictures)
    return;
  show($("frames"), p.input, p.frames, frameWords);
  show($("mistakes"), p.input, p.mistakes, frameWords);
  show($("dreams"), p.input, p.dreams, d => d.kind);
}

export function clearPortrait() {
  $("goodness").hidden = false;
  for (const id of ["meaning", "layers", "classes", "confusions", "frames",
    "mistakes", "dreams"])
    $(id).replaceChildren();
}

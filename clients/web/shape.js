// What charts are made of: scales, paths, and what two histograms say. Pure.

// From where to 1 the axis of accuracy goes, so that what is near 1 is legible.
export function accuracyFloor(values) {
  const seen = values.filter(v => v !== null && v !== undefined);
  // Of a young model the first points are far below all others.
  const old = seen.slice(Math.floor(seen.length / 4));
  const least = Math.min(1, ...old);
  return Math.max(0, Math.floor(least * 10 - 0.2) / 10);
}

// Into how many parts the axis from there to 1 is cut, at round numbers.
export const parts = floor =>
  [5, 5, 4, 3, 4, 5, 3, 7, 4, 9, 5][Math.round(10 * (1 - floor))];

export const scale = (from, to, out0, out1) => v =>
  to === from ? out0 : out0 + (out1 - out0) * (v - from) / (to - from);

// An SVG path through points [x, y]; y null is a gap.
export function path(points) {
  let d = "", down = false;
  for (const [x, y] of points) {
    if (y === null || y === undefined) {
      down = false;
      continue;
    }
    d += `${down ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    down = true;
  }
  return d;
}

// The outline of a histogram over width x height, highest bin `top`.
export function steps(counts, top, width, height) {
  const w = width / counts.length;
  let d = `M0 ${height}`;
  counts.forEach((n, i) => {
    const y = (height - (top > 0 ? n / top * height : 0)).toFixed(1);
    d += `L${(i * w).toFixed(1)} ${y}L${((i + 1) * w).toFixed(1)} ${y}`;
  });
  return d + `L${width} ${height}Z`;
}

const sum = counts => counts.reduce((a, b) => a + b, 0);

// Of all pairs of one real and one negative, the share in which the real one
// is further right; half of those in one bin. null: there are none.
export function parted(real, negative) {
  const all = sum(real) * sum(negative);
  if (all === 0)
    return null;
  let below = 0, won = 0;
  real.forEach((n, i) => {
    won += n * (below + negative[i] / 2);
    below += negative[i];
  });
  return won / all;
}

// Frames taught asleep between each point and the one before.
export const slept = totals => totals.map((v, i) =>
  i === 0 ? 0 : Math.max(0, v - totals[i - 1]));

// Milliseconds to the i-th try to reach the daemon again.
export const backoff = i => Math.min(1000 * 2 ** i, 8000);

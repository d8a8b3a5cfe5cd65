// Numbers and times as a person reads them. Pure.

const whole = new Intl.NumberFormat("en", {maximumFractionDigits: 0});
const some = new Intl.NumberFormat("en", {maximumSignificantDigits: 3});
const one = new Intl.NumberFormat("en",
  {minimumFractionDigits: 1, maximumFractionDigits: 1});

export const NONE = "–";

const known = v => typeof v === "number" && Number.isFinite(v);

export const count = v => known(v) ? whole.format(v) : NONE;

// A rate: whole when large.
export const rate = v => !known(v) ? NONE : v >= 100 ? whole.format(v)
  : some.format(v);

// A share of 1 as percent.
export const percent = v => known(v) ? one.format(100 * v) + " %" : NONE;

// The same without a fraction, and never 100 of what is not certain.
export const nearly = v => known(v) ? `${Math.floor(100 * v)} %` : NONE;

// A label that nobody could see, such as a space, in quotes.
export const legible = label => typeof label === "string" && !label.trim()
  ? `“${label}”` : label;

// Bytes, in the unit that leaves one to four digits.
export function bytes(v) {
  if (!known(v))
    return NONE;
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let i = 0;
  while (v >= 1024 && i < units.length - 1) {
    v /= 1024;
    i++;
  }
  return `${some.format(v)} ${units[i]}`;
}

// Microseconds as milliseconds, without the unit.
export const ms = us => !known(us) ? NONE : us < 10000
  ? (us / 1000).toFixed(2) : whole.format(us / 1000);

// Seconds as the two largest units.
export function duration(s) {
  if (!known(s))
    return NONE;
  const parts = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  let at = parts.findIndex(([n]) => s >= n);
  if (at < 0)
    return "0 s";
  const [n, unit] = parts[at];
  const first = `${Math.floor(s / n)} ${unit}`;
  const rest = at + 1 < parts.length
    ? Math.floor((s % n) / parts[at + 1][0]) : 0;
  return rest > 0 ? `${first} ${rest} ${parts[at + 1][1]}` : first;
}

// Seconds since 1970 as the time of day here.
export const clock = s => new Date(1000 * s).toLocaleTimeString("en-GB");

// Numbers and times for people. One format everywhere: thin space before units, at most three figures that matter.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const clockSeconds = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dateTime = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit",
});

const known = (value) => value !== null && value !== undefined && Number.isFinite(value);

/** 12,345 */
export const count = (value) => (known(value) ? whole.format(value) : "–");

/** 12.3K */
export const compact = (value) => (known(value) ? (Math.abs(value) < 10_000 ? figures(value) : short.format(value)) : "–");

/** Three figures that matter; none after the point from 100 on. */
export function figures(value) {
  if (!known(value)) return "–";
  const size = Math.abs(value);
  if (size >= 100) return whole.format(value);
  if (size === 0) return "0";
  if (size < 0.0005) return "< 0.001";
  return String(Number(value.toPrecision(size < 1 ? 2 : 3)));
}

/** 0.9731 → 97.3 %. A probability below 1 never reads as 100 %. */
export function percent(share, digits = 1) {
  if (!known(share)) return "–";
  const scaled = share * 100;
  const cut = share < 1 && Number(scaled.toFixed(digits)) >= 100 ? 100 - 10 ** -digits : scaled;
  return `${cut.toFixed(digits)} %`;
}

/** A fixed number of digits after the point, for columns of measures. */
export const fixed = (value, digits = 3) => (known(value) ? value.toFixed(digits) : "–");

/** Seconds in the unit that fits: 0.4 ms, 12 ms, 3.2 s, 5 min. */
export function duration(seconds) {
  if (!known(seconds)) return "–";
  if (seconds < 0.0005) return `${figures(seconds * 1e6)} µs`;
  if (seconds < 1) return `${figures(seconds * 1e3)} ms`;
  if (seconds < 90) return `${figures(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** How long ago: now, 12 s ago, 5 min ago, yesterday's as a date. */
export function ago(iso, now = Date.now()) {
  if (!iso) return "–";
  const seconds = (now - Date.parse(iso)) / 1000;
  if (seconds < 2) return "now";
  return seconds < 86_400 ? `${duration(Math.floor(seconds))} ago` : dateTime.format(new Date(iso)).split(",")[0];
}

/** 14:05 */
export const minute = (milliseconds) => clock.format(milliseconds);

/** 14:05:09 */
export const second = (milliseconds) => clockSeconds.format(milliseconds);

/** 21 Nov 2026, 14:05:09 */
export const moment = (iso) => (iso ? dateTime.format(new Date(iso)) : "–");

/** referralSource and total_visits as people write them: Referral source, Total visits. */
export function words(name) {
  const spaced = name.replaceAll("_", " ").replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** One lead, two leads. */
export const plural = (value, one, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`;

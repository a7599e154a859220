// Scales and ticks. A domain of data becomes pixels; ticks stand at round numbers.

/** Maps [from, to] onto [start, end]; a domain without extent maps onto the start. */
export function linear(from, to, start, end) {
  const span = to - from || 1;
  return (value) => start + ((value - from) / span) * (end - start);
}

/** Round numbers from 0 (or below) to at least `most`: at most `wanted` + 1 of them. */
export function ticks(least, most, wanted) {
  const span = Math.max(most - least, 1e-12);
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough - 1e-12);
  const first = Math.floor(least / step + 1e-9);
  const last = Math.ceil(most / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Times (ms) of whole steps of the clock between two times: every 15 s, minute, 5 minutes, whatever gives about `wanted`. */
export function timeTicks(from, to, wanted) {
  const steps = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600].map((step) => step * 1000);
  const step = steps.find((candidate) => (to - from) / candidate <= wanted) ?? steps.at(-1);
  const times = [];
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) times.push(time);
  return times;
}

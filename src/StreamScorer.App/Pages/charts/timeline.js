// Figures over the last minutes: one or more lines over a common clock.

import { s } from "../dom.js";
import { minute, second } from "../format.js";
import { chart, gridLines, labelWidth } from "./frame.js";
import { linear, ticks, timeTicks } from "./scale.js";

const BOTTOM = 24;
const TOP = 8;
const LEAST_SPAN_MS = 60_000;
const TABLE_ROWS = 60;

/**
 * A chart of figures over time.
 * @param {{ title: string, unit: string, format: (value: number) => string, series: string[], spanMs: number, filled?: boolean,
 *   least?: number, height?: number }} options `least`: the axis reaches at least so high, so that noise around zero stays flat.
 * @returns {{ element: HTMLElement, update: (times: number[], values: (number|null)[][]) => void }} Times in ms, one array per series.
 */
export function timeline({ title, unit, format, series, spanMs, filled = false, least = 1, height = 200 }) {
  let times = [];
  let values = series.map(() => []);

  const frame = chart({
    title, unit, height, table, draw,
    legend: series.length > 1 ? series.map((name, i) => ({ name, series: i + 1, line: true })) : [],
  });

  function draw(svg, width) {
    const to = times.at(-1) ?? 0;
    // A worker that has just started fills the width with what there is, not with emptiness.
    const from = Math.max(to - spanMs, Math.min(times[0] ?? to, to - LEAST_SPAN_MS));
    const first = Math.max(0, times.findIndex((time) => time >= from));
    const shown = values.map((line) => line.slice(first));
    const most = Math.max(least, ...shown.flat().filter((value) => value !== null));
    const marks = ticks(0, most, 4);
    const left = labelWidth(marks, format);
    const x = linear(from, to, left, width - 8);
    const y = linear(0, marks.at(-1), height - BOTTOM, TOP);
    svg.append(...gridLines(marks, y, format, left, width - 8));
    const marked = timeTicks(from, to, Math.max(2, width / 90));
    const named = marked.length > 1 && marked[1] - marked[0] < 60_000 ? second : minute;
    for (const time of marked) {
      if (x(time) < left + 12 || x(time) > width - 32) continue;
      svg.append(s("text", { class: "tick", x: x(time), y: height - 6, "text-anchor": "middle" }, named(time)));
    }

    shown.forEach((line, i) => {
      const points = line.map((value, j) => (value === null ? null : [x(times[first + j]), y(value)]));
      if (filled && i === 0) svg.append(s("path", { class: `area series-${i + 1}`, d: area(points, y(0)) }));
      svg.append(s("path", { class: `line series-${i + 1}`, d: path(points) }));
    });
    return times.slice(first).map((time, j) => ({
      x: x(time),
      title: second(time),
      lines: series.map((name, i) => [name, `${withUnit(shown[i][j])}`]),
    }));
  }

  const withUnit = (value) => (value === null || value === undefined ? "–" : unit === "" ? format(value) : `${format(value)} ${unit}`);

  function table() {
    const step = Math.max(1, Math.ceil(times.length / TABLE_ROWS));
    const rows = times.map((time, j) => [second(time), ...values.map((line) => withUnit(line[j]))]).filter((_, j) => j % step === 0).reverse();
    const now = series.map((name, i) => `${name} ${withUnit(values[i].at(-1))}`).join(", ");
    return { describe: times.length === 0 ? "No figures yet." : `Now: ${now}.`, head: ["Time", ...series], rows };
  }

  return {
    element: frame.element,
    update(nextTimes, nextValues) {
      times = nextTimes;
      values = nextValues;
      frame.redraw();
    },
  };
}

function path(points) {
  let pen = "M";
  let d = "";
  for (const point of points) {
    if (point === null) pen = "M";
    else {
      d += `${pen}${point[0].toFixed(1)} ${point[1].toFixed(1)}`;
      pen = "L";
    }
  }
  return d;
}

function area(points, floor) {
  const there = points.filter((point) => point !== null);
  return there.length < 2 ? "" : `${path(there)}L${there.at(-1)[0].toFixed(1)} ${floor}L${there[0][0].toFixed(1)} ${floor}Z`;
}

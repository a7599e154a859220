// Columns side by side over ordered bins: a histogram beside another, conversion by bucket.

import { s } from "../dom.js";
import { chart, gridLines, labelWidth } from "./frame.js";
import { linear, ticks } from "./scale.js";

const BOTTOM = 42;
const TOP = 10;

/**
 * A chart of columns.
 * @param {{ title: string, unit?: string, axis: string, format: (value: number) => string, series: string[], least?: number, height?: number, note?: string }} options
 *   `axis` names what the bins are; the scale reaches at least to `least`.
 * @returns {{ element: HTMLElement, update: (bins: string[], values: (number|null)[][], details?: string[][]) => void, setNote: (text: string) => void }}
 *   `details`: for each bin further lines of its tooltip, as [name, value].
 */
export function columns({ title, unit, axis, format, series, least = 0.1, height = 230, note }) {
  let bins = [];
  let values = series.map(() => []);
  let details = [];

  const frame = chart({
    title, unit, height, note, table, draw,
    legend: series.length > 1 ? series.map((name, i) => ({ name, series: i + 1 })) : [],
  });

  function draw(svg, width) {
    const most = Math.max(least, ...values.flat().filter((value) => value !== null));
    const marks = ticks(0, most, 4);
    const left = labelWidth(marks, format);
    const y = linear(0, marks.at(-1), height - BOTTOM, TOP);
    const step = (width - 8 - left) / Math.max(1, bins.length);
    const gap = Math.min(10, step * 0.22);
    const thick = (step - gap) / series.length;
    const every = Math.ceil((Math.max(...bins.map((bin) => bin.length), 1) * 7 + 8) / step);
    svg.append(...gridLines(marks, y, format, left, width - 8));
    bins.forEach((bin, i) => {
      const start = left + i * step + gap / 2;
      series.forEach((_, k) => {
        const value = values[k][i];
        if (value === null || value === undefined) return;
        svg.append(s("rect", {
          class: `column series-${k + 1}`, x: start + k * thick, width: Math.max(1, thick - 1), y: y(value), height: Math.max(0, y(0) - y(value)), rx: Math.min(3, thick / 4),
        }));
      });
      if (i % every === 0) svg.append(s("text", { class: "tick", x: left + (i + 0.5) * step, y: height - BOTTOM + 16, "text-anchor": "middle" }, bin));
    });
    svg.append(s("text", { class: "axis-name", x: (left + width) / 2, y: height - 6, "text-anchor": "middle" }, axis));
    return bins.map((bin, i) => ({ x: left + (i + 0.5) * step, title: `${axis} ${bin}`, lines: lines(i) }));
  }

  const lines = (i) => [...series.map((name, k) => [name, shown(values[k][i])]), ...(details[i] ?? [])];
  const shown = (value) => (value === null || value === undefined ? "–" : format(value));

  function table() {
    const extra = (details[0] ?? []).map(([name]) => name);
    return {
      describe: `${series.join(" and ")} by ${axis.toLowerCase()}, ${bins.length} bins.`,
      head: [axis, ...series, ...extra],
      rows: bins.map((bin, i) => [bin, ...lines(i).map(([, value]) => value)]),
    };
  }

  return {
    element: frame.element,
    setNote: frame.setNote,
    update(nextBins, nextValues, nextDetails = []) {
      [bins, values, details] = [nextBins, nextValues, nextDetails];
      frame.redraw();
    },
  };
}

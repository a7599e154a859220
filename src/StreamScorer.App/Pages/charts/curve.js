// A calibration curve: what came true against what was predicted, with the diagonal on which probabilities mean what they say.

import { s } from "../dom.js";
import { count, percent } from "../format.js";
import { chart, gridLines } from "./frame.js";
import { linear } from "./scale.js";

const BOTTOM = 42;
const LEFT = 52;
const RIGHT = 24;
const MARKS = [0, 0.2, 0.4, 0.6, 0.8, 1];
const share = (value) => percent(value, 0);

/**
 * @param {{ title: string, series: string[], height?: number, note?: string }} options
 * @returns {{ element: HTMLElement, update: (curves: { predicted: number, observed: number, rows: number }[][]) => void, setNote: (text: string) => void }}
 */
export function calibrationCurve({ title, series, height = 260, note }) {
  let curves = series.map(() => []);
  const frame = chart({
    title, height, note, table, draw,
    legend: [...series.map((name, i) => ({ name, series: i + 1, line: true })), { name: "perfect", series: 0, line: true, dashed: true }],
  });

  function draw(svg, width) {
    const x = linear(0, 1, LEFT, width - RIGHT);
    const y = linear(0, 1, height - BOTTOM, 10);
    svg.append(...gridLines(MARKS, y, share, LEFT, width - RIGHT));
    for (const mark of MARKS) svg.append(s("text", { class: "tick", x: x(mark), y: height - BOTTOM + 16, "text-anchor": "middle" }, share(mark)));
    svg.append(
      s("line", { class: "diagonal", x1: x(0), x2: x(1), y1: y(0), y2: y(1) }),
      s("text", { class: "axis-name", x: (LEFT + width) / 2, y: height - 6, "text-anchor": "middle" }, "Predicted probability"));
    curves.forEach((points, i) => {
      const d = points.map((point, j) => `${j === 0 ? "M" : "L"}${x(point.predicted).toFixed(1)} ${y(point.observed).toFixed(1)}`).join("");
      svg.append(s("path", { class: `line series-${i + 1}`, d }),
        ...points.map((point) => s("circle", { class: `dot series-${i + 1}`, cx: x(point.predicted), cy: y(point.observed), r: 3.5 })));
    });
    return curves.flatMap((points, i) => points.map((point) => ({
      x: x(point.predicted), title: `${series[i]}, ${count(point.rows)} leads`,
      lines: [["predicted", percent(point.predicted)], ["came true", percent(point.observed)]],
    }))).sort((a, b) => a.x - b.x);
  }

  function table() {
    return {
      describe: "Share that converted against predicted probability, in tenths.",
      head: ["Predicted", "Came true", "Leads", "Where"],
      rows: curves.flatMap((points, i) => points.map((point) => [percent(point.predicted), percent(point.observed), count(point.rows), series[i]])),
    };
  }

  return {
    element: frame.element,
    setNote: frame.setNote,
    update(next) {
      curves = next;
      frame.redraw();
    },
  };
}

// Named bars, longest first: drift or importance by feature. A bar past a limit says so by colour and by word.

import { s } from "../dom.js";
import { chart } from "./frame.js";
import { linear, ticks } from "./scale.js";

const ROW = 26;
const BOTTOM = 22;

/**
 * A chart of named bars.
 * @param {{ title: string, unit?: string, axis: string, format: (value: number) => string, limits?: { at: number, name: string }[],
 *   least?: number, rows: number, note?: string }} options `limits` from the lowest up; `rows`: how many bars to draw at most; the table has all.
 * @returns {{ element: HTMLElement, update: (bars: { name: string, value: number|null, lines?: [string, string][] }[]) => void, setNote: (text: string) => void }}
 */
export function bars({ title, unit, axis, format, limits = [], least = 0, rows, note }) {
  let entries = [];
  const frame = chart({ title, unit, height: heightOf(1), note, table, draw });

  const level = (value) => limits.filter((limit) => value >= limit.at).length;
  const word = (value) => (level(value) > 0 ? limits[level(value) - 1].name : "");

  function draw(svg, width, height) {
    const most = Math.max(least, ...entries.map((entry) => entry.value ?? 0), 1e-9);
    const marks = ticks(0, most, width < 420 ? 2 : 4);
    const longest = Math.max(...entries.map((entry) => entry.name.length), 4);
    const left = Math.min(width * 0.46, longest * 6.9 + 12);
    const x = linear(0, marks.at(-1), left, width - 56);
    for (const mark of marks) {
      svg.append(s("line", { class: "grid", x1: x(mark), x2: x(mark), y1: 0, y2: height - BOTTOM }),
        s("text", { class: "tick", x: x(mark), y: height - 6, "text-anchor": "middle" }, format(mark)));
    }

    for (const limit of limits) {
      if (limit.at > marks.at(-1)) continue;
      svg.append(s("line", { class: "limit", x1: x(limit.at), x2: x(limit.at), y1: 0, y2: height - BOTTOM }));
    }

    const characters = Math.floor((left - 12) / 6.9);
    entries.slice(0, rows).forEach((entry, i) => {
      const y = i * ROW;
      const name = entry.name.length > characters ? `${entry.name.slice(0, characters - 1)}…` : entry.name;
      svg.append(s("text", { class: "name", x: left - 8, y: y + 17, "text-anchor": "end" }, name, s("title", {}, entry.name)));
      if (entry.value === null) {
        svg.append(s("text", { class: "tick", x: left + 4, y: y + 17 }, "too few rows"));
        return;
      }
      svg.append(
        s("rect", { class: `bar level-${level(entry.value)}`, x: left, y: y + 5, width: Math.max(1, x(entry.value) - left), height: ROW - 10, rx: 3 }),
        s("text", { class: "value", x: x(entry.value) + 6, y: y + 17 }, format(entry.value)));
    });
    return [];
  }

  function table() {
    const extra = (entries.find((entry) => entry.lines)?.lines ?? []).map(([name]) => name);
    return {
      describe: `${entries.length} features. ${entries.slice(0, 3).map((entry) => `${entry.name} ${format(entry.value)}`).join(", ")}.`,
      head: ["Feature", axis, ...(limits.length > 0 ? ["State"] : []), ...extra],
      rows: entries.map((entry) => [
        entry.name, entry.value === null ? "–" : format(entry.value), ...(limits.length > 0 ? [entry.value === null ? "–" : word(entry.value) || "steady"] : []),
        ...(entry.lines ?? []).map(([, value]) => value),
      ]),
    };
  }

  return {
    element: frame.element,
    setNote: frame.setNote,
    update(next) {
      entries = [...next].sort((a, b) => (b.value ?? -1) - (a.value ?? -1));
      frame.setHeight(heightOf(Math.max(1, Math.min(rows, entries.length))));
      frame.redraw();
    },
  };
}

const heightOf = (rows) => rows * ROW + BOTTOM + 4;

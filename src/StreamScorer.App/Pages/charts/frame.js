// What every chart shares: the title with its unit, the legend, a tooltip for pointer and arrow keys, a drawing as wide as
// its place, and the same figures as a table for those who cannot or will not read a drawing.

import { h, s, setText, show } from "../dom.js";

/**
 * @typedef {{ x: number, title: string, lines: [string, string][] }} Stop A place where the tooltip can stand.
 * @typedef {{ describe: string, head: string[], rows: (string|number)[][] }} Table
 */

/**
 * A chart. `draw(svg, width, height)` fills the drawing and returns its stops, from left to right.
 * @param {{ title: string, unit?: string, height?: number, legend?: { name: string, series: number, line?: boolean, dashed?: boolean }[],
 *   note?: string, table: () => Table, draw: (svg: SVGElement, width: number, height: number) => Stop[] }} options
 * @returns {{ element: HTMLElement, redraw: () => void, setHeight: (height: number) => void, setNote: (text: string) => void }}
 */
export function chart({ title, unit, height = 200, legend = [], note, table, draw }) {
  const svg = s("svg", { class: "drawing", role: "img", tabindex: "0", height });
  const cursor = s("line", { class: "cursor", y1: 0, y2: height });
  const tip = h("div", { class: "tip", hidden: true });
  const spoken = h("p", { class: "visually-hidden", "aria-live": "polite" });
  const body = h("div", { class: "data" });
  const details = h("details", { ontoggle: () => fillTable() }, h("summary", {}, "Table"), body);
  const noteLine = h("p", { class: "muted small chart-note", hidden: !note }, note ?? "");
  const element = h("figure", { class: "card chart" },
    h("header", {},
      h("h2", {}, title, unit && h("span", { class: "unit" }, unit)),
      legend.length > 0 && h("ul", { class: "legend" }, legend.map((entry) =>
        h("li", { class: `key-${entry.series}${entry.line ? " line" : ""}${entry.dashed ? " dashed" : ""}` }, entry.name)))),
    noteLine, h("div", { class: "plot" }, svg, tip), spoken, details);
  let stops = [];
  let at = -1;

  function redraw() {
    const width = svg.clientWidth;
    if (width === 0) return;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.replaceChildren();
    stops = draw(svg, width, height) ?? [];
    svg.append(cursor);
    svg.setAttribute("aria-label", `${title}. ${table().describe} Left and right arrows read the values; the table has them all.`);
    point(Math.min(at, stops.length - 1), false);
    if (details.open) fillTable();
  }

  function point(index, speak) {
    at = index;
    const stop = stops[index];
    tip.hidden = !stop;
    cursor.setAttribute("visibility", stop ? "visible" : "hidden");
    if (!stop) return;
    cursor.setAttribute("x1", stop.x);
    cursor.setAttribute("x2", stop.x);
    show(tip, h("strong", {}, stop.title), h("dl", {}, stop.lines.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])));
    const room = svg.clientWidth - tip.offsetWidth;
    tip.style.left = `${Math.max(0, Math.min(room, stop.x < svg.clientWidth / 2 ? stop.x + 12 : stop.x - tip.offsetWidth - 12))}px`;
    if (speak) setText(spoken, `${stop.title}: ${stop.lines.map((line) => line.join(" ")).join(", ")}`);
  }

  function nearest(x) {
    let best = -1;
    stops.forEach((stop, i) => {
      if (best < 0 || Math.abs(stop.x - x) < Math.abs(stops[best].x - x)) best = i;
    });
    return best;
  }

  function fillTable() {
    if (!details.open) return;
    const { head, rows } = table();
    show(body, h("table", {}, h("caption", { class: "visually-hidden" }, title),
      h("thead", {}, h("tr", {}, head.map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, rows.map(([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, first), rest.map((cell) => h("td", {}, cell)))))));
  }

  svg.addEventListener("pointermove", (event) => point(nearest(event.clientX - svg.getBoundingClientRect().left), false));
  svg.addEventListener("pointerleave", () => point(-1, false));
  svg.addEventListener("blur", () => point(-1, false));
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) point(Math.max(0, Math.min(stops.length - 1, at < 0 ? (step < 0 ? stops.length - 1 : 0) : at + step)), true);
    else if (event.key === "Escape" && at >= 0) point(-1, false);
    else return;
    event.preventDefault();
  });
  new ResizeObserver(redraw).observe(svg);
  return {
    element,
    redraw,
    setHeight(next) {
      height = next;
      svg.setAttribute("height", height);
      cursor.setAttribute("y2", height);
    },
    setNote(text) {
      noteLine.hidden = !text;
      setText(noteLine, text ?? "");
    },
  };
}

/** Horizontal grid lines with their labels, for the ticks of a scale. */
export const gridLines = (marks, y, format, left, right) => marks.map((mark) => s("g", {},
  s("line", { class: "grid", x1: left, x2: right, y1: y(mark), y2: y(mark) }),
  s("text", { class: "tick", x: left - 8, y: y(mark) + 4, "text-anchor": "end" }, format(mark))));

/** Space for the labels on the left: by the longest of them. */
export const labelWidth = (marks, format) => Math.max(...marks.map((mark) => format(mark).length)) * 7 + 14;

// The part of Markdown that model cards use: headings, paragraphs, lists, tables, bold, code. Made as elements, never as
// markup, so that a card cannot bring code into the page. Pictures are left out: the page draws its own.

import { h } from "./dom.js";

/** The elements of a Markdown text. */
export function markdown(text) {
  const plain = text.replaceAll("\r", "");
  const captions = new Set([...plain.matchAll(/!\[([^\]]*)\]/g)].map((picture) => picture[1]));
  const blocks = plain.split(/\n{2,}/).filter((part) => !part.startsWith("![") && !captions.has(part.replaceAll("\n", " ").trim()));
  // A heading with nothing below it was about pictures.
  return blocks.filter((part, i) => !(/^## .*$/.test(part) && (blocks[i + 1] ?? "## ").startsWith("## "))).map(block).filter(Boolean);
}

function block(text) {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("!["));
  if (lines.length === 0) return null;
  const heading = /^(#{1,4}) (.*)$/.exec(lines[0]);
  if (heading) {
    const title = h(heading[1].length <= 2 ? "h2" : "h3", {}, inline(heading[2]));
    return lines.length === 1 ? title : [title, block(lines.slice(1).join("\n"))];
  }
  if (lines[0].startsWith("|")) return table(lines);
  if (/^[-*] /.test(lines[0])) return list(lines);
  return h("p", {}, inline(lines.join(" ")));
}

function list(lines) {
  const items = [];
  for (const line of lines) {
    if (/^[-*] /.test(line)) items.push(line.slice(2));
    else items[items.length - 1] += ` ${line.trim()}`;
  }
  return h("ul", {}, items.map((item) => h("li", {}, inline(item))));
}

function table(lines) {
  const [head, , ...rows] = lines.map((line) => line.replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim()));
  const hasHead = head.some((cell) => cell !== "");
  return h("div", { class: "wide" }, h("table", {},
    hasHead && h("thead", {}, h("tr", {}, head.map((cell) => h("th", { scope: "col" }, inline(cell))))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell) => h("td", {}, inline(cell))))))));
}

function inline(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*(?!\*))/).map((part) => {
    if (part.startsWith("`")) return h("code", {}, part.slice(1, -1));
    if (part.startsWith("**")) return h("strong", {}, inline(part.slice(2, -2)));
    return part;
  });
}

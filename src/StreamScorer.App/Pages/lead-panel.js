// The panel of one lead: how hot, why, what is known, and what was decided about it before.

import { get } from "./api.js";
import { h, icon, s, show } from "./dom.js";
import { ago, figures, moment, percent, words } from "./format.js";
import { hotSince, reasonsOf } from "./lead-query.js";
import { notice, toast } from "./shell.js";

const BAR = 96;

/**
 * @param {HTMLElement} panel
 * @param {(id: string) => void} onClose Told which lead was open.
 */
export function leadPanel(panel, onClose) {
  let open = null;
  let loading = null;

  function close() {
    if (open === null) return;
    const id = open.lead_id;
    open = null;
    loading?.abort();
    panel.hidden = true;
    onClose(id);
  }

  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" || getComputedStyle(panel).position !== "fixed" || panel.offsetWidth < innerWidth) return;
    // On a phone the panel covers the page: Tab stays inside it.
    const stops = [...panel.querySelectorAll("button, [tabindex='0']")];
    const leaving = event.shiftKey ? stops[0] : stops.at(-1);
    if (document.activeElement !== leaving) return;
    (event.shiftKey ? stops.at(-1) : stops[0]).focus();
    event.preventDefault();
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && open) close();
  });

  function render(lead, history) {
    show(panel,
      h("header", {},
        h("h2", { id: "panel-title", class: "code", title: lead.lead_id }, lead.lead_id),
        h("button", { type: "button", class: "quiet square", "aria-label": "Copy the lead id", title: "Copy the lead id", onclick: () => copy(lead.lead_id, "Lead id copied") }, icon("copy")),
        h("button", { type: "button", class: "quiet square", "aria-label": "Close", title: "Close (Esc)", onclick: close }, icon("close"))),
      verdict(lead),
      reasons(lead),
      features(lead),
      h("section", { "aria-busy": String(history === null) }, h("h3", {}, "Decisions so far"), history ?? h("p", { class: "muted small" }, "Loading")));
  }

  return {
    /** Opens a lead, and reads its history. */
    async show(lead) {
      const isOther = open?.lead_id !== lead.lead_id;
      open = lead;
      loading?.abort();
      loading = new AbortController();
      panel.hidden = false;
      render(lead, null);
      if (isOther) panel.scrollTop = 0;
      panel.querySelector("[aria-label='Close']").focus();
      try {
        const whole = await get(`/api/v1/leads/${encodeURIComponent(lead.lead_id)}/score`, { signal: loading.signal });
        const { current } = whole;
        const now = { ...lead, ...current, last_scored_at: current.scored_at, reasons: current.reasons ?? lead.reasons };
        if (open?.lead_id === lead.lead_id) render(now, history(whole));
      } catch (failure) {
        if (failure.name === "AbortError") return;
        render(lead, notice("The history cannot be read", failure.message));
      }
      if (!panel.contains(document.activeElement)) panel.querySelector("[aria-label='Close']").focus();
    },
    close,
  };
}

function verdict(lead) {
  return h("section", {},
    h("div", { class: "verdict" },
      h("strong", { class: lead.cooled_at ? "" : "heat" }, percent(lead.probability)),
      h("span", { class: "tier", "data-tier": lead.tier, "aria-label": `tier ${lead.tier}` }, lead.tier),
      h("span", { class: "muted" }, lead.cooled_at ? `cooled ${ago(lead.cooled_at)}` : "likely to convert"),
      h("button", { type: "button", class: "quiet", onclick: () => copy(asText(lead), "Details copied") }, icon("copy"), "Copy")),
    h("dl", { class: "facts" },
      fact("Hot since", moment(hotSince(lead))),
      hotSince(lead) !== lead.first_hot_at && fact("First hot", moment(lead.first_hot_at)),
      fact("Last scored", moment(lead.last_scored_at)),
      lead.occurred_at && fact("Event of", moment(lead.occurred_at)),
      fact("Model", `${lead.model} ${(lead.model_version ?? "").slice(0, 8)}`)));
}

const fact = (name, value) => [h("dt", {}, name), h("dd", {}, value)];

function reasons(lead) {
  const all = reasonsOf(lead);
  const most = Math.max(...all.map((reason) => Math.abs(reason.contribution)), 1e-9);
  return h("section", {}, h("h3", {}, "Why"),
    all.length === 0
      ? h("p", { class: "muted small" }, "No reasons were kept with this score. Reasons are written for hot leads (setting Scoring:Reasons).")
      : h("ul", {}, all.map((reason) => h("li", { class: "reason" },
        h("span", {}, reason.text), bar(reason.contribution / most),
        h("span", { class: "amount" }, `${reason.contribution > 0 ? "+" : "−"}${figures(Math.abs(reason.contribution))}`)))),
    all.length > 0 && h("p", { class: "muted small" }, "How far each value moved the model's raw output, strongest first."));
}

function bar(share) {
  const length = Math.abs(share) * (BAR / 2 - 1);
  return s("svg", { viewBox: `0 0 ${BAR} 12`, "aria-hidden": "true" },
    s("rect", { class: share > 0 ? "up" : "down", x: share > 0 ? BAR / 2 : BAR / 2 - length, y: 2, width: length, height: 8, rx: 2 }),
    s("line", { class: "axis", x1: BAR / 2, x2: BAR / 2, y1: 0, y2: 12 }));
}

function features(lead) {
  const known = Object.entries(lead.features ?? {});
  return h("section", {}, h("h3", {}, "What is known"),
    known.length === 0
      ? h("p", { class: "muted small" }, "No features were kept.")
      : h("dl", { class: "facts" }, known.map(([name, value]) =>
        fact(words(name), value === null || value === "" ? "–" : typeof value === "number" ? figures(value) : String(value)))));
}

function history({ history: entries, history_complete: isComplete }) {
  if (entries.length === 0) return h("p", { class: "muted small" }, "None yet. Decisions appear here when their checkpoint is published.");
  return h("table", { class: "history" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Scored"), h("th", { scope: "col" }, "Tier"), h("th", { scope: "col", class: "number" }, "Probability"))),
    h("tbody", {}, entries.map((entry) => h("tr", {},
      h("td", {}, moment(entry.scored_at)), h("td", {}, entry.tier),
      h("td", { class: entry.hot ? "number heat" : "number" }, percent(entry.probability))))),
    !isComplete && h("caption", { class: "muted small" }, "Older decisions stand in older checkpoints."));
}

function asText(lead) {
  return [
    `${lead.lead_id}: ${percent(lead.probability)}, tier ${lead.tier}, hot since ${moment(hotSince(lead))}`,
    ...reasonsOf(lead).map((reason) => `${reason.contribution > 0 ? "+" : "-"} ${reason.text}`),
    ...Object.entries(lead.features ?? {}).map(([name, value]) => `${words(name)}: ${value ?? "-"}`),
  ].join("\n");
}

async function copy(text, done) {
  try {
    await navigator.clipboard.writeText(text);
    toast(done);
  } catch {
    // Without https browsers give no clipboard, except to localhost.
    toast("The browser does not allow copying here. Open the page over https or on localhost.");
  }
}

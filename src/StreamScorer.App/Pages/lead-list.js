// The list of leads: as many rows in the page as fit the window, however many leads there are. One row takes part in the
// Tab order; arrows move it. The window scrolls, not a box inside it, so that phones behave as people expect.

import { h } from "./dom.js";
import { ago, moment, percent } from "./format.js";
import { hotSince, reasonsOf, sourceOf } from "./lead-query.js";

const MARGIN_ROWS = 12;

/**
 * @param {HTMLElement} place Takes the rows.
 * @param {{ open: (lead: any) => void, nearEnd: () => void }} actions
 */
export function leadList(place, { open, nearEnd }) {
  let leads = [];
  let current = null; // Lead id of the row in the Tab order.
  let selected = null;
  let rows = new Map(); // Lead id to its row element, for the leads in view.
  const fresh = new Set();

  const rowHeight = () => parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--row"));
  const indexOf = (id) => leads.findIndex((lead) => lead.lead_id === id);

  function render() {
    const height = rowHeight();
    place.style.height = `${leads.length * height}px`;
    place.parentElement.setAttribute("aria-rowcount", leads.length + 1);
    const top = -place.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(top / height) - MARGIN_ROWS);
    const last = Math.min(leads.length, Math.ceil((top + innerHeight) / height) + MARGIN_ROWS);
    const stop = current !== null && indexOf(current) >= 0 ? current : leads[0]?.lead_id;
    const next = new Map();
    let before = null;
    for (let i = first; i < last; i++) {
      const lead = leads[i];
      const known = rows.get(lead.lead_id);
      const row = known?.lead === lead ? known : makeRow(lead, known);
      row.element.style.transform = `translateY(${i * height}px)`;
      row.element.setAttribute("aria-rowindex", i + 2);
      row.element.tabIndex = lead.lead_id === stop ? 0 : -1;
      row.element.setAttribute("aria-selected", String(lead.lead_id === selected));
      next.set(lead.lead_id, row);
      // Rows stand in the document in their order, for screen readers; one that stands right already is not moved, and
      // so keeps its focus.
      const following = before ? before.nextSibling : place.firstChild;
      if (following !== row.element) place.insertBefore(row.element, following);
      before = row.element;
    }

    for (const [id, { element }] of rows) if (next.get(id)?.element !== element) element.remove();
    rows = next;
    if (leads.length > 0 && last > leads.length - 40) nearEnd();
  }

  function makeRow(lead, known) {
    const cells = cellsOf(lead);
    if (known) {
      known.element.replaceChildren(...cells);
      return { lead, element: known.element };
    }
    const element = h("div", { class: "row", role: "row", "data-lead": lead.lead_id }, cells);
    if (fresh.delete(lead.lead_id)) element.classList.add("fresh");
    return { lead, element };
  }

  function move(index) {
    if (leads.length === 0) return;
    const to = Math.max(0, Math.min(leads.length - 1, index));
    current = leads[to].lead_id;
    const height = rowHeight();
    const top = place.getBoundingClientRect().top + to * height;
    const head = 100;
    if (top < head) scrollBy(0, top - head);
    else if (top + height > innerHeight) scrollBy(0, top + height - innerHeight + 8);
    render();
    rows.get(current)?.element.focus({ preventScroll: true });
  }

  place.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const at = indexOf(event.target.closest("[data-lead]")?.dataset.lead);
    const page = Math.max(1, Math.floor(innerHeight / rowHeight()) - 3);
    const steps = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: leads.length - 1 };
    if (event.key in steps) move(steps[event.key]);
    else if (event.key === "Enter" || event.key === " ") open(leads[at]);
    else return;
    event.preventDefault();
  });
  place.addEventListener("click", (event) => {
    const id = event.target.closest("[data-lead]")?.dataset.lead;
    if (id === undefined || String(getSelection()) !== "") return;
    current = id;
    open(leads[indexOf(id)]);
  });
  let asked = false;
  const renderSoon = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      render();
    });
  };
  addEventListener("scroll", renderSoon, { passive: true });
  addEventListener("resize", renderSoon);
  setInterval(() => {
    for (const { lead, element } of rows.values()) {
      element.querySelector(".since").textContent = ago(hotSince(lead));
      element.querySelector(".col-scored").textContent = ago(lead.last_scored_at);
    }
  }, 1_000);

  return {
    /** Shows these leads; those in `news` light up once. What is in view stays in view when rows are added above it. */
    set(next, news = []) {
      const anchor = scrollY > 0 ? [...rows.entries()].find(([, row]) => row.element.getBoundingClientRect().top >= 0) : null;
      const before = anchor ? indexOf(anchor[0]) : -1;
      for (const id of news) fresh.add(id);
      leads = next;
      if (before >= 0) {
        const after = indexOf(anchor[0]);
        place.style.height = `${leads.length * rowHeight()}px`;
        if (after > before && isScrolled()) scrollBy(0, (after - before) * rowHeight());
      }
      render();
      fresh.clear();
    },
    /** Marks one lead as the open one; null: none. */
    select(id) {
      selected = id;
      render();
    },
    /** Puts the focus on a lead's row, or on the first. */
    focus(id) {
      move(Math.max(0, indexOf(id)));
    },
    isScrolled,
  };

  // Whether the head of the list has left the window, so that what is new would come in unseen.
  function isScrolled() {
    return place.getBoundingClientRect().top < 0;
  }
}

function cellsOf(lead) {
  const reasons = reasonsOf(lead).slice(0, 2);
  return [
    h("span", { class: "cell col-chance chance", role: "gridcell" },
      h("strong", {}, percent(lead.probability)),
      h("span", { class: "tier", "data-tier": lead.tier, "aria-label": `tier ${lead.tier}` }, lead.tier)),
    h("span", { class: "cell col-lead code", role: "gridcell", title: lead.lead_id }, lead.lead_id),
    h("span", { class: "cell col-why", role: "gridcell" }, reasons.map((reason) =>
      h("span", { class: reason.contribution > 0 ? "why" : "why down" }, reason.text))),
    h("span", { class: "cell col-source", role: "gridcell" }, String(sourceOf(lead))),
    h("span", { class: "cell col-since number since", role: "gridcell", title: moment(hotSince(lead)) }, ago(hotSince(lead))),
    h("span", { class: "cell col-scored number", role: "gridcell", title: moment(lead.last_scored_at) }, ago(lead.last_scored_at)),
  ];
}

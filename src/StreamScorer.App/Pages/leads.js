// The page of sales agents: the current hot leads, live.

import { ApiError, get } from "./api.js";
import { byId, h, setText, show } from "./dom.js";
import { count, plural } from "./format.js";
import { leadList } from "./lead-list.js";
import { leadPanel } from "./lead-panel.js";
import { matches, orders, pathOf, sourceFeature, sourceOf } from "./lead-query.js";
import { openLive } from "./live.js";
import { may, notice, openShell, requireSession, showConnection, toast, toLogin } from "./shell.js";

const PAGE = 200;
const TYPING_PAUSE = 250;
const REREAD_BURST = 12_000; // Fifty pages that read the list again all at once would be felt by the stream.
const REREAD = 60_000; // The list heals itself: what a lost connection or a frozen worker hid comes back by then.
const controls = ["text", "tier", "least", "source", "sort"];

let leads = [];
let cursor = null; // Where the next page begins; null: everything is here.
let waiting = []; // Leads that turned hot while the agent reads further down.
let sourceName = null;
let reading = null;
const meanwhile = []; // What the feed told while the list was being read.
let reread = 0;
let totals = null;

const query = () => Object.fromEntries(controls.map((id) => [id, byId(id).value.trim()]));
const list = leadList(byId("rows"), { open: openLead, nearEnd: () => readMore() });
const panel = leadPanel(byId("panel"), (id) => {
  list.select(null);
  list.focus(id);
});

function openLead(lead) {
  list.select(lead.lead_id);
  panel.show(lead);
}

async function read({ keep = false } = {}) {
  reading?.abort();
  const mine = (reading = new AbortController());
  if (!keep) setText(byId("more"), "Loading");
  try {
    const page = await get(pathOf(query(), sourceName, { limit: PAGE }), { signal: mine.signal });
    leads = page.leads;
    cursor = page.next_cursor;
    waiting = [];
    reading = null;
    render();
    for (const changes of meanwhile.splice(0)) onLeads(changes);
  } catch (failure) {
    fail(failure);
  } finally {
    if (reading === mine) reading = null;
  }
}

async function readMore() {
  if (cursor === null || reading) return;
  const mine = (reading = new AbortController());
  try {
    const page = await get(pathOf(query(), sourceName, { limit: PAGE, cursor }), { signal: mine.signal });
    const known = new Set(leads.map((lead) => lead.lead_id));
    leads = leads.concat(page.leads.filter((lead) => !known.has(lead.lead_id)));
    cursor = page.next_cursor;
    reading = null;
    render();
  } catch (failure) {
    fail(failure);
  } finally {
    if (reading === mine) reading = null;
  }
}

function fail(failure) {
  if (failure.name === "AbortError") return;
  if (failure instanceof ApiError && failure.status === 401) return void toLogin();
  show(byId("more"), notice("The leads cannot be read", failure.message), h("button", { type: "button", onclick: () => read() }, "Try again"));
}

function render(news = []) {
  const asked = query();
  list.set(leads, news);
  learnSources();
  for (const header of document.querySelectorAll("[data-sort]")) {
    if (header.dataset.sort !== asked.sort) header.removeAttribute("aria-sort");
    else header.setAttribute("aria-sort", asked.sort === "lead" ? "ascending" : "descending");
  }
  const isFiltered = controls.some((id) => id !== "sort" && asked[id]);
  byId("clear").hidden = !isFiltered;
  byId("newer").hidden = waiting.length === 0;
  setText(byId("newer").firstElementChild, `${plural(waiting.length, "new hot lead")}, show`);
  byId("export").disabled = leads.length === 0;
  if (leads.length > 0) setText(byId("more"), cursor ? "Scroll for more" : plural(leads.length, isFiltered ? "lead matches" : "hot lead", isFiltered ? "leads match" : "hot leads"));
  else if (isFiltered) show(byId("more"), notice("No hot lead matches", "Loosen the filter, or wait: leads that turn hot and match appear here by themselves."));
  else show(byId("more"), notice("No hot leads yet", "Leads appear here within a second of turning hot. To see some, publish events:", "./streamscorer replay --data data/streaming/user_events --topic user-events"));
  summarize();
}

function summarize() {
  const hot = totals?.hot ?? leads.length;
  setText(byId("summary"), totals
    ? `${count(hot)} now · ${count(totals.turned_hot_last_hour)} turned hot in the last hour · ${count(totals.cooled)} cooled`
    : `${count(hot)}${cursor ? "+" : ""} now`);
}

/** The sources that can be filtered by: those that the totals and the loaded leads name. */
function learnSources() {
  sourceName ??= leads.length > 0 ? sourceFeature(leads[0]) : null;
  byId("source-label").hidden = leads.length > 0 && sourceName === null;
  const select = byId("source");
  const known = new Set([...select.options].map((option) => option.value));
  const seen = leads.map((lead) => String(sourceOf(lead))).filter((source) => source !== "–");
  const unknown = [...new Set([...Object.keys(totals?.sources ?? {}), ...seen])].filter((source) => !known.has(source));
  if (unknown.length === 0) return;
  const all = [...known, ...unknown].filter(Boolean).sort((a, b) => a.localeCompare(b));
  const chosen = select.value;
  show(select, h("option", { value: "" }, "All"), all.map((source) => h("option", { value: source }, source)));
  select.value = chosen;
}

/** Leads that turned hot, were scored again, or cooled. */
function onLeads(changes) {
  if (reading) return void meanwhile.push(changes);
  const { hot, cooled, more } = changes;
  const asked = query();
  const order = orders[asked.sort];
  const gone = new Set(cooled);
  const changed = new Map(hot.map((lead) => [lead.lead_id, lead]));
  const known = new Set(leads.map((lead) => lead.lead_id));
  const last = leads.at(-1);
  const isHere = (lead) => matches(lead, asked) && (cursor === null || last === undefined || order(lead, last) < 0);
  const arrived = hot.filter((lead) => !known.has(lead.lead_id) && isHere(lead));
  const isBusy = list.isScrolled();
  if (isBusy) {
    const queued = new Set(waiting.map((lead) => lead.lead_id));
    waiting = [...waiting.filter((lead) => !gone.has(lead.lead_id)), ...arrived.filter((lead) => !queued.has(lead.lead_id))];
  }
  leads = leads.filter((lead) => !gone.has(lead.lead_id)).map((lead) => changed.get(lead.lead_id) ?? lead).filter((lead) => matches(lead, asked));
  if (!isBusy) leads = leads.concat(arrived);
  leads.sort(order);
  render(isBusy ? [] : arrived.map((lead) => lead.lead_id));
  if (more) rereadSoon();
}

/** More turned hot in one second than the feed carries: the list is read again, a while later. */
function rereadSoon() {
  if (reread || list.isScrolled()) return;
  reread = setTimeout(() => {
    reread = 0;
    read({ keep: true });
  }, REREAD_BURST * (0.5 + Math.random()));
}

function showWaiting() {
  leads = leads.concat(waiting).sort(orders[query().sort]);
  const news = waiting.map((lead) => lead.lead_id);
  waiting = [];
  scrollTo(0, 0);
  render(news);
}

async function exportCsv() {
  const button = byId("export");
  button.disabled = true;
  try {
    const parts = [];
    let path = pathOf(query(), sourceName, { limit: 1000, format: "csv" });
    while (path) {
      const response = await fetch(path, { credentials: "same-origin" });
      if (!response.ok) throw new Error(`the service answered ${response.status}`);
      const text = await response.text();
      // Each page has the head line; the file has it once.
      parts.push(parts.length === 0 ? text : text.slice(text.indexOf("\r\n") + 2));
      path = /<([^>]+)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
      toast(`Exporting, ${plural(parts.length, "page")}`);
    }
    save(new Blob(parts, { type: "text/csv;charset=utf-8" }), `hot-leads-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.csv`);
    toast("Exported");
  } catch (failure) {
    toast(`The export failed: ${failure.message}`);
  } finally {
    button.disabled = false;
  }
}

function save(blob, name) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function listen() {
  let typing = 0;
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("text").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(read, TYPING_PAUSE);
  });
  for (const id of controls.slice(1)) byId(id).addEventListener("change", () => read());
  byId("clear").addEventListener("click", () => {
    for (const id of controls.slice(0, -1)) byId(id).value = "";
    read();
    byId("text").focus();
  });
  byId("more-filters").addEventListener("click", ({ currentTarget: button }) =>
    button.setAttribute("aria-expanded", String(button.getAttribute("aria-expanded") !== "true")));
  byId("export").addEventListener("click", exportCsv);
  byId("newer").firstElementChild.addEventListener("click", showWaiting);
  for (const header of document.querySelectorAll("[data-sort]")) {
    header.firstElementChild.addEventListener("click", () => {
      byId("sort").value = header.dataset.sort;
      read();
    });
  }
}

async function start() {
  const session = await requireSession();
  if (!session) return;
  openShell(session);
  if (!may(session, "leads:read")) {
    setText(byId("summary"), "");
    byId("filters").hidden = true;
    show(byId("more"), notice("This key may not see leads", "Log in with a key that has the scope leads:read. An operator makes one:", "./streamscorer keys create --name agents --scope leads:read"));
    return;
  }
  listen();
  // The feed first, then the list: what turns hot in between comes by both ways, not by none.
  let isRead = false;
  openLive(["leads"], {
    leads: onLeads,
    totals: (next) => {
      totals = next;
      summarize();
      learnSources();
    },
  }, (state) => {
    showConnection(state);
    if (state === "live" && !isRead) read({ keep: true });
    isRead = state === "live";
  });
  await read();
  setInterval(() => {
    if (!list.isScrolled() && byId("panel").hidden && document.visibilityState === "visible") read({ keep: true });
  }, REREAD);
}

start().catch((failure) => show(byId("more"), notice("The page cannot start", failure.message)));

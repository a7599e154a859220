// The page of operators: does it flow, how fast, what is stuck, what went wrong.

import { ApiError, get } from "./api.js";
import { timeline } from "./charts/timeline.js";
import { byId, h, setText, show } from "./dom.js";
import { ago, compact, count, duration, figures, moment, plural, words } from "./format.js";
import { openLive } from "./live.js";
import { may, notice, openShell, requireSession, showConnection, toLogin } from "./shell.js";

const SPAN_MS = 15 * 60_000;
const ALERTS_EVERY = 5_000;
const HAND_OFF = 5_000; // Lag above which the tile asks for attention.
const rate = (value) => compact(value);

const charts = {
  throughput: timeline({ title: "Throughput", unit: "events/s", format: rate, series: ["scored", "hot"], spanMs: SPAN_MS, filled: true, least: 10 }),
  lag: timeline({ title: "Lag", unit: "events", format: rate, series: ["behind the topic's end"], spanMs: SPAN_MS, filled: true, least: 10 }),
  latency: timeline({ title: "Time per micro-batch", unit: "ms", format: figures, series: ["median", "slowest 1 %"], spanMs: SPAN_MS, least: 1 }),
  errors: timeline({ title: "Dead letters", unit: "events/s", format: rate, series: ["dead letters"], spanMs: SPAN_MS, least: 1 }),
};

const samples = { at: [], scored: [], hot: [], lag: [], p50: [], p99: [], dead: [] };

function remember(second) {
  if (samples.at.length > 0 && second.at <= samples.at.at(-1)) return;
  // A pause in the feed is a gap in the lines, not a straight line across what nobody saw.
  if (samples.at.length > 0 && second.at - samples.at.at(-1) > 3_500) push(samples.at.at(-1) + 1_000, {});
  push(second.at, second);
  const old = samples.at.findIndex((time) => time >= second.at - SPAN_MS);
  if (old > 0) for (const column of Object.values(samples)) column.splice(0, old);
}

function push(at, second) {
  samples.at.push(at);
  samples.scored.push(second.scored ?? null);
  samples.hot.push(second.hot ?? null);
  samples.lag.push(second.lag ?? null);
  samples.p50.push(milliseconds(second.batch_p50_seconds));
  samples.p99.push(milliseconds(second.batch_p99_seconds));
  samples.dead.push(second.dead_letters ?? null);
}

const milliseconds = (seconds) => (seconds === null || seconds === undefined ? null : seconds * 1000);

function draw() {
  charts.throughput.update(samples.at, [samples.scored, samples.hot]);
  charts.lag.update(samples.at, [samples.lag]);
  charts.latency.update(samples.at, [samples.p50, samples.p99]);
  charts.errors.update(samples.at, [samples.dead]);
}

function render(status) {
  const { worker, second, totals } = status;
  remember(second);
  setText(byId("summary"), `${worker.topic} → ${worker.group} · worker ${worker.name}, up ${ago(worker.started_at).replace(" ago", "")} · model ${worker.model} ${worker.model_version.slice(0, 8)}`);
  show(byId("readiness"), status.dependencies.map(dependency));
  const last = status.checkpoints[0];
  show(byId("tiles"),
    tile("Scored", rate(second.scored), "events/s", `${count(totals.scored)} since the start`),
    tile("Lag", rate(second.lag), "events", second.lag > HAND_OFF && second.scored > 0 ? `${duration(second.lag / second.scored)} at this rate` : "behind the topic's end"),
    tile("Hot", rate(second.hot), "events/s", `${count(totals.hot)} since the start`),
    tile("Micro-batch", figures(milliseconds(second.batch_p99_seconds)), "ms", "slowest 1 % of the last second"),
    tile("Last checkpoint", last ? ago(last.registered_at).replace(" ago", "") : "–", "", last ? `${plural(last.rows, "row")}` : "none yet"),
    tile("Dead letters", compact(totals.dead_letters), "", "since the start", totals.dead_letters > 0));
  partitions(status.partitions);
  deadLetters(status.dead_letters);
  checkpoints(status.checkpoints);
  draw();
}

const tile = (name, value, unit, below, worry = false) => h("div", { class: "card tile" },
  h("dt", {}, name), h("dd", { class: worry ? "worry" : null }, value, unit && value !== "–" && h("span", { class: "unit" }, unit), h("div", { class: "below" }, below)));

const dependency = ({ name, up, since, reason }) => h("div", { class: "card" },
  h("h2", {}, name, h("span", { class: "pill", "data-state": up ? "good" : "bad" }, up ? "Ready" : "Not ready")),
  h("p", { class: "muted small" }, up ? `for ${ago(since).replace(" ago", "").replace("now", "a moment")}` : `${reason} (since ${moment(since)})`));

async function watchAlerts() {
  try {
    const { alerts: active } = await get("/api/v1/alerts");
    byId("alerts-card").hidden = false;
    alerts(active);
  } catch (failure) {
    // Without a service there is a banner already.
    if (!(failure instanceof ApiError)) throw failure;
  }
  setTimeout(watchAlerts, ALERTS_EVERY);
}

const SEVERITY = { critical: "bad", error: "bad", warning: "warn" };

function alerts(active) {
  show(byId("alerts"), active.length === 0
    ? h("p", { class: "muted" }, "None. Alerts that fire appear here with what to do.")
    : active.map((alert) => h("div", { class: "alert" },
      h("span", { class: "pill", "data-state": SEVERITY[alert.severity] ?? "warn" }, alert.severity),
      h("span", {}, h("strong", {}, words(alert.name)), " ", alert.summary, h("span", { class: "muted small block" }, `What to do: ${alert.runbook}`)),
      h("span", { class: "muted small" }, `since ${ago(alert.since)}`))));
}

function partitions(all) {
  setText(byId("partitions-note"), `${all.filter((one) => one.is_mine).length} of ${all.length} with this worker`);
  show(byId("partitions"), all.length === 0
    ? notice("No partitions yet", "The worker has not been given any. Does the topic exist, and do other workers of the group hold them all?")
    : table(["Partition", "Next offset", "Lag", "Owner"], ["", "number", "number", ""],
      all.map((one) => [String(one.partition), count(one.next_offset), one.lag === null ? "–" : count(one.lag), one.owner])));
}

function deadLetters(reasons) {
  show(byId("errors"), reasons.length === 0
    ? h("p", { class: "muted" }, "None since the worker's start.")
    : table(["Reason", "Events"], ["", "number"], reasons.map((one) => [one.reason, count(one.count)])),
  reasons.length > 0 && h("p", { class: "muted small" }, "To see and retry them: ", h("code", {}, "./streamscorer deadletters list")));
}

function checkpoints(latest) {
  show(byId("checkpoints"), latest.length === 0
    ? h("p", { class: "muted" }, "None yet. A checkpoint closes after Checkpoint:MaxRows events or Checkpoint:MaxAge.")
    : table(["Registered", "Rows", "Partitions", "File"], ["", "number", "number", ""],
      latest.map((one) => [ago(one.registered_at), count(one.rows), count(one.partitions), one.is_published ? one.file?.split("/").at(-1).replace(/^(.{8}).*(\.parquet)$/, "$1…$2") ?? "no rows" : "not published yet"])));
}

const table = (head, classes, rows) => h("table", {},
  h("thead", {}, h("tr", {}, head.map((name, i) => h("th", { scope: "col", class: classes[i] || null }, name)))),
  h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell, i) => h("td", { class: classes[i] || null, title: classes[i] ? null : cell }, cell))))));

async function read() {
  const status = await get("/api/v1/stream");
  for (const column of Object.values(samples)) column.length = 0;
  const { history } = status;
  history.at.forEach((at, i) => remember({
    at, scored: history.scored[i], hot: history.hot[i], lag: history.lag[i],
    batch_p50_seconds: history.batch_p50_seconds[i], batch_p99_seconds: history.batch_p99_seconds[i], dead_letters: history.dead_letters[i],
  }));
  byId("figures").hidden = false;
  render(status);
}

async function start() {
  const session = await requireSession();
  if (!session) return;
  openShell(session);
  if (!may(session, "models:read") && !may(session, "leads:read")) {
    setText(byId("summary"), "");
    show(byId("notice"), notice("This key may not see the stream", "Log in with a key that has the scope models:read or leads:read."));
    return;
  }
  byId("charts").append(...Object.values(charts).map((chart) => chart.element));
  await read();
  if (may(session, "models:read")) watchAlerts();
  let wasLost = false;
  openLive(["stream"], { stream: render }, (state) => {
    showConnection(state);
    if (state === "live" && wasLost) read().catch(() => null);
    wasLost = state === "lost";
  });
}

start().catch((failure) => {
  if (failure instanceof ApiError && failure.status === 401) return void toLogin();
  setText(byId("summary"), "");
  show(byId("notice"), notice("The stream's state cannot be read", failure.message));
});

// The page of data scientists: does the live stream still look like training, and do the scores still mean what they say.

import { ApiError } from "./api.js";
import { bars } from "./charts/bars.js";
import { columns } from "./charts/columns.js";
import { calibrationCurve } from "./charts/curve.js";
import { byId, h, setText, show } from "./dom.js";
import { count, fixed, percent, plural, words } from "./format.js";
import { markdown } from "./markdown.js";
import { listModels, readModel, readQuality } from "./model-data.js";
import { may, notice, openShell, requireSession, showConnection, toLogin } from "./shell.js";

const REFRESH = 5_000;
const FEATURE_ROWS = 12;
// The customary reading of the population stability index.
const DRIFT_LIMITS = [{ at: 0.1, name: "watch" }, { at: 0.2, name: "drifted" }];
const share = (value) => percent(value, 0);

const charts = {
  scores: columns({ title: "Scores, live and in training", unit: "share of leads", axis: "Probability from", format: (value) => percent(value, value < 0.1 ? 1 : 0), series: ["live", "training"] }),
  calibration: calibrationCurve({ title: "Calibration", series: ["held-back rows", "live outcomes"] }),
  drift: bars({ title: "Drift by feature", unit: "PSI", axis: "PSI", format: (value) => fixed(value, 3), limits: DRIFT_LIMITS, least: 0.12, rows: FEATURE_ROWS }),
  importance: bars({ title: "Importance", unit: "fall of AUC when shuffled", axis: "AUC falls by", format: (value) => fixed(value, 3), rows: FEATURE_ROWS, note: "On held-back rows: how much the model loses when one feature's values are dealt out anew." }),
  conversion: columns({ title: "Conversion by bucket", unit: "share that converted", axis: "Bucket", format: share, least: 1, series: ["expected", "came true"] }),
};

const measuresTable = h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Quality" });
const measures = h("section", { class: "card" },
  h("header", {}, h("h2", {}, "Quality, in training and live")),
  h("p", { class: "muted small chart-note" }, "Expected: from the calibrated scores alone, before outcomes are known."), measuresTable);

let models = [];
let name = null;
let timer = 0;

function renderModel(model) {
  setText(byId("summary"), `${model.name} · ${model.id.slice(0, 12)} · ${model.algorithm}, ${plural(model.trees, "tree")}, ${plural(model.featureCount, "feature")}`);
  charts.calibration.update([model.calibration, []]);
  charts.importance.update(model.importance.map((entry) => ({
    name: words(entry.feature), value: Math.max(0, entry.drop), lines: [["Share of gain", percent(entry.gain)], ["AUC alone", fixed(entry.alone)]],
  })));
  show(byId("card"), model.card ? markdown(model.card) : notice("This model has no card", "Train it with ./streamscorer train, which writes model_card.md beside the model."));
}

function renderQuality(quality, model) {
  const { scores, outcomes, features } = quality;
  const waiting = `Reported once ${count(quality.leastRows)} events were scored within the hour.`;
  show(byId("tiles"),
    tile("Events scored", quality.rows === null ? "–" : count(quality.rows), "last hour, this worker"),
    tile("Score drift", fixed(scores?.psi), "PSI against training"),
    tile("Mean score", percent(scores?.mean), scores ? `standard deviation ${percent(scores.sd)}` : ""),
    tile("Features drifted", features ? count(features.filter((one) => one.psi >= DRIFT_LIMITS[1].at).length) : "–", features ? `of ${features.length}, PSI 0.2 and up` : ""),
    tile("Broke the schema", percent(quality.failureRate, 2), "of the records"),
    tile("AUC", fixed(outcomes?.auc ?? scores?.expected?.auc ?? model.validation.auc), outcomes ? "on live outcomes" : scores ? "expected, before outcomes" : "on held-back rows"));
  charts.scores.setNote(scores ? "" : `No live scores yet. ${waiting}`);
  charts.scores.update(quality.histogram.map((bin) => bin.name), [quality.histogram.map((bin) => bin.live), quality.histogram.map((bin) => bin.training)]);
  charts.drift.setNote(features ? "From 0.1 on worth a look, from 0.2 on drifted (dashed)." : `No figures yet. ${waiting}`);
  charts.drift.update((features ?? []).map((one) => ({
    name: words(one.name), value: one.psi,
    lines: [["KL divergence", fixed(one.kl)], ["Missing", percent(one.nullRate)], ["In training", percent(one.trainingNullRate)], ["Unseen", percent(one.unseenRate)]],
  })));
  charts.calibration.update([model.calibration, outcomes?.calibration ?? []]);
  charts.conversion.setNote(outcomes ? "" : "No outcomes yet. Send them to the topic lead-outcomes or to POST /api/v1/outcomes.");
  charts.conversion.update(outcomes?.buckets.map((one) => one.name) ?? ["1", "2", "3", "4", "5"],
    [outcomes?.buckets.map((one) => one.expected) ?? [], outcomes?.buckets.map((one) => one.realised) ?? []],
    outcomes?.buckets.map((one) => [["leads", count(one.rows)], ["converted", count(one.converted)]]));
  performance(model.validation, scores?.expected, outcomes);
}

const tile = (label, value, below) => h("div", { class: "card tile" }, h("dt", {}, label), h("dd", {}, value, h("div", { class: "below" }, below)));

/** The same measures three times: held back in training, to be expected now, and what came true. */
function performance(validation, expected, outcomes) {
  const rows = [
    ["AUC", fixed(validation.auc, 4), fixed(expected?.auc, 4), fixed(outcomes?.auc, 4)],
    ["Log loss", fixed(validation.logLoss, 4), fixed(expected?.logLoss, 4), fixed(outcomes?.logLoss, 4)],
    ["Precision of hot leads", percent(validation.hotPrecision), percent(expected?.hotPrecision), percent(outcomes?.hotPrecision)],
    ["Conversion rate", percent(validation.conversionRate), percent(expected?.conversionRate), percent(outcomes?.conversionRate)],
    ["Leads", count(validation.rows), count(expected?.rows), count(outcomes?.rows)],
  ];
  show(measuresTable, h("table", {},
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Measure"), ["Held back", "Expected", "Came true"].map((head) => h("th", { scope: "col", class: "number" }, head)))),
    h("tbody", {}, rows.map(([measure, ...cells]) => h("tr", {}, h("th", { scope: "row" }, measure), cells.map((cell) => h("td", { class: "number" }, cell)))))));
}

async function refresh(model) {
  try {
    renderQuality(await readQuality(model), model);
    showConnection("live");
  } catch (failure) {
    if (failure instanceof ApiError && failure.status === 401) return void toLogin();
    showConnection("lost");
  }
  timer = setTimeout(() => refresh(model), REFRESH);
}

async function open(chosen) {
  name = chosen;
  clearTimeout(timer);
  const model = await readModel(models.find((one) => one.name === chosen));
  if (name !== chosen) return;
  byId("figures").hidden = false;
  renderModel(model);
  await refresh(model);
}

async function start() {
  const session = await requireSession();
  if (!session) return;
  openShell(session);
  if (!may(session, "models:read")) {
    setText(byId("summary"), "");
    show(byId("notice"), notice("This key may not see models", "Log in with a key that has the scope models:read. An operator makes one:", "./streamscorer keys create --name science --scope models:read"));
    return;
  }
  byId("charts").append(...Object.values(charts).map((chart) => chart.element), measures);
  models = await listModels();
  const select = byId("model");
  show(select, models.map((model) => h("option", { value: model.name }, model.name)));
  byId("picker").hidden = models.length < 2;
  select.addEventListener("change", () => open(select.value).catch(fail));
  await open(select.value);
}

function fail(failure) {
  if (failure instanceof ApiError && failure.status === 401) return void toLogin();
  setText(byId("summary"), "");
  show(byId("notice"), notice("The model cannot be shown", failure.message));
}

start().catch(fail);

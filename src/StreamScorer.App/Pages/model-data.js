// What the model page needs, from the answers of the API: one place that knows their shapes.

import { ApiError, get } from "./api.js";

/** The models that serve, the stream's own first. */
export async function listModels() {
  const { models } = await get("/api/v1/models");
  return models.sort((a, b) => Number(b.default) - Number(a.default));
}

/** A model: what it is, how good it was on held-back rows, and its card. */
export async function readModel({ name, version, algorithm, trees, feature_count: featureCount }) {
  const { metrics, card } = await get(`/api/v1/models/${encodeURIComponent(name)}/report`);
  const validation = metrics?.validation ?? {};
  return {
    name, id: version, trees, featureCount, card,
    algorithm: algorithm.replaceAll("-", " ").replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase(),
    calibration: (validation.calibration ?? []).filter((bin) => bin.rows > 0)
      .map((bin) => ({ predicted: bin.meanProbability, observed: bin.observedRate, rows: bin.rows })),
    importance: (metrics?.importance ?? []).map((one) => ({ feature: one.feature, drop: one.permutationDrop, gain: one.gainShare, alone: one.aloneAuc })),
    validation: {
      auc: validation.aucRoc, logLoss: validation.logLoss, hotPrecision: validation.hotPrecision, rows: validation.rows,
      conversionRate: validation.rows ? validation.positives / validation.rows : null,
    },
  };
}

/** Live quality of one model: data drift, scores, and what outcomes say. What is not known yet is null. */
export async function readQuality({ name, id }) {
  const [data, realised] = await Promise.all([get("/api/v1/quality/data?window=1h"), get("/api/v1/quality/models").catch(none)]);
  const live = data.models.find((one) => one.model_name === name && one.model_id === id);
  const outcomes = realised?.models.find((one) => one.model === name && one.id === id);
  return {
    leastRows: data.least_rows,
    rows: live?.rows ?? null,
    failureRate: live?.failure_rate ?? null,
    features: live?.features.some((one) => one.population_stability_index !== null) ? live.features.map(feature) : null,
    scores: live?.scores ? scores(live.scores, live.rows) : null,
    histogram: live?.scores?.shares ?? [],
    outcomes: outcomes ? outcomesOf(outcomes) : null,
  };
}

function none(failure) {
  if (failure instanceof ApiError && failure.status !== 401) return null;
  throw failure;
}

const feature = (one) => ({
  name: one.name, psi: one.population_stability_index, kl: one.kullback_leibler, nullRate: one.null_rate, trainingNullRate: one.training_null_rate,
  unseenRate: one.unseen_rate,
});

const scores = (one, rows) => ({
  psi: one.population_stability_index, mean: one.mean, sd: one.standard_deviation, expected: { ...promised(one.expected), rows },
});

const promised = (one) => ({ auc: one.auc_roc, logLoss: one.log_loss, hotPrecision: one.hot_precision, conversionRate: one.conversion_rate });

const outcomesOf = (one) => ({
  auc: one.auc_roc, logLoss: one.log_loss, hotPrecision: one.hot_precision, conversionRate: one.converted / one.rows, rows: one.rows,
  calibration: one.calibration.filter((bin) => bin.rows > 0).map((bin) => ({ predicted: bin.mean_probability, observed: bin.observed_rate, rows: bin.rows })),
  buckets: [...one.buckets].sort((a, b) => a.bucket - b.bucket).map((bucket) => ({
    name: `${bucket.bucket} (${bucket.tier})`, rows: bucket.leads, converted: bucket.converted,
    expected: bucket.leads > 0 ? bucket.mean_probability : null, realised: bucket.leads > 0 ? bucket.rate : null,
  })),
});

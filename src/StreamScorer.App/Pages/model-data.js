// What the model page needs, from the answers of the API: one place that knows their shapes.

import { get } from "./api.js";

/** The models that serve, the stream's own first. */
export const listModels = async () => (await get("/api/v1/models")).models;

/** A model: what it is, how good it was on held-back rows, and its card. */
export async function readModel(name) {
  const model = await get(`/api/v1/models/${encodeURIComponent(name)}`);
  const metrics = model.metrics ?? {};
  const validation = metrics.validation ?? {};
  return {
    name: model.name,
    id: model.model_version,
    algorithm: (metrics.algorithm ?? model.algorithm ?? "model").replaceAll("-", " "),
    trees: metrics.trees ?? model.trees,
    featureCount: (metrics.features ?? model.features ?? []).length,
    card: model.card,
    calibration: (validation.calibration ?? []).filter((bin) => bin.rows > 0)
      .map((bin) => ({ predicted: bin.meanProbability, observed: bin.observedRate, rows: bin.rows })),
    importance: (metrics.importance ?? []).map((one) => ({ feature: one.feature, drop: one.permutationDrop, gain: one.gainShare, alone: one.aloneAuc })),
    validation: {
      auc: validation.aucRoc, logLoss: validation.logLoss, hotPrecision: validation.hotPrecision, rows: validation.rows,
      conversionRate: validation.rows ? validation.positives / validation.rows : null,
    },
  };
}

/** Live quality: data drift, scores, and what outcomes say. */
export const readQuality = async (name) => get(`/api/v1/quality/${encodeURIComponent(name)}`);

// What the agent asks for: the same question as a query for the service and as a test for a lead that arrives live.

import { withQuery } from "./api.js";

/** Features that say where a lead came from, by stream name; a model has one of them or none. */
const SOURCES = ["referralSource", "leadCaptureChannel", "campaignTouchpoints"];

/** @typedef {{ text: string, tier: string, least: string, source: string, sort: string }} LeadQuery */

/** The feature of a lead that names its source; null where its model has none. */
export const sourceFeature = (lead) => SOURCES.find((name) => lead.features && name in lead.features) ?? null;

/** Where a lead came from, for the column. */
export const sourceOf = (lead) => lead.features?.[sourceFeature(lead)] ?? "–";

/** Since when a lead is hot. */
export const hotSince = (lead) => lead.turned_hot_at ?? lead.first_hot_at;

/** The path of the first page of leads that a query asks for. */
export function pathOf(query, sourceName, { limit, format, cursor } = {}) {
  return withQuery("/api/v1/leads/hot", {
    sort: query.sort,
    tier: query.tier,
    min_probability: query.least,
    text: query.text,
    [`feature.${sourceName}`]: sourceName ? query.source : "",
    limit,
    format,
    cursor,
  });
}

/** Whether a lead is one that the query asks for. */
export function matches(lead, query) {
  const text = query.text.toLowerCase();
  return !lead.cooled_at
    && (!query.tier || lead.tier === query.tier)
    && (!query.least || lead.probability >= Number(query.least))
    && (!query.source || String(sourceOf(lead)).toLowerCase() === query.source.toLowerCase())
    && (!text || `${lead.lead_id} ${JSON.stringify(lead.features ?? {})}`.toLowerCase().includes(text));
}

const byId = (a, b) => (a.lead_id < b.lead_id ? -1 : a.lead_id > b.lead_id ? 1 : 0);
const later = (a, b) => (a < b ? 1 : a > b ? -1 : 0);

/** The order of a sort, equal to the service's. */
export const orders = {
  probability: (a, b) => b.probability - a.probability || byId(a, b),
  newest: (a, b) => later(hotSince(a), hotSince(b)) || byId(a, b),
  scored: (a, b) => later(a.last_scored_at, b.last_scored_at) || byId(a, b),
  lead: byId,
};

/** The sentences of a lead's reasons, strongest first, without the direction that the sign shows. */
export const reasonsOf = (lead) => (lead.reasons ?? []).map(({ feature, text, contribution }) => ({
  feature, contribution, text: text.replace(/, (raises|lowers) the score$/, ""),
}));

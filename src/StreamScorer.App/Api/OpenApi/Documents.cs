using System.Text.Json;
using System.Text.Json.Serialization;

// The shapes of bodies, for the OpenAPI document. Answers are written by hand where they must be fast; a test compares
// what the running service says with these.
namespace StreamScorer.App.Api.OpenApi;

/// <summary>A request to score leads.</summary>
/// <param name="RequestId">The caller's own id of the request, at most 128 bytes.</param>
/// <param name="Leads">1 to 500 leads.</param>
/// <param name="Options">What else is wanted.</param>
internal sealed record ScoreRequest(IReadOnlyList<LeadToScore> Leads, string? RequestId = null, ScoreOptions? Options = null);

/// <summary>What else is wanted.</summary>
/// <param name="Reasons">Exact reasons (TreeSHAP) for every lead.</param>
/// <param name="Model">The model that scores; without it, the stream's.</param>
internal sealed record ScoreOptions(bool? Reasons = null, string? Model = null);

/// <summary>A lead: its features by API name, beside the other fields or in custom_features.</summary>
internal sealed class LeadToScore
{
    /// <summary>1 to 128 characters.</summary>
    public string? LeadId { get; init; }

    /// <summary>The event's id.</summary>
    public string? EventId { get; init; }

    /// <summary>RFC 3339 or milliseconds since 1970; timestamp features count as their age at this time, and as missing without it.</summary>
    public JsonElement? OccurredAt { get; init; }

    /// <summary>Features by API name.</summary>
    public Dictionary<string, JsonElement>? CustomFeatures { get; init; }

    /// <summary>Features by API name.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Features { get; init; }
}

/// <summary>The scores of a request.</summary>
internal sealed record ScoreResponse(
    string RequestId, DateTimeOffset Timestamp, string Status, string Model, string ModelVersion, double ProcessingTimeMs, int TotalLeads,
    IReadOnlyList<LeadScored> Scores);

/// <summary>The score of one lead.</summary>
/// <param name="Probability">Calibrated probability of conversion, 0 to 1; the same 64 bits as in the stream.</param>
/// <param name="Score">1 (coldest) to 5.</param>
/// <param name="Tier">A (score 5) to E (score 1).</param>
/// <param name="Confidence">The larger of probability and its complement.</param>
/// <param name="FeaturesUsed">Features of the model that have a value.</param>
internal sealed record LeadScored(
    string? LeadId, double Probability, int Score, string Tier, bool Hot, double Confidence, int FeaturesUsed, double PredictionTimeMs,
    IReadOnlyList<ReasonDocument>? Reasons = null);

/// <summary>The score of a request that is one lead.</summary>
internal sealed record LeadScoreResponse(
    string RequestId, DateTimeOffset Timestamp, string Status, string Model, string ModelVersion, double ProcessingTimeMs, string? LeadId,
    double Probability, int Score, string Tier, bool Hot, double Confidence, int FeaturesUsed, double PredictionTimeMs,
    IReadOnlyList<ReasonDocument>? Reasons = null);

/// <summary>One feature's part in a score.</summary>
/// <param name="Feature">The feature's stream name.</param>
/// <param name="Text">A sentence for a person.</param>
/// <param name="Contribution">Share of the model's raw output; negative lowers the score.</param>
internal sealed record ReasonDocument(string Feature, string Text, double Contribution);

/// <summary>A page of leads.</summary>
internal sealed record HotLeadsPage(IReadOnlyList<LeadDocument> Leads, string? NextCursor);

/// <summary>A lead that is or was hot.</summary>
internal sealed record LeadDocument(
    string LeadId, double Probability, int Score, string Tier, bool Hot, IReadOnlyList<ReasonDocument>? Reasons,
    Dictionary<string, JsonElement>? Features, string Model, string ModelVersion,
    DateTimeOffset FirstHotAt, DateTimeOffset TurnedHotAt, DateTimeOffset LastScoredAt, DateTimeOffset? CooledAt);

/// <summary>A lead's scores.</summary>
/// <param name="HistoryFilesRead">How many of the newest checkpoint files were looked through.</param>
/// <param name="HistoryComplete">Whether those were all.</param>
internal sealed record LeadScoreHistory(
    string LeadId, PastScore Current, IReadOnlyList<PastScore> History, int HistoryFilesRead, bool HistoryComplete);

/// <summary>One score of a lead.</summary>
/// <param name="ReasonsMethod">tree_shap (exact), path (along the trees' paths) or none.</param>
internal sealed record PastScore(
    double Probability, int Score, string Tier, bool Hot, string Model, string ModelVersion, DateTimeOffset ScoredAt, string ReasonsMethod,
    IReadOnlyList<ReasonDocument>? Reasons);

/// <summary>The models that serve.</summary>
internal sealed record ModelList(IReadOnlyList<ModelSummary> Models);

/// <summary>A model that serves.</summary>
/// <param name="Version">SHA-256 of the model file.</param>
/// <param name="Default">Whether it scores the stream, and requests that name no model.</param>
internal sealed record ModelSummary(
    string Name, string Version, bool Default, string Schema, string Algorithm, int Trees, int FeatureCount, double HotAbove);

/// <summary>A model and its features.</summary>
internal sealed record ModelDocument(
    string Name, string Version, bool Default, string Schema, string Algorithm, int Trees, int FeatureCount, double HotAbove,
    IReadOnlyList<FeatureDocument> Features);

/// <summary>A feature of a model.</summary>
internal sealed record FeatureDocument(
    string Name, string StreamName, string Kind, bool Required, IReadOnlyList<string>? Categories = null);

/// <summary>A model that was loaded again.</summary>
internal sealed record ModelReloaded(string Name, string Version, bool Changed);

/// <summary>What training wrote beside a model.</summary>
/// <param name="Metrics">Its metrics.json; null where there is none of this model.</param>
/// <param name="Card">Its model card, Markdown; null where there is none of this model.</param>
internal sealed record ModelReport(string Name, string Version, JsonElement? Metrics, string? Card);

/// <summary>One outcome by itself, or many as outcomes.</summary>
/// <param name="LeadId">1 to 128 characters.</param>
/// <param name="Converted">Whether the lead converted; false: it was lost.</param>
/// <param name="OccurredAt">RFC 3339 or milliseconds since 1970; now without it.</param>
/// <param name="Outcomes">As many as a scoring request may have leads.</param>
internal sealed record OutcomesToRecord(
    string? LeadId = null, bool? Converted = null, JsonElement? OccurredAt = null, IReadOnlyList<OutcomeToRecord>? Outcomes = null);

/// <summary>How a lead ended.</summary>
internal sealed record OutcomeToRecord(string LeadId, bool Converted, JsonElement? OccurredAt = null);

/// <summary>ok or unavailable.</summary>
internal sealed record HealthDocument(string Status);

/// <summary>What went wrong (RFC 9457).</summary>
internal sealed record ProblemDocument(
    string Type, string Title, int Status, string Detail, string Instance, IReadOnlyList<FaultDocument>? Errors = null);

/// <summary>One fault of a request.</summary>
/// <param name="Path">JSON path in the body, or ?NAME for a parameter of the query.</param>
/// <param name="Code">For programs.</param>
/// <param name="Detail">For people.</param>
internal sealed record FaultDocument(string Path, string Code, string Detail);

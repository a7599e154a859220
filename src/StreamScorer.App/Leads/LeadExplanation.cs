using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using StreamScorer.Features;
using StreamScorer.Forests;
using StreamScorer.Scoring;

namespace StreamScorer.App.Leads;

/// <summary>
/// Why a lead scores as it does: exact Shapley values (TreeSHAP) of the features that the database keeps of its newest hot
/// event, decoded by the code that decoded the event.
/// </summary>
/// <param name="LeadId">Who.</param>
/// <param name="Probability">What the model says about these features, 0 to 1.</param>
/// <param name="RawScore">The same before calibration: what the reasons add up to.</param>
/// <param name="Baseline">The raw score of the average training row.</param>
/// <param name="Tier">A to E.</param>
/// <param name="ModelName">The model asked.</param>
/// <param name="ModelId">Its id.</param>
/// <param name="Reasons">The strongest first.</param>
internal sealed record LeadExplanation(
    string LeadId, double Probability, double RawScore, double Baseline, string Tier, string ModelName, string ModelId,
    IReadOnlyList<LeadReason> Reasons)
{
    /// <exception cref="InvalidDataException">The model cannot read these features; the message names the field.</exception>
    public static LeadExplanation Of(string leadId, string features, DateTime? eventTime, ScoringModel model, HotThreshold threshold)
    {
        var row = new double[model.Schema.Count];
        Decode(leadId, features, eventTime, model.Schema, row);
        var engine = new PredictionEngine(model, threshold);
        var (raw, probability) = (new double[1], new double[1]);
        engine.Predict(row, raw, probability);
        var scored = engine.Describe(raw[0], probability[0]);
        model.Forest.CreateScorer().ShapleyValues(row, new double[row.Length], out var baseline);
        var json = new ArrayBufferWriter<byte>();
        engine.AppendReasonsJson(row, model.Schema.Count, json, exact: true);
        var reasons = JsonSerializer.Deserialize<LeadReason[]>(json.WrittenSpan, JsonSerializerOptions.Web)!;
        return new LeadExplanation(
            leadId, probability[0], raw[0], baseline, scored.Tier.ToString(), model.Name, model.Id, reasons);
    }

    // The event as it would come through the topic: the features, whose they are, and when it happened.
    private static void Decode(string leadId, string features, DateTime? eventTime, FeatureSchema schema, double[] row)
    {
        var value = JsonNode.Parse(features)!.AsObject();
        value["leadId"] = leadId;
        if (eventTime is { } time)
            value["occurredAt"] = time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        var decoder = new EventDecoder(schema);
        var result = default(DecodedEvent);
        var kind = decoder.Decode(
            default, true, Encoding.UTF8.GetBytes(value.ToJsonString()), false, row, new Utf8Arena(), ref result);
        if (kind != RecordKind.Event)
            throw new InvalidDataException(decoder.Describe(result));
    }
}

/// <summary>One feature's share of a score.</summary>
/// <param name="Feature">Its name in events.</param>
/// <param name="Text">In words: "Last action: Email Bounced, lowers the score".</param>
/// <param name="Contribution">What it adds to the raw score.</param>
internal sealed record LeadReason(string Feature, string Text, double Contribution);

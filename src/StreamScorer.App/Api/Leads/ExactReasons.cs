using System.Buffers;
using System.Globalization;
using System.Text;
using StreamScorer.App.Leads;
using StreamScorer.Features;
using StreamScorer.Scoring;

namespace StreamScorer.App.Api.Leads;

/// <summary>
/// Exact reasons (TreeSHAP) of a stored score, from the features that the table keeps of the lead's newest hot event. They
/// are given only where the serving model is the one that scored the lead and gives the same 64 bits again: reasons of
/// another score would be wrong ones.
/// </summary>
internal sealed class ExactReasons(PredictionEnginePool pool, StreamScorerOptions options)
{
    /// <summary>A JSON array, strongest first; null where the score cannot be reproduced.</summary>
    public string? Of(Lead lead)
    {
        if (lead.Features is null || !pool.Names.Contains(lead.ModelName))
            return null;
        var model = pool.GetModel(lead.ModelName);
        var row = new double[model.Schema.Count];
        if (model.Id != lead.ModelId || !TryDecode(model, lead, row))
            return null;
        var engine = pool.GetPredictionEngine(model);
        try
        {
            var (raw, probability) = (new double[1], new double[1]);
            engine.Predict(row, raw, probability);
            if (BitConverter.DoubleToInt64Bits(probability[0]) != BitConverter.DoubleToInt64Bits(lead.Probability))
                return null;
            var json = new ArrayBufferWriter<byte>();
            engine.AppendReasonsJson(row, options.Scoring.TopReasons, json, exact: true);
            return Encoding.UTF8.GetString(json.WrittenSpan);
        }
        finally
        {
            pool.ReturnPredictionEngine(engine);
        }
    }

    // The stored features are an event's, by stream name; with its time put back they decode to the event's row.
    private static bool TryDecode(ScoringModel model, Lead lead, double[] row)
    {
        var value = lead.Features!;
        if (lead.EventTime is { } time)
        {
            var occurredAt = DateTime.SpecifyKind(time, DateTimeKind.Utc).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
            value = value.TrimEnd()[..^1] + (value.Contains(':', StringComparison.Ordinal) ? "," : "") + $"\"occurredAt\":\"{occurredAt}\"}}";
        }

        var decoded = default(DecodedEvent);
        return new EventDecoder(model.Schema).Decode(
            "lead"u8, false, Encoding.UTF8.GetBytes(value), false, row, new Utf8Arena(), ref decoded) == RecordKind.Event;
    }
}

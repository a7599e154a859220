using System.Text;
using System.Text.Json;
using StreamScorer.Forests;

namespace StreamScorer.Telemetry.Outcomes;

/// <summary>How a lead ended.</summary>
/// <param name="LeadId">1 to 128 characters.</param>
/// <param name="Converted">Whether it converted; false: it was lost.</param>
/// <param name="OccurredAt">When.</param>
public sealed record LeadOutcome(string LeadId, bool Converted, DateTimeOffset OccurredAt)
{
    private const int MostLeadIdChars = 128;
    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// Reads <c>{"leadId":"…","converted":true,"occurredAt":"…"}</c>. The lead id falls back to the key and the time to
    /// the record's own; <c>lead_id</c> and <c>occurred_at</c> (the API's names) do as well; unknown members are ignored.
    /// </summary>
    /// <param name="key">The record's key, UTF-8; empty where it has none.</param>
    /// <param name="value">The record's value, not empty.</param>
    /// <param name="recordTime">Time of an outcome that names none.</param>
    /// <param name="now">An outcome more than a day ahead of this is refused.</param>
    /// <param name="outcome">The outcome; null on false.</param>
    /// <param name="fault">What is wrong, naming the member and never its value; empty on true.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> key, ReadOnlyMemory<byte> value, DateTimeOffset recordTime, DateTimeOffset now,
        out LeadOutcome? outcome, out string fault)
    {
        outcome = null;
        try
        {
            using var document = JsonDocument.Parse(value);
            fault = document.RootElement.ValueKind == JsonValueKind.Object ? "" : "The value is not a JSON object.";
            return fault.Length == 0 && TryRead(document.RootElement, Encoding.UTF8.GetString(key), recordTime, now, out outcome, out fault);
        }
        catch (JsonException)
        {
            fault = "The value is not JSON.";
            return false;
        }
        catch (InvalidOperationException)
        {
            fault = "A text of the value is not UTF-8.";
            return false;
        }
    }

    /// <inheritdoc cref="TryRead(ReadOnlySpan{byte}, ReadOnlyMemory{byte}, DateTimeOffset, DateTimeOffset, out LeadOutcome?, out string)"/>
    public static bool TryRead(
        JsonElement json, string key, DateTimeOffset recordTime, DateTimeOffset now, out LeadOutcome? outcome, out string fault)
    {
        outcome = null;
        var leadId = key;
        if (TryGet(json, "leadId", "lead_id", out var id))
            leadId = id.ValueKind == JsonValueKind.String ? id.GetString()! : "";
        if (leadId.Length is 0 or > MostLeadIdChars || leadId.Contains('\0', StringComparison.Ordinal))
            return Fail($"leadId is not a text of 1 to {MostLeadIdChars} characters.", out fault);
        if (!json.TryGetProperty("converted", out var converted) || converted.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            return Fail("converted is not true or false.", out fault);
        var occurredAt = recordTime;
        if (TryGet(json, "occurredAt", "occurred_at", out var time) && time.ValueKind != JsonValueKind.Null && !TryReadTime(time, out occurredAt))
            return Fail("occurredAt is neither an RFC 3339 time nor milliseconds since 1970.", out fault);
        if (occurredAt < Earliest || occurredAt > now.AddDays(1))
            return Fail("occurredAt lies before 2000 or more than a day ahead.", out fault);
        fault = "";
        outcome = new LeadOutcome(leadId, converted.GetBoolean(), occurredAt);
        return true;
    }

    private static bool TryGet(JsonElement json, string name, string apiName, out JsonElement value) =>
        json.TryGetProperty(name, out value) || json.TryGetProperty(apiName, out value);

    private static bool TryReadTime(JsonElement time, out DateTimeOffset occurredAt)
    {
        occurredAt = default;
        var text = time.ValueKind switch
        {
            JsonValueKind.String => time.GetString()!,
            JsonValueKind.Number => time.GetRawText(),
            _ => "",
        };
        if (!Feature.TryParseTimestamp(Encoding.UTF8.GetBytes(text), out var micros))
            return false;
        occurredAt = DateTimeOffset.UnixEpoch.AddMicroseconds(micros);
        return true;
    }

    private static bool Fail(string message, out string fault)
    {
        fault = message;
        return false;
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using StreamScorer.Features;
using StreamScorer.Forests;

namespace StreamScorer.Tests.Features;

/// <summary>What one record decodes to, as plain values that tests compare.</summary>
internal sealed record PlainEvent(
    RecordKind Kind, string? LeadId, string? EventId, long OccurredAtMicros, bool OutOfRange, int Unknown, int Unseen, double[] Row)
{
    public static readonly PlainEvent Bad = new(RecordKind.Bad, null, null, DecodedEvent.NoTime, false, 0, 0, []);

    public bool SameAs(PlainEvent other) =>
        Kind == other.Kind && LeadId == other.LeadId && EventId == other.EventId && OccurredAtMicros == other.OccurredAtMicros
        && OutOfRange == other.OutOfRange && Unknown == other.Unknown && Unseen == other.Unseen
        && Row.Select(BitConverter.DoubleToInt64Bits).SequenceEqual(other.Row.Select(BitConverter.DoubleToInt64Bits));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Kind} lead={LeadId} event={EventId} at={OccurredAtMicros} out={OutOfRange} unknown={Unknown} unseen={Unseen} row=[{string.Join(' ', Row)}]");
}

/// <summary>
/// The event contract, written down slowly and plainly on System.Text.Json's document model: the oracle for
/// <see cref="EventDecoder"/>. Knows plain events only, no envelopes.
/// </summary>
internal sealed class DomEventDecoder(FeatureSchema schema, DateTimeOffset now)
{
    public PlainEvent Decode(byte[]? key, byte[] value)
    {
        if (value.Length > 1024 * 1024 || !Utf8.IsValid(value))
            return PlainEvent.Bad;
        try
        {
            using var document = JsonDocument.Parse(value, new JsonDocumentOptions { MaxDepth = 64 });
            return document.RootElement.ValueKind == JsonValueKind.Object ? Decode(key, document.RootElement) : PlainEvent.Bad;
        }
        catch (Exception e) when (e is JsonException or BadEventException)
        {
            return PlainEvent.Bad;
        }
    }

    private PlainEvent Decode(byte[]? key, JsonElement root)
    {
        var fields = new Dictionary<string, JsonElement>();
        var unknown = 0;
        var known = schema.Features.Select(f => f.StreamName).Concat(["leadId", "eventId", "occurredAt"]).ToHashSet();
        foreach (var property in root.EnumerateObject())
        {
            if (NameOf(property) is not { } name || !known.Contains(name))
                unknown++;
            else if (!fields.TryAdd(name, property.Value))
                throw new BadEventException();
        }

        var lead = Text(fields, "leadId") ?? (key is null or [] ? null : Utf8.IsValid(key) ? Encoding.UTF8.GetString(key) : null);
        if (lead is null or "" || lead.Contains('\0') || lead.EnumerateRunes().Count() > 128)
            throw new BadEventException();
        var eventId = Text(fields, "eventId");
        if (eventId?.Contains('\0') == true)
            throw new BadEventException();
        var occurredAt = Time(fields, "occurredAt", false);
        var limit = now.AddDays(1).ToUnixTimeMilliseconds() * 1000;
        var outOfRange = occurredAt is { } at && (at < 946684800000000 || at > limit);
        if (outOfRange)
            occurredAt = null;
        var row = new double[schema.Count];
        var unseen = 0;
        foreach (var feature in schema.Features)
            row[feature.Index] = Value(feature, fields, occurredAt, ref unseen);
        return new PlainEvent(
            RecordKind.Event, lead, eventId, occurredAt ?? DecodedEvent.NoTime, outOfRange, unknown, unseen, row);
    }

    private static double Value(Feature feature, Dictionary<string, JsonElement> fields, long? occurredAt, ref int unseen)
    {
        if (!fields.TryGetValue(feature.StreamName, out var element))
            return feature.Required ? throw new BadEventException() : double.NaN;
        if (element.ValueKind == JsonValueKind.Null)
            return double.NaN;
        if (element.ValueKind == JsonValueKind.String && feature.NullTokens.Contains(StringOf(element)))
            return double.NaN;
        switch (feature.Kind, element.ValueKind)
        {
            case (FeatureKind.Numeric, JsonValueKind.Number):
                return Finite(element);
            case (FeatureKind.Boolean, JsonValueKind.True):
                return 1;
            case (FeatureKind.Boolean, JsonValueKind.False):
                return 0;
            case (FeatureKind.Categorical, JsonValueKind.String):
                var seen = feature.TryGetCategory(Encoding.UTF8.GetBytes(StringOf(element)), out var code);
                unseen += seen ? 0 : 1;
                return code;
            case (FeatureKind.Timestamp, JsonValueKind.String or JsonValueKind.Number):
                var instant = Time(fields, feature.StreamName, true)!.Value;
                return occurredAt is { } at ? (at - instant) / 86_400_000_000.0 : double.NaN;
            default:
                throw new BadEventException();
        }
    }

    private static long? Time(Dictionary<string, JsonElement> fields, string name, bool isFeature)
    {
        if (!fields.TryGetValue(name, out var element) || element.ValueKind == JsonValueKind.Null)
            return null;
        if (element.ValueKind == JsonValueKind.Number)
        {
            var millis = element.GetDouble();
            if (Math.Abs(millis) < 253402300800000)
                return (long)Math.Round(millis * 1000);
            return isFeature ? throw new BadEventException() : long.MinValue;
        }

        if (element.ValueKind != JsonValueKind.String)
            throw new BadEventException();
        var text = StringOf(element);
        string[] formats = isFeature ? ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd"] : ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];
        var hasZone = text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-' && text.Contains('T'));
        if (!DateTimeOffset.TryParseExact(text, formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            || (!hasZone && !(isFeature && text.Length == 10)))
            throw new BadEventException();
        return (time.UtcTicks - DateTime.UnixEpoch.Ticks) / 10;
    }

    private static double Finite(JsonElement element)
    {
        var number = element.GetDouble();
        return double.IsFinite(number) ? number : throw new BadEventException();
    }

    private static string? Text(Dictionary<string, JsonElement> fields, string name) =>
        !fields.TryGetValue(name, out var element) || element.ValueKind == JsonValueKind.Null ? null
        : element.ValueKind == JsonValueKind.String ? StringOf(element)
        : throw new BadEventException();

    private static string StringOf(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new BadEventException();
        }
    }

    private static string? NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private sealed class BadEventException : Exception;
}

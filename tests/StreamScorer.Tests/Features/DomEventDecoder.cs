using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
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
        if (value.Length == 0)
            return PlainEvent.Bad with { Kind = RecordKind.Tombstone };
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
        return Instant(StringOf(element), isFeature) ?? throw new BadEventException();
    }

    private static long? Instant(string text, bool allowDateAlone)
    {
        var match = Regex.Match(text, @"\A([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?"
            + @"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2})))?\z");
        int Part(int group) => match.Groups[group].Success ? int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture) : 0;
        if (!match.Success || (text.Length == 10 && !allowDateAlone) || Part(1) < 1 || Part(2) is < 1 or > 12 || Part(3) < 1
            || Part(3) > DateTime.DaysInMonth(Part(1), Part(2)) || Part(4) > 23 || Part(5) > 59 || Part(6) > 60 || Part(9) > 23 || Part(10) > 59)
            return null;
        var seconds = ((new DateTime(Part(1), Part(2), Part(3)) - DateTime.UnixEpoch).Days * 86400L) + (Part(4) * 3600) + (Part(5) * 60) + Part(6);
        var offset = ((Part(9) * 3600) + (Part(10) * 60)) * (match.Groups[8].Value == "-" ? -1 : 1);
        var micros = match.Groups[7].Success ? long.Parse(match.Groups[7].Value[1..].PadRight(6, '0')[..6], CultureInfo.InvariantCulture) : 0;
        return ((seconds - offset) * 1_000_000) + micros;
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

using System.Text;
using StreamScorer.Forests;

namespace StreamScorer.Features;

/// <summary>Which of its names a feature goes by.</summary>
internal enum FieldNaming
{
    /// <summary>camelCase, in events.</summary>
    Stream,

    /// <summary>snake_case, in the HTTP API.</summary>
    Api,
}

/// <summary>
/// The names an event may use and the slot each stands for: features first, by their index, then the event's own fields.
/// Producers write their fields in one order, so the field that followed last time is guessed first and the guess is
/// confirmed by one comparison; any other order costs a lookup. Not thread safe, because it learns.
/// </summary>
internal sealed class EventFields
{
    /// <summary>The slot of every name that is not known.</summary>
    public const int Unknown = -1;

    /// <summary>In the API, the field whose object holds features too.</summary>
    public const string NestedFeaturesName = "custom_features";

    // A slot that no name has.
    private const int Absent = -2;

    private readonly byte[][] _tokens;
    private readonly Utf8Lookup _slots;
    private readonly int[] _followers;

    public EventFields(FeatureSchema schema, FieldNaming naming)
    {
        FeatureCount = schema.Count;
        IEnumerable<string> own = naming == FieldNaming.Stream ? ["leadId", "eventId", "occurredAt"] : ["lead_id", "event_id", "occurred_at"];
        var features = schema.Features.Select(feature => naming == FieldNaming.Stream ? feature.StreamName : feature.ApiName);
        var names = features.Concat(own).ToList();

        // A schema that uses the name itself forgoes envelopes or nesting: its events could not be told from them.
        var last = naming == FieldNaming.Stream ? "specversion" : NestedFeaturesName;
        if (!names.Contains(last))
            names.Add(last);
        SpecVersion = naming == FieldNaming.Stream ? FeatureCount + 3 : Absent;
        NestedFeatures = naming == FieldNaming.Api ? FeatureCount + 3 : Absent;
        _tokens = [.. names.Select(Token)];
        _slots = new Utf8Lookup([.. names.Select((name, slot) => KeyValuePair.Create(name, slot))]);
        _followers = [.. Enumerable.Range(0, names.Count + 1)];
        _followers[^1] = 0;
    }

    /// <summary>How many slots are features.</summary>
    public int FeatureCount { get; }

    /// <summary>The slot of <c>leadId</c>.</summary>
    public int LeadId => FeatureCount;

    /// <summary>The slot of <c>eventId</c>.</summary>
    public int EventId => FeatureCount + 1;

    /// <summary>The slot of <c>occurredAt</c>.</summary>
    public int OccurredAt => FeatureCount + 2;

    /// <summary>The slot of <c>specversion</c>, the mark of a CloudEvents envelope; only in the stream.</summary>
    public int SpecVersion { get; }

    /// <summary>The slot of <see cref="NestedFeaturesName"/>; only in the API.</summary>
    public int NestedFeatures { get; }

    /// <summary>How a field's name stands in JSON without white space, quoted and with its colon.</summary>
    public ReadOnlySpan<byte> TokenOf(int slot) => _tokens[slot];

    /// <summary>How many names there are.</summary>
    public int NameCount => _tokens.Length;

    /// <summary>How many slots there are at most.</summary>
    public int SlotCount => FeatureCount + 4;

    /// <summary>The name, quoted and with its colon, of the field that followed <paramref name="previous"/> last time.</summary>
    public ReadOnlySpan<byte> ExpectedToken(int previous) => _tokens[_followers[previous + 1]];

    /// <summary>The slot of that field.</summary>
    public int Expected(int previous) => _followers[previous + 1];

    /// <summary>The slot of a name; <paramref name="previous"/> is the slot of the field before it, Unknown at the start.</summary>
    public int Find(Utf8Text name, int previous)
    {
        if (!_slots.TryGet(name, out var slot))
            return Unknown;
        _followers[previous + 1] = slot;
        return slot;
    }

    // A name that JSON can only write with escapes gets a token that never occurs, so that it is always looked up.
    private static byte[] Token(string name) => name.AsSpan().IndexOfAny('"', '\\') >= 0 || name.Any(char.IsControl)
        ? [0xFF]
        : Encoding.UTF8.GetBytes($"\"{name}\":");
}

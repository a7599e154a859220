using System.Buffers;
using System.Text;
using StreamScorer.Features;
using StreamScorer.Forests;

namespace StreamScorer.Tests.Features;

/// <summary>A decoder with its arena and row, for tests that decode one record at a time.</summary>
internal sealed class EventDecoding
{
    public static readonly DateTimeOffset Now = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    private readonly EventDecoder _decoder;

    public EventDecoding(FeatureSchema schema, EventDecoderOptions? options = null)
    {
        _decoder = new EventDecoder(schema, options, new StoppedClock(Now));
        Row = new double[schema.Count];
    }

    public double[] Row { get; }

    public Utf8Arena Arena { get; } = new();

    public DecodedEvent Result;

    public string? LeadId => Arena.GetString(Result.LeadId);

    public string? EventId => Arena.GetString(Result.EventId);

    public string Description => _decoder.Describe(Result);

    public RecordKind Decode(string value, string? key = "key-1") =>
        Decode(Encoding.UTF8.GetBytes(value), key is null ? null : Encoding.UTF8.GetBytes(key));

    public RecordKind Decode(byte[]? value, byte[]? key)
    {
        Arena.Clear();
        return _decoder.Decode(key, key is null, value, value is null, Row, Arena, ref Result);
    }

    public RecordKind Decode(string value, string? key, string? headerId, string? headerTime)
    {
        Arena.Clear();
        var attributes = new EventAttributes { EventId = Encoding.UTF8.GetBytes(headerId ?? ""), OccurredAt = Encoding.UTF8.GetBytes(headerTime ?? "") };
        return _decoder.Decode(
            key is null ? null : Encoding.UTF8.GetBytes(key), key is null, Encoding.UTF8.GetBytes(value), false, attributes, Row, Arena, ref Result);
    }

    /// <summary>Decodes a value that stands in a buffer with so many bytes of noise behind it.</summary>
    public RecordKind Decode(byte[] value, byte[]? key, int behind, byte noise = (byte)'x') =>
        Decode(new Utf8Text((byte[])[.. value, .. Enumerable.Repeat(noise, behind)], 0, value.Length), key);

    public RecordKind Decode(Utf8Text value, byte[]? key)
    {
        Arena.Clear();
        return _decoder.Decode(key, key is null, value, false, default, Row, Arena, ref Result);
    }

    public PlainEvent DecodePlain(byte[]? key, byte[] value)
    {
        Decode(value, key);
        return Plain();
    }

    /// <summary>What the last record was.</summary>
    public PlainEvent Plain() =>
        Result.Kind switch
        {
            RecordKind.Event => new PlainEvent(
                RecordKind.Event, LeadId, EventId, Result.OccurredAtMicros, Result.OccurredAtOutOfRange, Result.UnknownFields,
                Result.UnseenCategories, [.. Row]),
            var kind => PlainEvent.Bad with { Kind = kind },
        };

    public string FeaturesJson(string value) => FeaturesJson(Encoding.UTF8.GetBytes(value));

    public string FeaturesJson(byte[] value)
    {
        var json = new ArrayBufferWriter<byte>();
        _decoder.AppendFeaturesJson(value, json);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}

using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using StreamScorer.Forests;
using StreamScorer.Training.Generation;
using StreamScorer.Training.LeadScoring;

namespace StreamScorer.App.Soak;

/// <summary>
/// The events of a soak: leads that come again and change their minds, and now and then what a real topic carries too:
/// bad records and tombstones. The same seed gives the same messages.
/// </summary>
internal sealed class EventMix
{
    private const int Bodies = 2_000;
    private const int BadRecordEvery = 499;
    private const int TombstoneEvery = 997;

    private static readonly byte[] NotJson = "{not json"u8.ToArray();

    private readonly Random _random;
    private readonly byte[][] _bodies;
    private readonly int _leads;

    /// <summary>Draws the leads.</summary>
    /// <param name="seed">Of everything random here.</param>
    /// <param name="leads">How many leads take turns, 1 or more.</param>
    public EventMix(int seed, int leads = 10_000)
    {
        _random = new Random(seed);
        _leads = leads;
        var generator = new LeadGenerator(seed);
        _bodies = [.. Enumerable.Range(0, Bodies).Select(index => Body(generator.Create(index)))];
    }

    /// <summary>The message with this number, 0 the first. Call in order.</summary>
    public Message<byte[], byte[]> Create(long number)
    {
        var key = Encoding.ASCII.GetBytes("lead-" + _random.Next(_leads).ToString(CultureInfo.InvariantCulture));
        var value = number % BadRecordEvery == BadRecordEvery - 1 ? NotJson
            : number % TombstoneEvery == TombstoneEvery - 1 ? null!
            : _bodies[_random.Next(Bodies)];
        return new Message<byte[], byte[]> { Key = key, Value = value };
    }

    /// <summary>The features of a lead as a producer writes them; the key carries the lead's id.</summary>
    private static byte[] Body(SyntheticLead lead)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        foreach (var feature in LeadScoringSchema.Features)
        {
            var cell = lead.Cell(feature.ColumnName);
            if (string.IsNullOrEmpty(cell))
                json.WriteNull(feature.StreamName);
            else if (feature.Kind == FeatureKind.Numeric)
                json.WriteNumber(feature.StreamName, double.Parse(cell, CultureInfo.InvariantCulture));
            else
                json.WriteString(feature.StreamName, cell);
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}

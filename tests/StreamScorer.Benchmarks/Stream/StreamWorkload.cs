using System.Globalization;
using System.Text;
using System.Text.Json;
using StreamScorer.Forests;
using StreamScorer.Training.Generation;
using StreamScorer.Training.LeadScoring;

namespace StreamScorer.Benchmarks.Stream;

/// <summary>What a stream of lead events is like.</summary>
/// <param name="Events">How many.</param>
/// <param name="Leads">Distinct leads; their popularity is Zipf's with exponent 1.</param>
/// <param name="FlipShare">Share of events that turn their lead from hot to cold or back, at most 0.5.</param>
/// <param name="Seed">The same seed gives the same bytes.</param>
internal sealed record WorkloadShape(int Events, int Leads = 100_000, double FlipShare = 0.02, long Seed = 42)
{
    /// <summary>Bytes of a field that no model knows, for larger events.</summary>
    public int PaddingBytes { get; init; }

    /// <summary>Share of leads that are hot, at the start and, as the flips are balanced, at any later time.</summary>
    public const double HotShare = 0.25;

    /// <summary>The shape as a part of a topic's name.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Events}-{Leads}-{FlipShare * 100:0.##}-{Seed}-{PaddingBytes}");
}

/// <summary>An event as it is published.</summary>
internal readonly record struct StreamEvent(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value);

/// <summary>
/// A seeded stream of events of about 350 bytes. Each event takes its features from a pool of generated leads that the
/// model itself finds hot or cold, so that the decision is known and yet every event of a lead has another score.
/// </summary>
internal sealed class StreamWorkload
{
    private const int PoolLeads = 8000;
    private const double ClearlyHot = 0.75;
    private const double ClearlyCold = 0.6;

    private readonly WorkloadShape _shape;
    private readonly SeededRandom _random;
    private readonly ZipfDistribution _popularity;
    private readonly bool[] _hot;
    private readonly byte[][] _hotTails;
    private readonly byte[][] _coldTails;
    private readonly byte[] _value;
    private readonly byte[] _key = new byte[36];
    private long _next;

    /// <summary>Prepares the pool with the model and draws every lead's first state.</summary>
    public StreamWorkload(WorkloadShape shape, ForestModel model)
    {
        _shape = shape;
        _random = new SeededRandom(shape.Seed);
        _popularity = new ZipfDistribution(shape.Leads);
        _hot = new bool[shape.Leads];
        for (var lead = 0; lead < shape.Leads; lead++)
            _hot[lead] = _random.Chance(WorkloadShape.HotShare);
        (_hotTails, _coldTails) = MakeTails(model, shape.PaddingBytes);
        _value = new byte[Math.Max(_hotTails.Max(tail => tail.Length), _coldTails.Max(tail => tail.Length)) + 256];
    }

    /// <summary>The key of the event that <see cref="Next"/> made: the lead's id.</summary>
    public ReadOnlyMemory<byte> Key => _key;

    /// <summary>Makes the next event; the bytes are valid until the next call.</summary>
    public ReadOnlyMemory<byte> Next()
    {
        var lead = _popularity.Draw(_random);
        // Balanced: as many leads cool as heat, so that the share of hot ones stays what it was.
        var flip = _shape.FlipShare / 2 / (_hot[lead] ? WorkloadShape.HotShare : 1 - WorkloadShape.HotShare);
        _hot[lead] ^= _random.Chance(flip);
        var tails = _hot[lead] ? _hotTails : _coldTails;
        var tail = tails[_random.Next(tails.Length)];
        WriteLeadId(lead, _key);
        var length = Append(0, "{\"leadId\":\""u8);
        length = Append(length, _key);
        length = Append(length, "\",\"eventId\":\"e-"u8);
        _next.TryFormat(_value.AsSpan(length), out var digits, "D12", CultureInfo.InvariantCulture);
        length = Append(length + digits, "\",\"occurredAt\":"u8);
        (1_767_225_600_000 + _next).TryFormat(_value.AsSpan(length), out digits, default, CultureInfo.InvariantCulture);
        length = Append(length + digits, tail);
        _next++;
        return _value.AsMemory(0, length);
    }

    /// <summary><see cref="Next"/> with its key; valid until the next call.</summary>
    public StreamEvent NextEvent()
    {
        var value = Next();
        return new StreamEvent(Key, value);
    }

    /// <summary>A hot event of a lead of its own.</summary>
    public StreamEvent Hot(string leadId) => Hot(Encoding.UTF8.GetBytes(leadId));

    /// <summary>A hot event of one of the workload's leads.</summary>
    public StreamEvent Hot(int lead)
    {
        WriteLeadId(lead, _key);
        return Hot(_key);
    }

    private StreamEvent Hot(byte[] key) =>
        new(key, (byte[])[.. "{\"leadId\":\""u8, .. key, (byte)'"', .. _hotTails[_random.Next(_hotTails.Length)]]);

    /// <summary>A lead's id: a version 8 UUID, the same for the same number.</summary>
    public static void WriteLeadId(int lead, Span<byte> destination)
    {
        var bits = (ulong)lead * 0x9E37_79B9_7F4A_7C15;
        var id = new Guid(lead, (short)(bits >> 48), (short)(0x8000 | ((bits >> 36) & 0xFFF)), BitConverter.GetBytes(bits));
        id.TryFormat(destination, out _);
    }

    private int Append(int length, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_value.AsSpan(length));
        return length + bytes.Length;
    }

    private static (byte[][] Hot, byte[][] Cold) MakeTails(ForestModel model, int paddingBytes)
    {
        var generator = new LeadGenerator(99);
        var columns = LeadScoringSchema.Features.Select(feature => feature.ColumnName).ToList();
        var leads = Enumerable.Range(0, PoolLeads).Select(generator.Create).ToList();
        var table = new RawTable(columns, [.. columns.Select(column => leads.Select(lead => lead.Cell(column)).ToArray())]);
        var (raw, probability) = (new double[PoolLeads], new double[PoolLeads]);
        model.CreateScorer().Score(model.Schema.Encode(table), raw, probability);
        var hot = leads.Where((_, i) => probability[i] > ClearlyHot).Select(lead => Tail(lead, paddingBytes)).ToArray();
        var cold = leads.Where((_, i) => probability[i] < ClearlyCold).Select(lead => Tail(lead, paddingBytes)).ToArray();
        return hot.Length > 100 && cold.Length > 100
            ? (hot, cold)
            : throw new InvalidOperationException($"The model finds {hot.Length} hot and {cold.Length} cold leads.");
    }

    private static byte[] Tail(SyntheticLead lead, int paddingBytes)
    {
        var text = new StringBuilder();
        foreach (var feature in LeadScoringSchema.Features)
        {
            var cell = lead.Cell(feature.ColumnName);
            text.Append(",\"").Append(feature.StreamName).Append("\":");
            text.Append(cell is null or "" ? "null" : feature.Kind == FeatureKind.Numeric ? cell : JsonSerializer.Serialize(cell));
        }

        if (paddingBytes > 0)
            text.Append(",\"note\":\"").Append('x', paddingBytes).Append('"');
        return Encoding.UTF8.GetBytes(text.Append('}').ToString());
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using StreamScorer.Features;
using StreamScorer.Forests;
using StreamScorer.Training.LeadScoring;

namespace StreamScorer.Benchmarks.Features;

/// <summary>
/// One event from JSON bytes to feature row: ~350 bytes, ten features, ids and time. The bare Utf8JsonReader walk (every
/// token read, nothing looked up, no UTF-8 check of its own) is what any decoder on System.Text.Json pays at least.
/// </summary>
[MemoryDiagnoser]
public class DecodeBenchmarks
{
    private const int Events = 1024;

    private static readonly string[] Categories =
    [
        "Email Opened", "Page Visited on Website", "SMS Sent", "Olark Chat Conversation", "Mumbai", "Thane & Outskirts", "India",
    ];

    private readonly Utf8Arena _arena = new();
    private EventDecoder _decoder = null!;
    private byte[][] _inOrder = null!;
    private byte[][] _shuffled = null!;
    private double[] _row = null!;
    private DecodedEvent _result;

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(42);
        var features = LeadScoringSchema.Features;
        var table = new RawTable([.. features.Select(f => f.ColumnName)], [.. features.Select(f => Cells(f.Kind == FeatureKind.Numeric))]);
        var schema = FeatureSchema.Fit("lead-scoring", features, table);
        _decoder = new EventDecoder(schema);
        _row = new double[schema.Count];
        _inOrder = Make(shuffle: false);
        _shuffled = Make(shuffle: true);

        byte[][] Make(bool shuffle) => [.. Enumerable.Range(0, Events).Select(i => Event(i, shuffle))];

        byte[] Event(int i, bool shuffle)
        {
            var members = features.Select(f => $"\"{f.StreamName}\":{(f.Kind == FeatureKind.Numeric
                ? (random.Next(2000) / 4.0).ToString(CultureInfo.InvariantCulture) : $"\"{Categories[random.Next(Categories.Length)]}\"")}").ToArray();
            if (shuffle)
                random.Shuffle(members);
            return Encoding.UTF8.GetBytes(
                $"{{\"leadId\":\"{Guid.NewGuid()}\",\"eventId\":\"e-{i}\",\"occurredAt\":\"2024-02-03T04:05:06.789Z\",{string.Join(',', members)}}}");
        }
    }

    /// <summary>Average length of the events, for the report.</summary>
    public double AverageBytes => _inOrder.Average(value => value.Length);

    [Benchmark(Baseline = true, OperationsPerInvoke = Events)]
    public int BareUtf8JsonReader()
    {
        var tokens = 0;
        foreach (var value in _inOrder)
        {
            var reader = new Utf8JsonReader(value);
            while (reader.Read())
                tokens++;
        }

        return tokens;
    }

    [Benchmark(OperationsPerInvoke = Events)]
    public int Decode() => DecodeAll(_inOrder);

    [Benchmark(OperationsPerInvoke = Events)]
    public int DecodeShuffledFields() => DecodeAll(_shuffled);

    // Every category often enough to get a code of its own.
    private static string?[] Cells(bool numeric) =>
        [.. Enumerable.Range(0, 28).Select(i => numeric ? i.ToString(CultureInfo.InvariantCulture) : Categories[i % Categories.Length])];

    private int DecodeAll(byte[][] values)
    {
        _arena.Clear();
        var good = 0;
        foreach (var value in values)
            good += _decoder.Decode("key"u8, false, value, false, _row, _arena, ref _result) == RecordKind.Event ? 1 : 0;
        return good == Events ? good : throw new InvalidOperationException("An event of the benchmark is bad.");
    }
}

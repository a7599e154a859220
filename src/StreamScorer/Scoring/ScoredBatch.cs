using System.Runtime.CompilerServices;
using StreamScorer.Consumer;
using StreamScorer.Features;
using StreamScorer.Sinks;

namespace StreamScorer.Scoring;

/// <summary>A record that can never be scored, with what its dead letter says.</summary>
/// <param name="Record">Index into the micro-batch.</param>
/// <param name="Stage">Where it failed: <c>decode</c>, <c>score</c> or <c>hot-leads</c>.</param>
/// <param name="Reason">Short class of the fault, for counters and headers; never a value of the event.</param>
/// <param name="Message">One sentence that names the field and what was wrong; never the value.</param>
/// <param name="SchemaFault">What the decoder found wrong with the event; None for what failed later.</param>
/// <param name="Feature">The feature at fault, as an index in the schema; -1 where it was none.</param>
public readonly record struct BadRecord(
    int Record, string Stage, string Reason, string Message, BadRecordReason SchemaFault = BadRecordReason.None, int Feature = -1);

/// <summary>
/// The outcome of a micro-batch, columnar: entry i of each array is the i-th scored event. Reused from batch to batch.
/// </summary>
public sealed class ScoredBatch
{
    private int[] _records = new int[4096];
    private ScoredEvent[] _events = new ScoredEvent[4096];
    private DecodedEvent[] _decoded = new DecodedEvent[4096];
    private Utf8Slice[] _reasons = new Utf8Slice[4096];

    /// <summary>Number of scored events.</summary>
    public int Count { get; private set; }

    /// <summary>Records with an empty value.</summary>
    public int Tombstones { get; set; }

    /// <summary>Records without a key.</summary>
    public int KeylessRecords { get; set; }

    /// <summary>When the batch was scored, microseconds since 1970 UTC.</summary>
    public long ScoredAtMicros { get; set; }

    /// <summary>Unescaped lead ids, event ids, and the reasons' JSON.</summary>
    public Utf8Arena Texts { get; } = new(256 * 1024);

    /// <summary>Records for the dead-letter topic.</summary>
    public List<BadRecord> Bad { get; } = [];

    /// <summary>How many of <see cref="Bad"/> the decoder found; only later ones can be among the events.</summary>
    public int BadWhenDecoded { get; set; }

    /// <summary>Index of each event in the micro-batch.</summary>
    public ReadOnlySpan<int> Records => _records.AsSpan(0, Count);

    /// <summary>The decisions, writable while the batch is being scored.</summary>
    public Span<ScoredEvent> Events => _events.AsSpan(0, Count);

    /// <summary>The decoded attributes; slices point into <see cref="Texts"/>.</summary>
    public ReadOnlySpan<DecodedEvent> Decoded => _decoded.AsSpan(0, Count);

    /// <summary>The reasons' JSON in <see cref="Texts"/>, length -1 where there is none.</summary>
    public Span<Utf8Slice> Reasons => _reasons.AsSpan(0, Count);

    /// <summary>Adds an event that is decoded and not scored yet.</summary>
    public void Add(int record, long offset, long kafkaTimestampMicros, in DecodedEvent decoded)
    {
        if (Count == _records.Length)
            Grow();
        _records[Count] = record;
        _decoded[Count] = decoded;
        _reasons[Count] = Utf8Slice.Null;
        ref var scored = ref _events[Count];
        scored = default;
        scored.Offset = offset;
        scored.KafkaTimestampMicros = kafkaTimestampMicros;
        scored.OccurredAtMicros = decoded.OccurredAtMicros;
        Count++;
    }

    /// <summary>Takes out the events whose lease ended or whose record became a dead letter after it was scored; order is kept.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // as in BatchScorer
    public void RemoveReleasedAndBad(MicroBatch batch)
    {
        var leases = batch.Leases;
        var records = Records;
        var anyBad = BadWhenDecoded < Bad.Count;
        var kept = 0;
        for (var i = 0; i < records.Length; i++)
        {
            if (leases[records[i]].Released || (anyBad && IsBad(records[i])))
                continue;
            if (kept != i)
                Move(i, kept);
            kept++;
        }

        Truncate(kept);
    }

    /// <summary>Puts an event in the place of an earlier one that is not wanted any more.</summary>
    public void Move(int from, int to)
    {
        _records[to] = _records[from];
        _events[to] = _events[from];
        _decoded[to] = _decoded[from];
        _reasons[to] = _reasons[from];
    }

    /// <summary>Leaves the first events only.</summary>
    public void Truncate(int count) => Count = count;

    /// <summary>Empties the batch for reuse.</summary>
    public void Clear()
    {
        Count = Tombstones = KeylessRecords = BadWhenDecoded = 0;
        Texts.Clear();
        Bad.Clear();
    }

    private bool IsBad(int record)
    {
        for (var i = BadWhenDecoded; i < Bad.Count; i++)
            if (Bad[i].Record == record)
                return true;
        return false;
    }

    private void Grow()
    {
        var size = _records.Length * 2;
        Array.Resize(ref _records, size);
        Array.Resize(ref _events, size);
        Array.Resize(ref _decoded, size);
        Array.Resize(ref _reasons, size);
    }
}

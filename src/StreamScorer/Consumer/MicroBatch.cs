using StreamScorer.Features;

namespace StreamScorer.Consumer;

/// <summary>
/// Records from consecutive polls, columnar: the i-th entry of each array is the i-th record. Reused for the next
/// batch once the loop gives it back, so nothing of it may be kept.
/// </summary>
public sealed class MicroBatch(int capacity) : SourceEvent
{
    private PartitionLease[] _leases = new PartitionLease[capacity];
    private long[] _offsets = new long[capacity];
    private long[] _timestamps = new long[capacity];
    private Utf8Slice[] _keys = new Utf8Slice[capacity];
    private Utf8Slice[] _values = new Utf8Slice[capacity];
    private Utf8Slice[] _eventIds = new Utf8Slice[capacity];
    private Utf8Slice[] _eventTimes = new Utf8Slice[capacity];
    private readonly List<Utf8Slice> _traceParents = [];
    private bool _hasAttributes;

    /// <summary>Most links of a micro-batch's span; collectors drop more than that.</summary>
    public const int MostTraceParents = 128;

    /// <summary>Marks a missing timestamp.</summary>
    public const long NoTimestamp = long.MinValue;

    /// <summary>Number of records.</summary>
    public int Count { get; private set; }

    /// <summary>Keys and values, as they came from the topic.</summary>
    public Utf8Arena Payload { get; } = new();

    /// <summary>Under which lease each record was fetched.</summary>
    public ReadOnlySpan<PartitionLease> Leases => _leases.AsSpan(0, Count);

    /// <summary>Offsets within each record's partition.</summary>
    public ReadOnlySpan<long> Offsets => _offsets.AsSpan(0, Count);

    /// <summary>Broker timestamps in microseconds since 1970 UTC, or <see cref="NoTimestamp"/>.</summary>
    public ReadOnlySpan<long> Timestamps => _timestamps.AsSpan(0, Count);

    /// <summary>Keys in <see cref="Payload"/>; length -1 is null.</summary>
    public ReadOnlySpan<Utf8Slice> Keys => _keys.AsSpan(0, Count);

    /// <summary>Values in <see cref="Payload"/>; length -1 is null (a tombstone).</summary>
    public ReadOnlySpan<Utf8Slice> Values => _values.AsSpan(0, Count);

    /// <summary>
    /// The <c>traceparent</c> headers of the first <see cref="MostTraceParents"/> records that have one, in <see cref="Payload"/>.
    /// </summary>
    public IReadOnlyList<Utf8Slice> TraceParents => _traceParents;

    /// <summary>What CloudEvents headers say of the record's id and time, in <see cref="Payload"/>; empty slices where nothing.</summary>
    public EventAttributes Attributes(int record) => !_hasAttributes ? default : new()
    {
        EventId = Payload.Get(_eventIds[record]),
        OccurredAt = Payload.Get(_eventTimes[record]),
    };

    /// <summary>
    /// Appends a record whose key and value stand in <see cref="Payload"/> already. Grows past the capacity rather than
    /// refuse: a record that the client handed out must never be lost.
    /// </summary>
    public void Append(
        PartitionLease lease, long offset, long timestampMicros, Utf8Slice key, Utf8Slice value,
        Utf8Slice eventId = default, Utf8Slice eventTime = default)
    {
        if (Count == _offsets.Length)
            Grow();
        _leases[Count] = lease;
        _offsets[Count] = offset;
        _timestamps[Count] = timestampMicros;
        _keys[Count] = key;
        _values[Count] = value;
        if (_hasAttributes || (eventId.Length | eventTime.Length) != 0)
            SetAttributes(eventId, eventTime);
        Count++;
    }

    /// <summary>Notes where a record's producer says it comes from.</summary>
    public void AddTraceParent(ReadOnlySpan<byte> header)
    {
        if (_traceParents.Count < MostTraceParents)
            _traceParents.Add(Payload.Append(header));
    }

    /// <summary>Empties the batch for reuse.</summary>
    public void Clear()
    {
        Array.Clear(_leases, 0, Count);
        _traceParents.Clear();
        _hasAttributes = false;
        Count = 0;
        Payload.Clear();
    }

    // Nearly no batch has any: its records are not asked, and what earlier batches left in the arrays is of no matter.
    private void SetAttributes(Utf8Slice eventId, Utf8Slice eventTime)
    {
        if (!_hasAttributes)
        {
            Array.Clear(_eventIds, 0, Count);
            Array.Clear(_eventTimes, 0, Count);
            _hasAttributes = true;
        }

        _eventIds[Count] = eventId;
        _eventTimes[Count] = eventTime;
    }

    private void Grow()
    {
        var size = _offsets.Length * 2;
        Array.Resize(ref _leases, size);
        Array.Resize(ref _offsets, size);
        Array.Resize(ref _timestamps, size);
        Array.Resize(ref _keys, size);
        Array.Resize(ref _values, size);
        Array.Resize(ref _eventIds, size);
        Array.Resize(ref _eventTimes, size);
    }
}

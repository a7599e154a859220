using System.Runtime.CompilerServices;
using StreamScorer.Features;

namespace StreamScorer.Sinks;

/// <summary>
/// Scored rows that wait for their checkpoint, in order of arrival; written in order of (topic, partition, offset).
/// Texts stand in chunks and buffers are reused from checkpoint to checkpoint, so that a row allocates nothing.
/// Used by one thread at a time.
/// </summary>
public sealed partial class ScoreRows
{
    // Rows stand in chunks: growing an array would copy all of them while others wait, and hold them twice.
    private const int ChunkBits = 14;

    /// <summary>Memory is taken for so many rows at a time.</summary>
    public const int ChunkRows = 1 << ChunkBits;

    private readonly PartitionSlots _partitions = new();
    private readonly List<Batch> _batches = [];
    private readonly TextChunks _texts = new();
    private readonly List<Row[]> _chunks = [];
    private int[] _countBySlot = new int[16];
    private long[] _firstOffsetBySlot = new long[16];
    private long[] _lastOffsetBySlot = new long[16];

    /// <summary>Rows held.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes that the rows and their texts take in memory, for bounds on memory.</summary>
    public long SizeBytes => ((long)Count * Unsafe.SizeOf<Row>()) + _texts.LengthBytes;

    /// <summary>Names the model and the time of the rows that follow: a micro-batch is scored by one model.</summary>
    /// <param name="modelName">The model's name in the pool.</param>
    /// <param name="modelId">SHA-256 of the model file.</param>
    /// <param name="scoredAtMicros">Microseconds since 1970 UTC.</param>
    public void BeginBatch(string modelName, string modelId, long scoredAtMicros) =>
        _batches.Add(new Batch(modelName, modelId, scoredAtMicros));

    /// <summary>The buffer's number for a partition, given to <see cref="Append"/>; valid until <see cref="Clear"/>.</summary>
    public int PartitionSlot(string topic, int partition)
    {
        int slot = _partitions.Of(topic, partition);
        if (slot >= _countBySlot.Length)
        {
            Array.Resize(ref _countBySlot, _countBySlot.Length * 2);
            Array.Resize(ref _firstOffsetBySlot, _firstOffsetBySlot.Length * 2);
            Array.Resize(ref _lastOffsetBySlot, _lastOffsetBySlot.Length * 2);
        }

        if (_countBySlot[slot] == 0)
            _lastOffsetBySlot[slot] = -1;
        return slot;
    }

    /// <summary>Adds a row. Offsets of one partition must rise.</summary>
    /// <param name="slot">From <see cref="PartitionSlot"/>.</param>
    /// <param name="scored">The decision.</param>
    /// <param name="leadId">The lead's id as UTF-8.</param>
    /// <param name="eventId">The event's id as UTF-8; empty: null.</param>
    /// <param name="reasonsJson">JSON array as UTF-8; empty: null.</param>
    /// <exception cref="InvalidOperationException">
    /// The offset is not above the partition's last one, or no batch was begun.
    /// </exception>
    public void Append(
        int slot, in ScoredEvent scored, ReadOnlySpan<byte> leadId, ReadOnlySpan<byte> eventId, ReadOnlySpan<byte> reasonsJson)
    {
        if (scored.Offset <= _lastOffsetBySlot[slot] || _batches.Count == 0)
            throw OutOfOrder(slot, scored.Offset);
        if (Count == _chunks.Count << ChunkBits)
            _chunks.Add(new Row[ChunkRows]);

        ref var row = ref RowAt(Count++);
        row.Slot = slot;
        row.Batch = _batches.Count - 1;
        row.Scored = scored;
        row.LeadId = _texts.Append(leadId);
        row.EventId = eventId.IsEmpty ? Utf8Slice.Null : _texts.Append(eventId);
        row.Reasons = reasonsJson.IsEmpty ? Utf8Slice.Null : _texts.Append(reasonsJson);
        if (_countBySlot[slot]++ == 0)
            _firstOffsetBySlot[slot] = scored.Offset;
        _lastOffsetBySlot[slot] = scored.Offset;
    }

    /// <summary>Rows held of one partition.</summary>
    public int CountOf(string topic, int partition)
    {
        int slot = _partitions.Find(topic, partition);
        return slot < 0 ? 0 : _countBySlot[slot];
    }

    /// <summary>
    /// Forgets the rows of one partition, which was lost or refused. Afterwards its rows may start at any offset again.
    /// </summary>
    public void DropPartition(string topic, int partition)
    {
        int slot = _partitions.Find(topic, partition);
        if (slot < 0)
            return;

        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            if (RowAt(i).Slot != slot)
                RowAt(kept++) = RowAt(i);
        }

        Count = kept;
        _countBySlot[slot] = 0;
        _lastOffsetBySlot[slot] = -1;
    }

    /// <summary>Forgets all rows and keeps the buffers.</summary>
    public void Clear()
    {
        Array.Clear(_countBySlot);
        _partitions.Clear();
        _batches.Clear();
        _texts.Clear();
        Count = 0;
    }

    private ref Row RowAt(int index) => ref _chunks[index >> ChunkBits][index & (ChunkRows - 1)];

    private InvalidOperationException OutOfOrder(int slot, long offset) => new(
        _batches.Count == 0
            ? "No batch was begun: a row needs the model that scored it."
            : $"Offset {offset} of {_partitions[slot]} does not follow {_lastOffsetBySlot[slot]}: it would be written twice.");

    private struct Row
    {
        public ScoredEvent Scored;
        public int Slot;
        public int Batch;
        public Utf8Slice LeadId;
        public Utf8Slice EventId;
        public Utf8Slice Reasons;
    }

    private readonly record struct Batch(string ModelName, string ModelId, long ScoredAtMicros);
}

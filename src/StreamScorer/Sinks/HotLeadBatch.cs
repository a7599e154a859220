using Confluent.Kafka;
using StreamScorer.Features;

namespace StreamScorer.Sinks;

/// <summary>
/// A micro-batch folded to the newest event of each lead. Reused from batch to batch; folding an event allocates
/// nothing. Used by one thread at a time.
/// </summary>
public sealed class HotLeadBatch
{
    private const int NoEntry = -1;

    private readonly PartitionSlots _partitions = new();
    private readonly Utf8Arena _texts = new();
    private readonly Comparison<int> _byLeadId;
    private Entry[] _entries = new Entry[1024];

    // An open-addressing hash table of entry numbers, at most half full; its length is a power of two.
    private int[] _table = NewTable(4096);
    private int[] _order = [];

    /// <summary>An empty batch; <see cref="Begin"/> comes first.</summary>
    public HotLeadBatch() =>
        _byLeadId = (a, b) => LeadId(a).SequenceCompareTo(LeadId(b));

    /// <summary>Leads in the batch; entries are 0 to Count - 1.</summary>
    public int Count { get; private set; }

    /// <summary>Name of the model that scores the batch.</summary>
    public string ModelName { get; private set; } = "";

    /// <summary>SHA-256 of the model file.</summary>
    public string ModelId { get; private set; } = "";

    /// <summary>When the batch is scored, in microseconds since 1970 UTC.</summary>
    public long ScoredAtMicros { get; private set; }

    /// <summary>The batch's partitions, in slot order.</summary>
    internal PartitionSlots Partitions => _partitions;

    /// <summary>Empties the batch and names the one model that scores it.</summary>
    /// <param name="modelName">The model's name in the pool.</param>
    /// <param name="modelId">SHA-256 of the model file.</param>
    /// <param name="scoredAtMicros">Microseconds since 1970 UTC.</param>
    public void Begin(string modelName, string modelId, long scoredAtMicros)
    {
        ModelName = modelName;
        ModelId = modelId;
        ScoredAtMicros = scoredAtMicros;
        _partitions.Clear();
        _texts.Clear();
        Array.Fill(_table, NoEntry);
        Count = 0;
    }

    /// <summary>The batch's number for a partition, to be given to <see cref="Fold"/>; valid until <see cref="Begin"/>.</summary>
    public int PartitionSlot(string topic, int partition) => _partitions.Of(topic, partition);

    /// <summary>
    /// Takes the event in if it is its lead's newest so far: the highest offset within a partition, the newest broker
    /// timestamp where the lead has moved between partitions (<see cref="HotLeadOrder"/>).
    /// </summary>
    /// <param name="slot">From <see cref="PartitionSlot"/>.</param>
    /// <param name="leadId">The lead's id as UTF-8.</param>
    /// <param name="scored">The decision.</param>
    /// <param name="eventIndex">The caller's own number of the event, from 0; <see cref="EventIndex"/> gives it back.</param>
    public void Fold(int slot, ReadOnlySpan<byte> leadId, in ScoredEvent scored, int eventIndex) =>
        Fold(slot, leadId, LeadHash.Of(leadId), scored, eventIndex);

    /// <summary>The same for a caller that has hashed the lead's id already (<see cref="LeadHash"/>).</summary>
    internal void Fold(int slot, ReadOnlySpan<byte> leadId, int hash, in ScoredEvent scored, int eventIndex)
    {
        int place = FindPlace(leadId, hash);
        int number = _table[place];
        if (number == NoEntry)
        {
            number = Add(leadId, hash);
            _table[place] = number;
            if (Count * 2 > _table.Length)
                GrowTable();
        }

        ref var entry = ref _entries[number];
        bool isNewest = entry.EventIndex < 0 || IsNewest(slot, scored, entry);
        if (scored.Hot && (isNewest || entry.HotEventIndex < 0))
            entry.HotEventIndex = eventIndex;
        if (!isNewest)
            return;

        entry.Slot = slot;
        entry.EventIndex = eventIndex;
        entry.Scored = scored;
    }

    /// <summary>Whether the lead's newest event in this batch is hot.</summary>
    public bool IsHot(int entry) => _entries[entry].Scored.Hot;

    /// <summary>The caller's number of the lead's newest event.</summary>
    public int EventIndex(int entry) => _entries[entry].EventIndex;

    /// <summary>
    /// The caller's number of the lead's newest hot event, -1 where none is hot. A lead that was hot within the batch
    /// has a row even if its newest event is cold: which leads have rows must not depend on where batches end.
    /// </summary>
    public int HotEventIndex(int entry) => _entries[entry].HotEventIndex;

    /// <summary>Sets what the row shows beside the score; called after all events are folded, at most once an entry.</summary>
    /// <param name="entry">0 to Count - 1.</param>
    /// <param name="reasonsJson">Reasons of the newest event, a JSON array as UTF-8; empty: none.</param>
    /// <param name="featuresJson">
    /// Features of the newest hot event, a JSON object as UTF-8; empty: none, the row keeps those it has.
    /// </param>
    public void SetDetails(int entry, ReadOnlySpan<byte> reasonsJson, ReadOnlySpan<byte> featuresJson)
    {
        _entries[entry].Reasons = AppendJson(reasonsJson);
        _entries[entry].Features = AppendJson(featuresJson);
    }

    /// <summary>The lead's id as UTF-8; valid until the next change of the batch.</summary>
    public ReadOnlySpan<byte> LeadId(int entry) => _texts.Get(_entries[entry].LeadId);

    /// <summary>The lead's id as memory, for the database client.</summary>
    internal ReadOnlyMemory<byte> LeadIdMemory(int entry) => _texts.GetMemory(_entries[entry].LeadId);

    /// <summary>Reasons as JSON, empty where there are none.</summary>
    internal ReadOnlyMemory<byte> Reasons(int entry) => _texts.GetMemory(_entries[entry].Reasons);

    /// <summary>Features as JSON, empty where there are none.</summary>
    internal ReadOnlyMemory<byte> Features(int entry) => _texts.GetMemory(_entries[entry].Features);

    /// <summary>The decision on the lead's newest event.</summary>
    internal ref readonly ScoredEvent Scored(int entry) => ref _entries[entry].Scored;

    /// <summary>The slot of the newest event's partition.</summary>
    internal int SlotOf(int entry) => _entries[entry].Slot;

    /// <summary>
    /// The entries in order of the lead ids' bytes: all workers write leads in this order, so that no two of them wait
    /// for each other.
    /// </summary>
    internal ReadOnlySpan<int> OrderedByLeadId()
    {
        if (_order.Length < Count)
            _order = new int[_entries.Length];
        var order = _order.AsSpan(0, Count);
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        order.Sort(_byLeadId);
        return order;
    }

    private bool IsNewest(int slot, in ScoredEvent scored, in Entry known)
    {
        if (slot == known.Slot)
            return scored.Offset >= known.Scored.Offset;
        return HotLeadOrder.IsNewerAcrossPartitions(
            scored.KafkaTimestampMicros, _partitions[slot], known.Scored.KafkaTimestampMicros, _partitions[known.Slot]);
    }

    private int Add(ReadOnlySpan<byte> leadId, int hash)
    {
        if (Count == _entries.Length)
            Array.Resize(ref _entries, _entries.Length * 2);
        _entries[Count] = new Entry
        {
            Hash = hash,
            LeadId = _texts.Append(leadId),
            EventIndex = -1,
            HotEventIndex = -1,
            Reasons = Utf8Slice.Null,
            Features = Utf8Slice.Null,
        };
        return Count++;
    }

    private int FindPlace(ReadOnlySpan<byte> leadId, int hash)
    {
        int mask = _table.Length - 1;
        int place = hash & mask;
        while (_table[place] is var number and not NoEntry)
        {
            if (_entries[number].Hash == hash && LeadId(number).SequenceEqual(leadId))
                break;
            place = (place + 1) & mask;
        }

        return place;
    }

    private void GrowTable()
    {
        _table = NewTable(_table.Length * 2);
        int mask = _table.Length - 1;
        for (int number = 0; number < Count; number++)
        {
            int place = _entries[number].Hash & mask;
            while (_table[place] != NoEntry)
                place = (place + 1) & mask;
            _table[place] = number;
        }
    }

    private Utf8Slice AppendJson(ReadOnlySpan<byte> json) => json.IsEmpty ? Utf8Slice.Null : _texts.Append(json);

    private static int[] NewTable(int length)
    {
        var table = new int[length];
        Array.Fill(table, NoEntry);
        return table;
    }

    private struct Entry
    {
        public ScoredEvent Scored;
        public int Slot;
        public int EventIndex;
        public int HotEventIndex;
        public int Hash;
        public Utf8Slice LeadId;
        public Utf8Slice Reasons;
        public Utf8Slice Features;
    }
}

using System.Numerics;

namespace StreamScorer.App.Audit;

/// <summary>One scored row as far as the account of hot leads needs it. 48 bytes.</summary>
internal struct Decision
{
    /// <summary>Hash of the lead id; 0 marks an empty slot of the table.</summary>
    public ulong Lead;

    /// <summary>Offset within the partition.</summary>
    public long Offset;

    /// <summary>Broker timestamp in microseconds, <see cref="long.MinValue"/> where there is none.</summary>
    public long TimestampMicros;

    /// <summary>Calibrated probability, compared by its bits.</summary>
    public double Probability;

    /// <summary>Index of the partition among the audited ones.</summary>
    public int Partition;

    /// <summary>The partition's incarnation that scored the row.</summary>
    public int Incarnation;

    /// <summary>Index of the model id among those met.</summary>
    public short Model;

    /// <summary>Whether the row says hot.</summary>
    public bool Hot;

    /// <summary>Whether any row of the lead says hot: such a lead must have a row in hot_leads.</summary>
    public bool EverHot;

    /// <summary>Whether hot_leads has a row for the lead.</summary>
    public bool InTable;

    /// <summary>
    /// Whether the lead has rows in several partitions and the broker gave no timestamps: then the order of arrival
    /// decided, which nobody can tell afterwards.
    /// </summary>
    public bool Unordered;
}

/// <summary>
/// The newest decision of each lead, gathered in one pass over rows in any order: the highest incarnation and offset
/// within a partition, the newest broker timestamp, then the higher partition, between partitions. Memory is bounded: when there are more leads
/// than fit, the table keeps those whose hash has a prefix and says which prefixes are left for further passes.
/// </summary>
internal sealed class NewestDecisions
{
    private const int InitialSlots = 1 << 12;

    private readonly int _maxSlots;
    private readonly Stack<(ulong Prefix, int Bits)> _left = new();
    private Decision[] _slots;
    private ulong _prefix;
    private int _prefixBits;

    /// <summary>Makes an empty table.</summary>
    /// <param name="maxLeads">How many leads are held at most at a time; 48 to 96 bytes each.</param>
    public NewestDecisions(int maxLeads = 3_000_000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLeads, 1024);
        _maxSlots = (int)BitOperations.RoundUpToPowerOf2((uint)maxLeads + (uint)maxLeads / 3);
        _slots = new Decision[Math.Min(InitialSlots, _maxSlots)];
    }

    /// <summary>Leads in the table.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the current pass is concerned with this lead.</summary>
    public bool Covers(ulong lead) => _prefixBits == 0 || lead >> (64 - _prefixBits) == _prefix;

    /// <summary>Takes a row in, unless its lead belongs to another pass or has a newer row.</summary>
    public void Add(in Decision row)
    {
        if (!Covers(row.Lead))
            return;
        ref var slot = ref Slot(row.Lead);
        if (slot.Lead == 0)
        {
            slot = row;
            slot.EverHot = row.Hot;
            if (++Count > _slots.Length / 4 * 3)
                MakeRoom();
            return;
        }

        var everHot = slot.EverHot || row.Hot;
        var unordered = slot.Unordered || (row.Partition != slot.Partition
            && (row.TimestampMicros == long.MinValue || slot.TimestampMicros == long.MinValue));
        if (IsNewer(row, slot))
            slot = row;
        slot.EverHot = everHot;
        slot.Unordered = unordered;
    }

    /// <summary>The lead's entry, or a reference to an empty one (<see cref="Decision.Lead"/> is 0) when it has no row.</summary>
    public ref Decision Find(ulong lead) => ref Slot(lead);

    /// <summary>Leads that were hot in some row and have no row in hot_leads.</summary>
    public IEnumerable<Decision> HotWithoutTableRow() => _slots.Where(slot => slot is { Lead: not 0, EverHot: true, InTable: false });

    /// <summary>Empties the table and turns to the next share of leads. False when every lead has had its pass.</summary>
    public bool NextPass()
    {
        if (_left.Count == 0)
            return false;
        (_prefix, _prefixBits) = _left.Pop();
        Array.Clear(_slots);
        Count = 0;
        return true;
    }

    private static bool IsNewer(in Decision row, in Decision than)
    {
        if (row.Partition != than.Partition)
        {
            return row.TimestampMicros != than.TimestampMicros
                ? row.TimestampMicros > than.TimestampMicros
                : row.Partition > than.Partition;
        }

        return row.Incarnation != than.Incarnation ? row.Incarnation > than.Incarnation : row.Offset >= than.Offset;
    }

    private ref Decision Slot(ulong lead)
    {
        var mask = _slots.Length - 1;
        for (var index = (int)lead & mask; ; index = (index + 1) & mask)
        {
            ref var slot = ref _slots[index];
            if (slot.Lead == lead || slot.Lead == 0)
                return ref slot;
        }
    }

    private void MakeRoom()
    {
        var old = _slots;
        if (_slots.Length < _maxSlots)
        {
            _slots = new Decision[_slots.Length * 2];
        }
        else
        {
            _prefixBits++;
            _left.Push(((_prefix << 1) | 1, _prefixBits));
            _prefix <<= 1;
            _slots = new Decision[_slots.Length];
        }

        Count = 0;
        foreach (ref readonly var entry in old.AsSpan())
        {
            if (entry.Lead == 0 || !Covers(entry.Lead))
                continue;
            Slot(entry.Lead) = entry;
            Count++;
        }
    }
}

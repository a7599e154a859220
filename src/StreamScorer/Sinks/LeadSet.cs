namespace StreamScorer.Sinks;

/// <summary>
/// A set of leads by hash, 8 to 16 bytes a lead. May say of a lead that it is in the set when it is not (one in four
/// billion for each lead that is); never the reverse. Used by one thread at a time.
/// </summary>
internal sealed class LeadSet
{
    private const uint Empty = 0;

    // Open addressing, at most half full; the length is a power of two.
    private uint[] _slots = new uint[256];

    /// <summary>Hashes in the set.</summary>
    public int Count { get; private set; }

    /// <summary>Whether a lead with this hash may have been added.</summary>
    public bool MayContain(int hash) => _slots[Find(Mark(hash))] != Empty;

    /// <summary>Adds a lead; false where its hash was there.</summary>
    public bool Add(int hash) => AddMark(Mark(hash));

    /// <summary>Adds everything that another set has.</summary>
    public void Add(LeadSet other)
    {
        foreach (var mark in other._slots)
            if (mark != Empty)
                AddMark(mark);
    }

    private bool AddMark(uint mark)
    {
        int place = Find(mark);
        if (_slots[place] != Empty)
            return false;
        _slots[place] = mark;
        if (++Count * 2 > _slots.Length)
            Grow();
        return true;
    }

    private int Find(uint mark)
    {
        int mask = _slots.Length - 1;
        int place = (int)mark & mask;
        while (_slots[place] != Empty && _slots[place] != mark)
            place = (place + 1) & mask;
        return place;
    }

    private void Grow()
    {
        var old = _slots;
        _slots = new uint[old.Length * 2];
        foreach (var mark in old)
            if (mark != Empty)
                _slots[Find(mark)] = mark;
    }

    // 0 marks an empty slot, so the hash 0 shares the mark of 1.
    private static uint Mark(int hash) => hash == 0 ? 1 : (uint)hash;
}

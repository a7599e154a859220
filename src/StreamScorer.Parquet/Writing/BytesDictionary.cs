using System.Buffers.Binary;

namespace StreamScorer.Parquet.Writing;

/// <summary>Numbers each distinct byte string of a column chunk in order of first appearance. The strings lie as a PLAIN
/// dictionary page holds them: length, then bytes.</summary>
internal sealed class BytesDictionary
{
    private readonly ByteBuffer _entries = new();
    private int[] _starts = [];

    // Open addressing with linear probing: the hash in the upper half, the entry's number + 1 in the lower, 0 where free.
    private ulong[] _slots = [];
    private int _slotBits;

    /// <summary>Distinct strings so far.</summary>
    public int Count { get; private set; }

    /// <summary>The distinct strings in order of their numbers, as a dictionary page holds them.</summary>
    public ReadOnlySpan<byte> EntryBytes => _entries.Written;

    /// <summary>The string with this number.</summary>
    public ReadOnlySpan<byte> Entry(int number)
    {
        ReadOnlySpan<byte> from = _entries.Written[_starts[number]..];
        return from.Slice(4, BinaryPrimitives.ReadInt32LittleEndian(from));
    }

    /// <summary>Looks a string up.</summary>
    /// <param name="value">The string.</param>
    /// <param name="hash">Its hash, for <see cref="Add"/>.</param>
    /// <returns>Its number, -1 where it has none yet.</returns>
    public int Find(ReadOnlySpan<byte> value, out uint hash)
    {
        hash = BytesHash.Of(value);
        if (_slots.Length == 0)
            GrowSlots();
        ulong[] slots = _slots;
        int mask = (1 << _slotBits) - 1;
        for (int slot = SlotOf(hash); ; slot = (slot + 1) & mask)
        {
            ulong content = slots[slot];
            if (content == 0)
                return -1;
            if ((uint)(content >> 32) == hash && Entry((int)(uint)content - 1).SequenceEqual(value))
                return (int)(uint)content - 1;
        }
    }

    /// <summary>Gives a string that <see cref="Find"/> did not find the next number.</summary>
    public int Add(ReadOnlySpan<byte> value, uint hash)
    {
        PooledArray.Grow(ref _starts, Count, Count + 1);
        _starts[Count] = _entries.Length;
        BinaryPrimitives.WriteInt32LittleEndian(_entries.GetSpan(4), value.Length);
        _entries.Advance(4);
        _entries.Append(value);
        Place(hash, ++Count);
        if (Count * 2 > 1 << _slotBits)
            GrowSlots();
        return Count - 1;
    }

    /// <summary>Forgets all strings.</summary>
    public void Clear()
    {
        Count = 0;
        _entries.Clear();
        _slots.AsSpan().Clear();
    }

    /// <summary>Gives the memory back to the pool.</summary>
    public void ReturnMemory()
    {
        Count = 0;
        _entries.ReturnMemory();
        PooledArray.Return(ref _starts);
        PooledArray.Return(ref _slots);
    }

    private int SlotOf(uint hash) => (int)((hash * 0x9E3779B1u) >> (32 - _slotBits));

    private void Place(uint hash, int content)
    {
        int mask = (1 << _slotBits) - 1;
        int slot = SlotOf(hash);
        while (_slots[slot] != 0)
            slot = (slot + 1) & mask;
        _slots[slot] = ((ulong)hash << 32) | (uint)content;
    }

    private void GrowSlots()
    {
        ulong[] old = _slots;
        int oldSlots = _slotBits == 0 ? 0 : 1 << _slotBits;
        _slotBits = _slotBits == 0 ? 10 : _slotBits + 1;
        _slots = System.Buffers.ArrayPool<ulong>.Shared.Rent(1 << _slotBits);
        _slots.AsSpan().Clear();
        foreach (ulong content in old.AsSpan(0, oldSlots))
        {
            if (content != 0)
                Place((uint)(content >> 32), (int)(uint)content);
        }
        PooledArray.Return(ref old);
    }
}

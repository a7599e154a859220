using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamScorer.Parquet.Writing;

/// <summary>Numbers each distinct value of a column chunk in order of first appearance. Values are told apart by their bits, so
/// that signed zeros and NaN payloads survive.</summary>
internal sealed class FixedDictionary<T>
    where T : unmanaged
{
    private T[] _entries = [];

    // Open addressing with linear probing; a slot holds an entry's number + 1, 0 where it is free.
    private int[] _slots = [];
    private int _slotBits;

    /// <summary>Distinct values so far.</summary>
    public int Count { get; private set; }

    /// <summary>The distinct values in order of their numbers, as a dictionary page holds them.</summary>
    public ReadOnlySpan<byte> EntryBytes => MemoryMarshal.AsBytes(_entries.AsSpan(0, Count));

    /// <summary>Numbers values.</summary>
    /// <param name="values">The values.</param>
    /// <param name="indices">Gets a number for each value.</param>
    /// <param name="limit">The most entries the dictionary may reach.</param>
    /// <returns>The values numbered: all, or fewer where the limit was met.</returns>
    // Optimised from the first call on: see SnappyEncoder.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Index(ReadOnlySpan<T> values, Span<int> indices, int limit)
    {
        if (values.IsEmpty)
            return 0;
        if (_slots.Length == 0)
            GrowSlots();
        T last = values[0];
        int lastIndex = IndexOf(last, limit);
        for (int i = 0; i < values.Length; i++)
        {
            // Neighbours are often equal: a topic, a model, a bucket.
            if (Bits(values[i]) != Bits(last))
            {
                last = values[i];
                lastIndex = IndexOf(last, limit);
            }
            if (lastIndex < 0)
                return i;
            indices[i] = lastIndex;
        }
        return values.Length;
    }

    /// <summary>Forgets all but the first entries; no value may be numbered before <see cref="Clear"/>.</summary>
    public void Truncate(int count) => Count = count;

    /// <summary>Forgets all entries.</summary>
    public void Clear()
    {
        Count = 0;
        _slots.AsSpan().Clear();
    }

    /// <summary>Gives the memory back to the pool.</summary>
    public void ReturnMemory()
    {
        Count = 0;
        PooledArray.Return(ref _entries);
        PooledArray.Return(ref _slots);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int IndexOf(T value, int limit)
    {
        ulong bits = Bits(value);
        int[] slots = _slots;
        int mask = (1 << _slotBits) - 1;
        for (int slot = (int)((bits * 0x9E3779B97F4A7C15UL) >> (64 - _slotBits)); ; slot = (slot + 1) & mask)
        {
            int number = slots[slot] - 1;
            if (number < 0)
                return Add(value, slot, limit);
            if (Bits(_entries[number]) == bits)
                return number;
        }
    }

    private int Add(T value, int slot, int limit)
    {
        if (Count >= limit)
            return -1;
        PooledArray.Grow(ref _entries, Count, Count + 1);
        _entries[Count] = value;
        _slots[slot] = ++Count;
        if (Count * 2 > 1 << _slotBits)
            GrowSlots();
        return Count - 1;
    }

    private void GrowSlots()
    {
        _slotBits = _slotBits == 0 ? 10 : _slotBits + 1;
        PooledArray.Grow(ref _slots, 0, 1 << _slotBits);
        _slots.AsSpan().Clear();
        int mask = (1 << _slotBits) - 1;
        for (int number = 0; number < Count; number++)
        {
            int slot = (int)((Bits(_entries[number]) * 0x9E3779B97F4A7C15UL) >> (64 - _slotBits));
            while (_slots[slot] != 0)
                slot = (slot + 1) & mask;
            _slots[slot] = number + 1;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Bits(T value) =>
        Unsafe.SizeOf<T>() == 8 ? Unsafe.BitCast<T, ulong>(value) : Unsafe.BitCast<T, uint>(value);
}

using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using StreamScorer.Parquet.Encodings;

namespace StreamScorer.Parquet.Writing;

/// <summary>Numbers each distinct byte string of a column chunk in order of first appearance. The strings lie as a PLAIN
/// dictionary page holds them: length, then bytes.</summary>
internal sealed class BytesDictionary
{
    // Strings whose slots are fetched before the first of them is compared, so that their cache misses overlap.
    private const int Batch = 32;

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
    public ReadOnlySpan<byte> this[int number] => PlainBytes.At(_entries.Written, _starts[number]);

    /// <summary>Numbers strings.</summary>
    /// <param name="plain">Strings as PLAIN pages hold them.</param>
    /// <param name="starts">Where each string starts; equal neighbours are equal strings.</param>
    /// <param name="indices">Gets a number for each string.</param>
    /// <param name="maxBytes">The most bytes <see cref="EntryBytes"/> may reach.</param>
    /// <returns>The strings numbered: all, or fewer where the limit was met.</returns>
    // Optimised from the first call on: see SnappyEncoder.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Index(ReadOnlySpan<byte> plain, ReadOnlySpan<int> starts, Span<int> indices, int maxBytes)
    {
        Span<uint> hashes = stackalloc uint[Batch];
        Span<ulong> contents = stackalloc ulong[Batch];
        if (_slots.Length == 0)
            GrowSlots();
        int lastStart = -1;
        int lastIndex = -1;
        for (int from = 0; from < starts.Length;)
        {
            int run = starts[from] == lastStart ? RleEncoder.LengthOfRun(starts[from..]) : 0;
            if (run >= Batch)
            {
                indices.Slice(from, run).Fill(lastIndex);
                from += run;
                continue;
            }
            ReadOnlySpan<int> batch = starts.Slice(from, Math.Min(Batch, starts.Length - from));
            FetchSlots(plain, batch, lastStart, hashes, contents);
            for (int i = 0; i < batch.Length; i++)
            {
                if (batch[i] != lastStart)
                {
                    lastStart = batch[i];
                    lastIndex = IndexOf(PlainBytes.At(plain, lastStart), hashes[i], contents[i], maxBytes);
                    if (lastIndex < 0)
                        return from + i;
                }
                indices[from + i] = lastIndex;
            }
            from += batch.Length;
        }
        return starts.Length;
    }

    /// <summary>Forgets all but the first entries; no string may be numbered before <see cref="Clear"/>.</summary>
    public void Truncate(int count)
    {
        if (count < Count)
            _entries.Truncate(_starts[count]);
        Count = count;
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FetchSlots(ReadOnlySpan<byte> plain, ReadOnlySpan<int> batch, int lastStart, Span<uint> hashes,
        Span<ulong> contents)
    {
        ulong[] slots = _slots;
        for (int i = 0; i < batch.Length; i++)
        {
            if (batch[i] == lastStart)
                continue;
            lastStart = batch[i];
            uint hash = BytesHash.Of(PlainBytes.At(plain, lastStart));
            hashes[i] = hash;
            contents[i] = slots[SlotOf(hash)];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int IndexOf(ReadOnlySpan<byte> value, uint hash, ulong firstSlot, int maxBytes)
    {
        // What was fetched may be outdated where it was free, never where it held an entry: entries stay in their slots until the
        // table grows, and then a wrong first guess fails the comparison.
        if ((uint)(firstSlot >> 32) == hash && firstSlot != 0 && this[(int)(uint)firstSlot - 1].SequenceEqual(value))
            return (int)(uint)firstSlot - 1;
        ulong[] slots = _slots;
        int mask = (1 << _slotBits) - 1;
        for (int slot = SlotOf(hash); ; slot = (slot + 1) & mask)
        {
            ulong content = slots[slot];
            if (content == 0)
                return Add(value, hash, maxBytes);
            if ((uint)(content >> 32) == hash && this[(int)(uint)content - 1].SequenceEqual(value))
                return (int)(uint)content - 1;
        }
    }

    private int Add(ReadOnlySpan<byte> value, uint hash, int maxBytes)
    {
        if (_entries.Length + 4L + value.Length > maxBytes)
            return -1;
        PooledArray.Grow(ref _starts, Count, Count + 1);
        _starts[Count] = _entries.Length;
        PlainBytes.Append(_entries, value);
        Place(hash, ++Count);
        if (Count * 2 > 1 << _slotBits)
            GrowSlots();
        return Count - 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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
        _slots = ArrayPool<ulong>.Shared.Rent(1 << _slotBits);
        _slots.AsSpan().Clear();
        foreach (ulong content in old.AsSpan(0, oldSlots))
        {
            if (content != 0)
                Place((uint)(content >> 32), (int)(uint)content);
        }
        PooledArray.Return(ref old);
    }
}

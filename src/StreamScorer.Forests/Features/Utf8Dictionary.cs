using System.Text;

namespace StreamScorer.Forests;

/// <summary>
/// An immutable map from UTF-8 text to a small integer, looked up without making a string. Open addressing over a power of
/// two of slots at most half full; keys lie end to end in one array.
/// </summary>
internal sealed class Utf8Dictionary
{
    private readonly int[] _slots;
    private readonly int[] _keyStarts;
    private readonly int[] _values;
    private readonly byte[] _keyBytes;

    /// <summary>Keys must be distinct; <paramref name="values"/> runs parallel to them.</summary>
    public Utf8Dictionary(IReadOnlyList<string> keys, IReadOnlyList<int> values)
    {
        _values = [.. values];
        _keyStarts = new int[keys.Count + 1];
        using var bytes = new MemoryStream();
        for (var i = 0; i < keys.Count; i++)
        {
            bytes.Write(Encoding.UTF8.GetBytes(keys[i]));
            _keyStarts[i + 1] = (int)bytes.Length;
        }

        _keyBytes = bytes.ToArray();
        _slots = new int[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, keys.Count * 2))];
        Array.Fill(_slots, -1);
        for (var i = 0; i < keys.Count; i++)
            _slots[FindSlot(Key(i))] = i;
    }

    public bool TryGet(ReadOnlySpan<byte> key, out int value)
    {
        var entry = _slots[FindSlot(key)];
        value = entry < 0 ? -1 : _values[entry];
        return entry >= 0;
    }

    private ReadOnlySpan<byte> Key(int entry) => _keyBytes.AsSpan(_keyStarts[entry], _keyStarts[entry + 1] - _keyStarts[entry]);

    // The slot holding the key, or the free slot where it would go. Ends because at least half of the slots are free.
    private int FindSlot(ReadOnlySpan<byte> key)
    {
        var mask = _slots.Length - 1;
        var slot = (int)(Hash(key) & (uint)mask);
        while (_slots[slot] >= 0 && !Key(_slots[slot]).SequenceEqual(key))
            slot = (slot + 1) & mask;
        return slot;
    }

    // FNV-1a over the length, the first and last 8 bytes and a middle sample: category texts are short, and a bounded
    // number of steps keeps a hostile megabyte of text from costing more than its comparison would.
    private static uint Hash(ReadOnlySpan<byte> key)
    {
        var hash = 2166136261u ^ (uint)key.Length;
        var step = key.Length <= 32 ? 1 : key.Length / 32;
        for (var i = 0; i < key.Length; i += step)
            hash = (hash ^ key[i]) * 16777619u;
        return hash ^ (hash >> 15);
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace StreamScorer.Features;

/// <summary>
/// An immutable map from UTF-8 text to an int, built once per schema for the decoder's hot path. Beside the key's bytes
/// every slot keeps the whole hash, so that a miss costs one comparison of two ints and a hit one of bytes.
/// </summary>
internal sealed class Utf8Lookup
{
    private readonly struct Slot(uint hash, byte[] key, int value)
    {
        public readonly uint Hash = hash;
        public readonly int Value = value;
        public readonly byte[]? Key = key;
    }

    private readonly Slot[] _slots;
    private readonly int _mask;

    /// <summary>Keys must be distinct.</summary>
    public Utf8Lookup(IReadOnlyCollection<KeyValuePair<string, int>> entries)
    {
        // At most a quarter full: a schema has tens of keys, and short probes are worth the few kilobytes.
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)Math.Max(8, entries.Count * 4))];
        _mask = _slots.Length - 1;
        foreach (var (text, value) in entries)
        {
            var key = Encoding.UTF8.GetBytes(text);
            var hash = Hash(key);
            var i = (int)hash & _mask;
            while (_slots[i].Key is { } taken)
            {
                if (taken.AsSpan().SequenceEqual(key))
                    throw new ArgumentException($"The key '{text}' occurs twice.", nameof(entries));
                i = (i + 1) & _mask;
            }

            _slots[i] = new Slot(hash, key, value);
        }
    }

    /// <summary>The value of a key; false and 0 where it is none.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, out int value)
    {
        var hash = Hash(key);
        for (var i = (int)hash & _mask; ; i = (i + 1) & _mask)
        {
            ref readonly var slot = ref _slots[i];
            if (slot.Key is null)
            {
                value = 0;
                return false;
            }

            if (slot.Hash == hash && key.SequenceEqual(slot.Key))
            {
                value = slot.Value;
                return true;
            }
        }
    }

    // Eight bytes at a step; the last step overlaps the one before, so that no tail loop is needed.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Hash(ReadOnlySpan<byte> key)
    {
        const ulong Multiplier = 0x9E3779B97F4A7C15;
        ref var start = ref MemoryMarshal.GetReference(key);
        var hash = (ulong)key.Length * Multiplier;
        if (key.Length >= sizeof(ulong))
        {
            for (var i = 0; i < key.Length - sizeof(ulong); i += sizeof(ulong))
                hash = Mix(hash ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, i)), Multiplier);
            hash = Mix(hash ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, key.Length - sizeof(ulong))), Multiplier);
        }
        else if (key.Length >= sizeof(uint))
        {
            var head = Unsafe.ReadUnaligned<uint>(ref start);
            var tail = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, key.Length - sizeof(uint)));
            hash = Mix(hash ^ (((ulong)tail << 32) | head), Multiplier);
        }
        else if (key.Length > 0)
        {
            hash = Mix(hash ^ key[0] ^ ((uint)key[key.Length / 2] << 8) ^ ((uint)key[^1] << 16), Multiplier);
        }

        return (uint)(hash >> 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong value, ulong multiplier)
    {
        value *= multiplier;
        return value ^ (value >> 32);
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace StreamScorer.Features;

/// <summary>
/// An immutable map from UTF-8 text to an int, built once per schema for the decoder's hot path. Keys of up to 32 bytes
/// (nearly all of them) are kept zero-padded in a vector and hashed and compared as a whole: categories of changing
/// lengths would make any branch on the length a coin toss, and two of those cost more than all the rest of a lookup.
/// </summary>
internal sealed class Utf8Lookup
{
    private const int BlockBytes = 32;

    private readonly struct Slot(uint hash, int length, Vector256<byte> block, byte[] key, int value)
    {
        public readonly Vector256<byte> Block = block;
        public readonly byte[]? Key = key;
        public readonly uint Hash = hash;
        public readonly int Length = length;
        public readonly int Value = value;
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
            if (TryGet(Utf8Text.Whole(key), out _))
                throw new ArgumentException($"The key '{text}' occurs twice.", nameof(entries));
            var block = Load(Utf8Text.Whole(key));
            var hash = Hash(key, block);
            var i = (int)hash & _mask;
            while (_slots[i].Key is not null)
                i = (i + 1) & _mask;
            _slots[i] = new Slot(hash, key.Length, block, key, value);
        }
    }

    /// <summary>The value of a key; false and 0 where it is none.</summary>
    public bool TryGet(Utf8Text text, out int value)
    {
        var block = Load(text);
        var hash = Hash(text.Span, block);
        for (var i = (int)hash & _mask; ; i = (i + 1) & _mask)
        {
            ref readonly var slot = ref _slots[i];
            if (slot.Key is null)
            {
                value = 0;
                return false;
            }

            if (slot.Hash == hash && slot.Length == text.Length && slot.Block == block
                && (text.Length <= BlockBytes || text.Span.SequenceEqual(slot.Key)))
            {
                value = slot.Value;
                return true;
            }
        }
    }

    // The text's first 32 bytes, zeros behind its end.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Load(Utf8Text text)
    {
        if (text.Start > text.Buffer.Length - BlockBytes)
            return LoadNearEnd(text.Span);
        var block = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(text.Buffer), (nuint)text.Start);
        return block & Vector256.LessThan(Vector256<byte>.Indices, Vector256.Create((byte)Math.Min(text.Length, BlockBytes)));
    }

    private static Vector256<byte> LoadNearEnd(ReadOnlySpan<byte> text)
    {
        Span<byte> padded = stackalloc byte[BlockBytes];
        padded.Clear();
        text[..Math.Min(text.Length, BlockBytes)].CopyTo(padded);
        return Vector256.Create<byte>(padded);
    }

    // Two widening multiplications over the block, as in wyhash; bytes beyond the block are mixed in eight at a time.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Hash(ReadOnlySpan<byte> text, Vector256<byte> block)
    {
        var words = block.AsUInt64();
        var hash = Mix(words[0] ^ 0xA0761D6478BD642F ^ (uint)text.Length, words[1] ^ 0xE7037ED1A0B428DB)
            ^ Mix(words[2] ^ 0x8EBC6AF09C88C6E3, words[3] ^ 0x589965CC75374CC3);
        return text.Length <= BlockBytes ? (uint)hash : HashRest(text, hash);
    }

    private static uint HashRest(ReadOnlySpan<byte> text, ulong hash)
    {
        var rest = text[BlockBytes..];
        for (; rest.Length >= sizeof(ulong); rest = rest[sizeof(ulong)..])
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(rest), 0x9E3779B97F4A7C15);
        foreach (var last in rest)
            hash = Mix(hash ^ last, 0x9E3779B97F4A7C15);
        return (uint)hash;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}

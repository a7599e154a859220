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

    private readonly struct Slot(int length, Vector256<byte> block, byte[] key, int value)
    {
        public readonly Vector256<byte> Block = block;
        public readonly byte[] Key = key;
        public readonly int Length = length;
        public readonly int Value = value;
    }

    // A length that no text has.
    private static readonly Slot Empty = new(-1, default, [], 0);

    private readonly Slot[] _slots;
    private readonly int _mask;

    /// <summary>Keys must be distinct.</summary>
    public Utf8Lookup(IReadOnlyCollection<KeyValuePair<string, int>> entries)
    {
        // At most a quarter full: a schema has tens of keys, and short probes are worth the few kilobytes.
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)Math.Max(8, entries.Count * 4))];
        _slots.AsSpan().Fill(Empty);
        _mask = _slots.Length - 1;
        foreach (var (text, value) in entries)
        {
            var key = Encoding.UTF8.GetBytes(text);
            if (TryGet(Utf8Text.Whole(key), out _))
                throw new ArgumentException($"The key '{text}' occurs twice.", nameof(entries));
            var block = Load(Utf8Text.Whole(key));
            var i = (int)(key.Length <= BlockBytes ? Hash(block, key.Length) : HashLong(key, block)) & _mask;
            while (_slots[i].Length >= 0)
                i = (i + 1) & _mask;
            _slots[i] = new Slot(key.Length, block, key, value);
        }
    }

    /// <summary>The value of a key; false and 0 where it is none.</summary>
    public bool TryGet(Utf8Text text, out int value)
    {
        var block = Load(text);
        return text.Length <= BlockBytes ? TryGet(block, text.Length, out value) : TryGetLong(text.Span, block, out value);
    }

    /// <summary>The value of a key of at most 32 bytes, given as those bytes with zeros behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(Vector256<byte> block, int length, out int value)
    {
        for (var i = (int)Hash(block, length) & _mask; ; i = (i + 1) & _mask)
        {
            ref readonly var slot = ref _slots[i];
            value = slot.Value;
            if (slot.Length == length && slot.Block == block)
                return true;
            if (slot.Length < 0)
                return false;
        }
    }

    private bool TryGetLong(ReadOnlySpan<byte> text, Vector256<byte> block, out int value)
    {
        for (var i = (int)HashLong(text, block) & _mask; ; i = (i + 1) & _mask)
        {
            ref readonly var slot = ref _slots[i];
            value = slot.Value;
            if (slot.Length == text.Length && slot.Block == block && text.SequenceEqual(slot.Key))
                return true;
            if (slot.Length < 0)
                return false;
        }
    }

    /// <summary>The first bytes of a block, as many as the length says; zeros behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> First(Vector256<byte> block, int length) =>
        block & Vector256.LessThan(Vector256<byte>.Indices, Vector256.Create((byte)length));

    // The text's first 32 bytes, zeros behind its end.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Load(Utf8Text text)
    {
        if (text.Start > text.Buffer.Length - BlockBytes)
            return LoadNearEnd(text.Span);
        var block = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(text.Buffer), (nuint)text.Start);
        return First(block, Math.Min(text.Length, BlockBytes));
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
    private static ulong Hash(Vector256<byte> block, int length)
    {
        var words = block.AsUInt64();
        return Mix(words[0] ^ 0xA0761D6478BD642F ^ (uint)length, words[1] ^ 0xE7037ED1A0B428DB)
            ^ Mix(words[2] ^ 0x8EBC6AF09C88C6E3, words[3] ^ 0x589965CC75374CC3);
    }

    private static ulong HashLong(ReadOnlySpan<byte> text, Vector256<byte> block)
    {
        var hash = Hash(block, text.Length);
        var rest = text[BlockBytes..];
        for (; rest.Length >= sizeof(ulong); rest = rest[sizeof(ulong)..])
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(rest), 0x9E3779B97F4A7C15);
        foreach (var last in rest)
            hash = Mix(hash ^ last, 0x9E3779B97F4A7C15);
        return hash;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}

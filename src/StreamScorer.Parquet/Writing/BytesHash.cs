using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamScorer.Parquet.Writing;

/// <summary>A fast hash of byte strings, seeded per process so that nobody can prepare colliding lead ids. Never stored.</summary>
internal static class BytesHash
{
    private const ulong Multiplier = 0x9E3779B97F4A7C15UL;

    private static readonly ulong Seed = (ulong)Random.Shared.NextInt64() | 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        ulong hash = Seed ^ (ulong)bytes.Length;
        int length = bytes.Length;
        int i = 0;
        for (; i + 16 <= length; i += 16)
            hash = Mix(hash ^ Word(ref start, i), Multiplier ^ Word(ref start, i + 8));
        if (length - i >= 8)
        {
            hash = Mix(hash ^ Word(ref start, i), Multiplier);
            i += 8;
        }
        if (i < length)
            hash = Mix(hash ^ Tail(ref start, i, length), Multiplier);
        return (uint)(hash >> 32) ^ (uint)hash;
    }

    private static ulong Tail(ref byte start, int i, int length)
    {
        if (length >= 8)
            return Word(ref start, length - 8);
        ulong tail = 0;
        for (; i < length; i++)
            tail = (tail << 8) | Unsafe.Add(ref start, i);
        return tail;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(ref byte start, int offset) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong a, ulong b)
    {
        ulong high = Math.BigMul(a, b, out ulong low);
        return high ^ low;
    }
}

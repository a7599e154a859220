using System.Numerics;

namespace StreamScorer.Training.Generation;

/// <summary>
/// xoshiro256** (Blackman and Vigna, 2018), seeded through SplitMix64. The library's own <see cref="Random"/> promises
/// no sequence across versions; data sets and splits must come out the same on any machine, so the sequence is ours.
/// Not for secrets.
/// </summary>
public sealed class SeededRandom
{
    private ulong _s0, _s1, _s2, _s3;

    /// <param name="seed">Any number; equal seeds and streams give equal sequences.</param>
    /// <param name="stream">An independent sequence of the same seed, for example one per lead.</param>
    public SeededRandom(long seed, long stream = 0)
    {
        var state = Mix(unchecked((ulong)seed)) ^ Mix(unchecked((ulong)stream + 0x632BE59BD9B4E019UL));
        _s0 = Mix(state += Golden);
        _s1 = Mix(state += Golden);
        _s2 = Mix(state += Golden);
        _s3 = Mix(state + Golden);
    }

    private const ulong Golden = 0x9E3779B97F4A7C15UL;

    public ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        var carry = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= carry;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform in [0, 1), on a grid of 2^-53.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [0, <paramref name="bound"/>), without the bias of a remainder.</summary>
    /// <param name="bound">At least 1.</param>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        var limit = ulong.MaxValue - ulong.MaxValue % (ulong)bound;
        ulong draw;
        do draw = NextUInt64();
        while (draw >= limit);
        return (int)(draw % (ulong)bound);
    }

    /// <summary>True with the given probability.</summary>
    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>A random UUID (version 4) as text.</summary>
    public Guid NextGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, NextUInt64());
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], NextUInt64());
        bytes[6] = (byte)(bytes[6] & 0x0F | 0x40);
        bytes[8] = (byte)(bytes[8] & 0x3F | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>Puts the items in random order (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>The output function of SplitMix64 (Steele, Lea and Flood, 2014).</summary>
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}

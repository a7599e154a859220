namespace StreamScorer.Forests;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood 2014): small, fast and the same on every platform and runtime version, which
/// System.Random does not promise. Seeds derived with <see cref="Derive"/> give independent streams.
/// </summary>
internal struct SplitMix(ulong seed)
{
    private ulong _state = seed;

    public static ulong Derive(ulong seed, ulong stream) => new SplitMix(seed ^ (stream * 0xD1B54A32D192ED03ul)).Next();

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15ul;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ul;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBul;
        return z ^ (z >> 31);
    }

    /// <summary>0 to <paramref name="bound"/> - 1; the bias of at most bound / 2^32 does not matter for sampling.</summary>
    public int Below(int bound) => (int)((Next() >> 32) * (ulong)bound >> 32);

    /// <summary>0 (inclusive) to 1 (exclusive), 53 random bits.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1ul << 53));

    /// <summary>Moves a random sample of <paramref name="count"/> items to the front, in random order (Fisher–Yates).</summary>
    public void ShuffleFront(Span<int> items, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var j = i + Below(items.Length - i);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}

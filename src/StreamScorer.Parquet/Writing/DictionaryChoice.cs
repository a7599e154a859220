using StreamScorer.Parquet.Encodings;

namespace StreamScorer.Parquet.Writing;

/// <summary>When a column chunk is worth a dictionary; asked on its first page.</summary>
internal static class DictionaryChoice
{
    /// <summary>After this many values a dictionary that has met hardly any repetition is given up.</summary>
    public const int SampleValues = 2_048;

    /// <summary>Whether a sample has met so few repetitions that hashing the rest of the page is wasted.</summary>
    public static bool IsHopeless(int distinct, int sampled) => sampled > 0 && distinct > sampled - (sampled / 16);

    /// <summary>Whether dictionary and indices together are smaller than the plain values.</summary>
    /// <param name="dictionaryBytes">Bytes of the distinct values.</param>
    /// <param name="values">Values of the page.</param>
    /// <param name="distinct">Distinct ones among them.</param>
    /// <param name="plainBytes">Bytes of the page's values without a dictionary.</param>
    public static bool Pays(long dictionaryBytes, int values, int distinct, long plainBytes)
    {
        long indexBits = (long)values * BitPacking.WidthOf((uint)Math.Max(0, distinct - 1));
        return dictionaryBytes + (indexBits / 8) < plainBytes;
    }
}

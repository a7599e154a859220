using System.Buffers;

namespace StreamScorer.Parquet;

/// <summary>Rents, grows and returns arrays of the shared pool.</summary>
internal static class PooledArray
{
    /// <summary>Makes sure that <paramref name="array"/> holds <paramref name="needed"/> elements, keeping the first
    /// <paramref name="used"/>.</summary>
    public static void Grow<T>(ref T[] array, int used, int needed)
    {
        if (needed <= array.Length)
            return;
        int doubled = (int)Math.Min(Array.MaxLength, Math.Max(needed, Math.Max(64L, array.Length * 2L)));
        T[] larger = ArrayPool<T>.Shared.Rent(doubled);
        array.AsSpan(0, used).CopyTo(larger);
        Return(ref array);
        array = larger;
    }

    /// <summary>Gives an array back and leaves an empty one in its place.</summary>
    public static void Return<T>(ref T[] array)
    {
        T[] rented = array;
        array = [];
        if (rented.Length > 0)
            ArrayPool<T>.Shared.Return(rented);
    }
}

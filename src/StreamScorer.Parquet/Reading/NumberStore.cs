namespace StreamScorer.Parquet.Reading;

/// <summary>Numbers of one width by row; rows without a value hold 0.</summary>
internal sealed class NumberStore<T>
    where T : unmanaged
{
    /// <summary>At least as many as there are rows.</summary>
    public T[] Values { get; private set; } = [];

    /// <summary>Makes room for <paramref name="rows"/>, keeping the first <paramref name="used"/>.</summary>
    public void Grow(int used, int rows)
    {
        if (rows <= Values.Length)
            return;
        var larger = new T[Math.Max(rows, (int)Math.Min(Array.MaxLength, Values.Length * 2L))];
        Values.AsSpan(0, used).CopyTo(larger);
        Values = larger;
    }

    /// <summary>Moves some rows to the front.</summary>
    public void Keep(int first, int rows) => Values.AsSpan(first, rows).CopyTo(Values);

    /// <summary>Moves the values of a page from its first places to their rows.</summary>
    /// <param name="start">The page's first row.</param>
    /// <param name="levels">By row of the page: 0 where the value is missing.</param>
    /// <param name="present">How many values there are.</param>
    public void Spread(int start, ReadOnlySpan<byte> levels, int present)
    {
        Span<T> values = Values.AsSpan(start, levels.Length);
        // From the end, no value is overwritten before it has moved.
        for (int row = levels.Length - 1; row >= 0; row--)
            values[row] = levels[row] == 0 ? default : values[--present];
    }
}

namespace StreamScorer.Parquet.Reading;

/// <summary>Byte strings by row, as places in an arena: a dictionary's strings stand there once, however often they occur.
/// </summary>
internal sealed class BytesStore
{
    /// <summary>By row: where the string starts in the arena.</summary>
    public NumberStore<int> Starts { get; } = new();

    /// <summary>By row: its bytes; 0 where the value is missing.</summary>
    public NumberStore<int> Lengths { get; } = new();

    /// <summary>Decompressed pages, one after the other.</summary>
    public ByteBuffer Arena { get; } = new();

    public void Grow(int used, int rows)
    {
        Starts.Grow(used, rows);
        Lengths.Grow(used, rows);
    }

    public void Spread(int start, ReadOnlySpan<byte> levels, int present)
    {
        Starts.Spread(start, levels, present);
        Lengths.Spread(start, levels, present);
    }

    /// <summary>The string of a row.</summary>
    public ReadOnlySpan<byte> this[int row] => Arena.Slice(Starts.Values[row], Lengths.Values[row]);
}

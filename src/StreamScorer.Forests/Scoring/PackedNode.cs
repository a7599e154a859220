namespace StreamScorer.Forests;

/// <summary>
/// A tree node packed into one machine word for the scoring loop. A row goes to the node's left child, or to the one behind
/// it when the row's code in the node's column is above the node's code. A leaf points to itself with the highest code, so
/// that walking on from it stays there.
/// </summary>
internal interface IPackedNode<TSelf>
    where TSelf : unmanaged, IPackedNode<TSelf>
{
    /// <summary>Columns that fit.</summary>
    static abstract int MostColumns { get; }

    /// <summary>Nodes per tree that fit.</summary>
    static abstract int MostNodes { get; }

    static abstract TSelf Pack(int column, int code, int left);

    /// <summary>Index of the left child within its tree.</summary>
    uint Left { get; }

    /// <summary>Highest code that goes left.</summary>
    int Code { get; }

    /// <summary>Where the node's column begins in a block of codes.</summary>
    uint ColumnStart { get; }
}

/// <summary>4 bytes: left child 16 bits, column 8, code 8. Fits every forest of ordinary size.</summary>
internal readonly struct NarrowNode(uint bits) : IPackedNode<NarrowNode>
{
    public static int MostColumns => 1 << 8;

    public static int MostNodes => 1 << 16;

    public uint Left => bits >> 16;

    public int Code => (byte)bits;

    public uint ColumnStart => (bits >> 8 & 0xFF) * RowCoder.BlockRows;

    public static NarrowNode Pack(int column, int code, int left) => new((uint)left << 16 | (uint)column << 8 | (uint)code);
}

/// <summary>8 bytes: left child 32 bits, column 24 (12 are enough), code 8. For models of very many columns or nodes.</summary>
internal readonly struct WideNode(ulong bits) : IPackedNode<WideNode>
{
    public static int MostColumns => 1 << 12;

    public static int MostNodes => int.MaxValue;

    public uint Left => (uint)(bits >> 32);

    public int Code => (byte)bits;

    public uint ColumnStart => ((uint)bits >> 8) * RowCoder.BlockRows;

    public static WideNode Pack(int column, int code, int left) => new((ulong)left << 32 | (ulong)column << 8 | (uint)code);
}

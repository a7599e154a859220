namespace StreamScorer.Forests;

/// <summary>A model as another tool wrote it, in terms common to all of them.</summary>
internal sealed class SourceModel
{
    public required string Algorithm { get; init; }

    /// <summary>Names of the inputs; empty where the source has none.</summary>
    public IReadOnlyList<string> InputNames { get; init; } = [];

    public required int InputCount { get; init; }

    public required IReadOnlyList<SourceTree> Trees { get; init; }

    public double BaseScore { get; init; }

    public bool SinglePrecision { get; init; }

    /// <summary>The sum of leaves is divided by the number of trees.</summary>
    public bool Average { get; init; }

    /// <summary>Raw score to probability.</summary>
    public required Calibration Calibration { get; init; }
}

/// <summary>A tree as another tool wrote it: nodes in any order, children by index.</summary>
internal sealed class SourceTree(int nodes)
{
    public int NodeCount { get; } = nodes;

    /// <summary>Input tested, -1 for a leaf.</summary>
    public int[] Input { get; } = new int[nodes];

    /// <summary>Largest value that goes left.</summary>
    public double[] LargestLeft { get; } = new double[nodes];

    /// <summary>Category numbers listed by a set split; null for threshold splits.</summary>
    public int[]?[] Listed { get; } = new int[nodes][];

    /// <summary>Whether the listed categories go left; all others, unknown ones included, go the other way.</summary>
    public bool[] ListedLeft { get; } = new bool[nodes];

    public bool[] MissingLeft { get; } = new bool[nodes];

    public int[] Left { get; } = new int[nodes];

    public int[] Right { get; } = new int[nodes];

    public double[] Value { get; } = new double[nodes];

    public double[] Cover { get; } = new double[nodes];

    public double[] Gain { get; } = new double[nodes];

    public int Root { get; set; }

    /// <summary>The input that a split says it tests; a negative one would make a leaf of it without a word.</summary>
    /// <exception cref="ForestException">The input is negative or beyond counting.</exception>
    public static int SplitInput(long input, string source) =>
        input is >= 0 and < int.MaxValue ? (int)input : throw new ForestException($"{source}: a split tests input {input}.");
}

using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using StreamScorer.Forests;

namespace StreamScorer.Telemetry.Quality;

/// <summary>
/// Sorts one feature's values into the bins of its training baseline. Bin 0 holds missing values. A categorical feature
/// has the rare bucket (rare in training, or never seen) in bin 1, its commonest categories in bins of their own and all
/// others together in the last one, so that a feature of 60,000 categories costs no more series than one of 20.
/// </summary>
public sealed class FeatureBinning
{
    /// <summary>Most bins of a feature, missing values included.</summary>
    public const int MostBins = 22;

    /// <summary>How the bin of missing values is called.</summary>
    public const string MissingName = "missing";

    /// <summary>How the bin of rare and unseen categories is called.</summary>
    public const string RareName = "rare";

    /// <summary>The rare bucket's bin, of a categorical feature.</summary>
    public const int RareBin = 1;

    private const string OtherName = "other";

    // Categories with a bin of their own: all but missing, rare and other.
    private const int MostNamed = MostBins - 3;

    private readonly double[] _edges;
    private readonly byte[] _binOfCode;

    /// <summary>The bins of a feature.</summary>
    /// <param name="feature">Kind and categories.</param>
    /// <param name="baseline">Its training distribution; all zero counts where the model was imported without one.</param>
    public FeatureBinning(Feature feature, FeatureBaseline baseline)
    {
        ArgumentNullException.ThrowIfNull(feature);
        ArgumentNullException.ThrowIfNull(baseline);
        Feature = feature;
        var isCategorical = feature.Kind == FeatureKind.Categorical;
        _binOfCode = isCategorical ? BinOfCode(feature.CategoryCount, baseline) : [];
        _edges = isCategorical ? [] : PaddedEdges(baseline.Edges);
        Names = isCategorical ? CategoryNames(feature) : ValueNames(baseline.Edges);
        BaselineCounts = isCategorical ? CategoryCounts(feature.CategoryCount, baseline) : [baseline.MissingRows, .. baseline.Counts];
    }

    /// <summary>The feature.</summary>
    public Feature Feature { get; }

    /// <summary>Number of bins, 2 to <see cref="MostBins"/>.</summary>
    public int Count => Names.Count;

    /// <summary>
    /// The bins' names, for people: <c>missing</c>, then <c>rare</c>, categories and <c>other</c>, or left-closed ranges.
    /// </summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Training rows by bin.</summary>
    public IReadOnlyList<long> BaselineCounts { get; }

    /// <summary>Whether bin <see cref="RareBin"/> is the rare bucket.</summary>
    public bool IsCategorical => _binOfCode.Length > 0;

    /// <summary>Adds one to the bin of each value of the feature's column in row-major rows.</summary>
    /// <param name="rows">Feature rows end to end.</param>
    /// <param name="stride">Features per row.</param>
    /// <param name="counts">The feature's <see cref="Count"/> counters.</param>
    public void Add(ReadOnlySpan<double> rows, int stride, Span<long> counts)
    {
        if (IsCategorical)
            AddCodes(rows, stride, counts);
        else
            AddValues(rows, stride, counts);
    }

    // Optimised from the first call on, as is its neighbour: waiting to be noticed as hot costs a starting worker a second.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddCodes(ReadOnlySpan<double> rows, int stride, Span<long> counts)
    {
        var bins = _binOfCode;
        for (var at = Feature.Index; at < rows.Length; at += stride)
        {
            var value = rows[at];
            counts[double.IsNaN(value) ? 0 : bins[(int)value]]++;
        }
    }

    // The number of edges at or below the value is its bin: missing values (NaN) lie above none, all others above the
    // first edge, which is minus infinity. Four edges are compared at a time, without a branch.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddValues(ReadOnlySpan<double> rows, int stride, Span<long> counts)
    {
        var edges = MemoryMarshal.Cast<double, Vector256<double>>(_edges);
        for (var at = Feature.Index; at < rows.Length; at += stride)
        {
            var value = Vector256.Create(rows[at]);
            var bin = 0;
            foreach (ref readonly var four in edges)
                bin += BitOperations.PopCount(Vector256.GreaterThanOrEqual(value, four).ExtractMostSignificantBits());
            counts[bin]++;
        }
    }

    private static double[] PaddedEdges(IReadOnlyList<double> edges)
    {
        var padded = new double[(edges.Count + 1 + 3) / 4 * 4];
        Array.Fill(padded, double.NaN);
        padded[0] = double.NegativeInfinity;
        for (var i = 0; i < edges.Count; i++)
            padded[i + 1] = edges[i];
        return padded;
    }

    private static byte[] BinOfCode(int categories, FeatureBaseline baseline)
    {
        var counts = TrainingCounts(categories, baseline);
        var named = Enumerable.Range(Feature.RareCode + 1, categories - 1)
            .OrderByDescending(code => counts[code]).ThenBy(code => code).Take(MostNamed).Order().ToList();
        var bins = new byte[categories];
        Array.Fill(bins, (byte)(RareBin + named.Count + 1));
        bins[Feature.RareCode] = RareBin;
        for (var i = 0; i < named.Count; i++)
            bins[named[i]] = (byte)(RareBin + 1 + i);
        return bins;
    }

    private static IReadOnlyList<long> TrainingCounts(int categories, FeatureBaseline baseline) =>
        baseline.Counts.Count == categories ? baseline.Counts : new long[categories];

    private List<string> CategoryNames(Feature feature)
    {
        var names = new List<string> { MissingName, RareName };
        for (var code = Feature.RareCode + 1; code < feature.CategoryCount; code++)
            if (_binOfCode[code] == names.Count)
                names.Add(feature.Categories[code]);
        if (_binOfCode.Any(bin => bin == names.Count))
            names.Add(OtherName);
        return names;
    }

    private long[] CategoryCounts(int categories, FeatureBaseline baseline)
    {
        var counts = new long[Names.Count];
        counts[0] = baseline.MissingRows;
        var training = TrainingCounts(categories, baseline);
        for (var code = 0; code < categories; code++)
            counts[_binOfCode[code]] += training[code];
        return counts;
    }

    private static List<string> ValueNames(IReadOnlyList<double> edges)
    {
        static string Text(double edge) => edge.ToString("G6", CultureInfo.InvariantCulture);
        if (edges.Count == 0)
            return [MissingName, "any"];
        var names = new List<string> { MissingName, "below " + Text(edges[0]) };
        for (var i = 1; i < edges.Count; i++)
            names.Add($"{Text(edges[i - 1])} to {Text(edges[i])}");
        names.Add("from " + Text(edges[^1]));
        return names;
    }
}

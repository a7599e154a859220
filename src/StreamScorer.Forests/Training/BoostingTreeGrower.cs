using System.Runtime.Intrinsics;

namespace StreamScorer.Forests;

/// <summary>
/// Grows one regression tree at a time on the derivatives of the loss: histograms per node, the larger child's made by
/// subtraction. Owns its buffers; one thread at a time (it may use more of them inside for large tables).
/// </summary>
internal sealed class BoostingTreeGrower
{
    // Below this many additions a histogram is built sooner than other threads are woken.
    private const long LeastParallelAdditions = 400_000;

    private readonly BinnedTable _table;
    private readonly GradientBoostingOptions _options;
    private readonly BoostingSplitFinder _finder;
    private readonly int[] _monotone;
    private readonly int[] _histogramStart;
    private readonly Vector128<long>[][] _histograms;
    private readonly RowPartition _grown;
    private readonly RowPartition _followers;
    private readonly TreeBuilder _builder = new();
    private readonly int _threads;
    private Vector128<long>[] _derivatives = [];
    private double[] _scores = [];
    private int[] _features = [];

    public BoostingTreeGrower(BinnedTable table, FeatureSchema schema, GradientBoostingOptions options, int threads)
    {
        _table = table;
        _options = options;
        _threads = threads;
        _monotone = [.. schema.Features.Select(feature => (int)options.MonotoneConstraints.GetValueOrDefault(feature.Name))];
        _finder = new BoostingSplitFinder(options, _monotone);
        _histogramStart = new int[table.FeatureCount + 1];
        for (var i = 0; i < table.FeatureCount; i++)
            _histogramStart[i + 1] = _histogramStart[i] + table.Bins[i].BinCount;
        _histograms = new Vector128<long>[options.MaxDepth + 1][];
        _grown = new RowPartition(table.RowCount);
        _followers = new RowPartition(table.RowCount);
    }

    /// <summary>Rows to grow the next tree on; cleared by <see cref="Grow"/>.</summary>
    public RowPartition Grown => _grown;

    /// <summary>Rows that only get the next tree's output added to their score; cleared by <see cref="Grow"/>.</summary>
    public RowPartition Followers => _followers;

    /// <param name="derivatives">One per row of the table.</param>
    /// <param name="features">Features the tree may use.</param>
    /// <param name="scores">Log-odds per row; the leaf's output is added for every grown and following row.</param>
    public DecisionTree Grow(Vector128<long>[] derivatives, int[] features, double[] scores)
    {
        _derivatives = derivatives;
        _features = features;
        _scores = scores;
        var total = Vector128<long>.Zero;
        foreach (var row in _grown.Rows(0, _grown.Count))
            total += derivatives[row];
        var node = new Stretch(0, _grown.Count, 0, _followers.Count);
        var root = Buffer(0);
        FillHistogram(root, node);
        GrowNode(node, root, new NodeSums(total, double.NegativeInfinity, double.PositiveInfinity), 0);
        _grown.Clear();
        _followers.Clear();
        return _builder.Build(_table.CategoryCounts);
    }

    private Vector128<long>[] Buffer(int depth) => _histograms[depth] ??= new Vector128<long>[_histogramStart[^1]];

    private void GrowNode(Stretch node, Vector128<long>[]? histogram, in NodeSums sums, int depth)
    {
        var best = default(BoostingSplit);
        if (histogram is not null)
        {
            foreach (var feature in _features)
            {
                var slice = histogram.AsSpan(_histogramStart[feature], _table.Bins[feature].BinCount);
                _finder.Scan(_table.Bins[feature], slice, sums, ref best);
            }
        }

        if (!best.Found)
        {
            AddLeaf(node, sums);
            return;
        }

        var (left, right) = Divide(node, best.Split);
        var (leftSums, rightSums) = ChildSums(sums, best);
        var (leftHistogram, rightHistogram) = ChildHistograms(left, right, histogram!, depth + 1);
        var split = _table.Bins[best.Split.Feature].AddSplit(_builder, best.Split, best.Gain);
        GrowNode(left, leftHistogram, leftSums, depth + 1);
        _builder.BeginRight(split);
        GrowNode(right, rightHistogram, rightSums, depth + 1);
    }

    private void AddLeaf(Stretch node, in NodeSums sums)
    {
        var output = _finder.Output(sums.Total, sums.Lower, sums.Upper) * _options.LearningRate;
        _builder.AddLeaf(output, GradientSums.Hessian(sums.Total));
        foreach (var row in _grown.Rows(node.Start, node.Count))
            _scores[row] += output;
        foreach (var row in _followers.Rows(node.FollowerStart, node.FollowerCount))
            _scores[row] += output;
    }

    private (Stretch Left, Stretch Right) Divide(Stretch node, in BinSplit split)
    {
        var column = _table.Columns[split.Feature];
        var missingBin = _table.Bins[split.Feature].SeparateMissingBin;
        var left = _grown.Split(node.Start, node.Count, column, split, missingBin);
        var followers = _followers.Split(node.FollowerStart, node.FollowerCount, column, split, missingBin);
        return (
            new Stretch(node.Start, left, node.FollowerStart, followers),
            new Stretch(node.Start + left, node.Count - left, node.FollowerStart + followers, node.FollowerCount - followers));
    }

    // Under a monotone split neither side may ever cross the middle of the two outputs.
    private (NodeSums Left, NodeSums Right) ChildSums(in NodeSums sums, in BoostingSplit best)
    {
        var right = sums.Total - best.Left;
        var middle = (best.LeftOutput + best.RightOutput) / 2;
        return _monotone[best.Split.Feature] switch
        {
            > 0 => (new NodeSums(best.Left, sums.Lower, middle), new NodeSums(right, middle, sums.Upper)),
            < 0 => (new NodeSums(best.Left, middle, sums.Upper), new NodeSums(right, sums.Lower, middle)),
            _ => (new NodeSums(best.Left, sums.Lower, sums.Upper), new NodeSums(right, sums.Lower, sums.Upper)),
        };
    }

    // The smaller child is summed, the larger one is the parent less the smaller, in the parent's buffer.
    private (Vector128<long>[]? Left, Vector128<long>[]? Right) ChildHistograms(
        Stretch left, Stretch right, Vector128<long>[] parent, int depth)
    {
        if (depth == _options.MaxDepth)
            return (null, null);
        var smaller = Buffer(depth);
        FillHistogram(smaller, left.Count <= right.Count ? left : right);
        foreach (var feature in _features)
        {
            for (var at = _histogramStart[feature]; at < _histogramStart[feature + 1]; at++)
                parent[at] -= smaller[at];
        }

        return left.Count <= right.Count ? (smaller, parent) : (parent, smaller);
    }

    private void FillHistogram(Vector128<long>[] histogram, Stretch node)
    {
        if (_threads > 1 && (long)node.Count * _features.Length >= LeastParallelAdditions)
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = _threads };
            Parallel.For(0, _features.Length, options, i => FillFeature(histogram, _features[i], node));
            return;
        }

        foreach (var feature in _features)
            FillFeature(histogram, feature, node);
    }

    private void FillFeature(Vector128<long>[] histogram, int feature, Stretch node)
    {
        var slice = histogram.AsSpan(_histogramStart[feature], _table.Bins[feature].BinCount);
        slice.Clear();
        var column = _table.Columns[feature];
        foreach (var row in _grown.Rows(node.Start, node.Count))
            slice[column[row]] += _derivatives[row];
    }

    // The part of both row lists that a node owns.
    private readonly record struct Stretch(int Start, int Count, int FollowerStart, int FollowerCount);
}

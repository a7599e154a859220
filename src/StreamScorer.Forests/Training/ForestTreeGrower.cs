namespace StreamScorer.Forests;

/// <summary>
/// Grows one classification tree at a time from binned rows: bootstrap, a random handful of features per split, Gini
/// impurity. Owns its scratch buffers, so one grower serves one thread.
/// </summary>
/// <remarks>
/// Row counts and positives are whole numbers packed into one long (count in the upper half), so a histogram update is a
/// single addition and sums do not depend on their order.
/// </remarks>
internal sealed class ForestTreeGrower
{
    private readonly BinnedTable _table;
    private readonly RandomForestOptions _options;
    private readonly int _featuresPerSplit;
    private readonly bool[] _labels;
    private readonly long[] _weights;
    private readonly int[] _rows;
    private readonly int[] _scratch;
    private readonly long[] _histogram = new long[FeatureBins.MostBins + 1];
    private readonly int[] _features;
    private readonly TreeBuilder _builder = new();
    private SplitMix _random;

    public ForestTreeGrower(BinnedTable table, bool[] labels, RandomForestOptions options)
    {
        _table = table;
        _options = options;
        _labels = labels;
        _weights = new long[table.RowCount];
        _rows = new int[table.RowCount];
        _scratch = new int[table.RowCount];
        _features = new int[table.FeatureCount];
        _featuresPerSplit = options.FeaturesPerSplit > 0
            ? Math.Min(options.FeaturesPerSplit, table.FeatureCount)
            : Math.Max(1, (int)Math.Sqrt(table.FeatureCount));
    }

    /// <param name="inBag">Gets a bit per row: set when the bootstrap drew it.</param>
    public DecisionTree Grow(ulong seed, ulong[] inBag)
    {
        _random = new SplitMix(seed);
        for (var i = 0; i < _features.Length; i++)
            _features[i] = i;
        var count = Bootstrap(inBag);
        long total = 0;
        for (var i = 0; i < count; i++)
            total += _weights[_rows[i]];
        GrowNode(0, count, total, _options.MaxDepth);
        return _builder.Build(_table.CategoryCounts);
    }

    private static int Count(long packed) => (int)(packed >> 32);

    private static int Positives(long packed) => (int)packed;

    private int Bootstrap(ulong[] inBag)
    {
        Array.Clear(_weights);
        for (var i = 0; i < _weights.Length; i++)
        {
            var row = _random.Below(_weights.Length);
            _weights[row] += _labels[row] ? (1L << 32) | 1 : 1L << 32;
        }

        var count = 0;
        for (var row = 0; row < _weights.Length; row++)
        {
            if (_weights[row] == 0)
                continue;
            inBag[row >> 6] |= 1ul << (row & 63);
            _rows[count++] = row;
        }

        return count;
    }

    private void GrowNode(int start, int count, long total, int depthLeft)
    {
        var split = depthLeft == 0 || IsPure(total) ? default : FindSplit(start, count, total);
        if (!split.Found)
        {
            AddLeaf(total);
            return;
        }

        var binSplit = new BinSplit(split.Feature, split.Bin, split.MissingLeft, Only: false);
        var node = _table.Bins[split.Feature].AddSplit(_builder, binSplit, split.Gain);
        var leftTotal = Partition(start, count, split, out var leftCount);
        GrowNode(start, leftCount, leftTotal, depthLeft - 1);
        _builder.BeginRight(node);
        GrowNode(start + leftCount, count - leftCount, total - leftTotal, depthLeft - 1);
    }

    private bool IsPure(long total) =>
        Positives(total) == 0 || Positives(total) == Count(total) || Count(total) < 2 * _options.MinLeafRows;

    private void AddLeaf(long total)
    {
        var positive = Positives(total) * _options.PositiveWeight;
        var cover = positive + Count(total) - Positives(total);
        _builder.AddLeaf(positive / cover, cover);
    }

    // Draws features until enough of them had a split to offer; constant ones do not count (as in Breiman's own code
    // and scikit-learn), so that a node gives up only when no feature can split it.
    private Split FindSplit(int start, int count, long total)
    {
        var best = default(Split);
        var offered = 0;
        for (var drawn = 0; drawn < _features.Length && offered < _featuresPerSplit; drawn++)
        {
            var pick = drawn + _random.Below(_features.Length - drawn);
            (_features[drawn], _features[pick]) = (_features[pick], _features[drawn]);
            var feature = _features[drawn];
            FillHistogram(_table.Columns[feature], start, count);
            offered += ScanHistogram(_table.Bins[feature], total, ref best) ? 1 : 0;
        }

        return best;
    }

    private void FillHistogram(byte[] column, int start, int count)
    {
        Array.Clear(_histogram);
        for (var i = start; i < start + count; i++)
            _histogram[column[_rows[i]]] += _weights[_rows[i]];
    }

    // True when the feature has at least two non-empty bins, whether or not one of its splits is the best so far.
    private bool ScanHistogram(FeatureBins bins, long total, ref Split best)
    {
        var missing = bins.IsCategorical ? 0 : _histogram[bins.MissingBin];
        var valueBins = bins.IsCategorical ? bins.BinCount : bins.MissingBin;
        var offered = ScanDirection(bins, valueBins, 0, total, missing, ref best);
        return (missing != 0 && ScanDirection(bins, valueBins, missing, total, missing, ref best)) || offered;
    }

    // leftMissing is the part of the missing rows that goes left: none of them or all.
    private bool ScanDirection(
        FeatureBins bins, int valueBins, long leftMissing, long total, long missing, ref Split best)
    {
        var left = leftMissing;
        var present = total - missing;
        var seen = 0L;
        var last = -1;
        var offered = false;
        for (var bin = 0; bin < valueBins; bin++)
        {
            if (_histogram[bin] == 0)
                continue;
            if (last >= 0)
            {
                offered = true;
                // Half-way over the empty bins between two neighbours, as a midpoint would.
                best.Take(bins, (last + bin - 1) / 2, leftMissing, missing, Gain(left, total), left, total, _options.MinLeafRows);
            }

            left += _histogram[bin];
            seen += _histogram[bin];
            last = bin;
        }

        // All present values on one side, the missing ones on the other.
        if (leftMissing == 0 && missing != 0 && seen == present && present != 0)
        {
            offered = true;
            best.Take(bins, valueBins - 1, 0, missing, Gain(left, total), left, total, _options.MinLeafRows);
        }

        return offered;
    }

    // Decrease of the Gini impurity, weighted by rows: higher is better, never negative but for rounding.
    private double Gain(long left, long total)
    {
        var right = total - left;
        return Impurity(total) - Impurity(left) - Impurity(right);
    }

    private double Impurity(long packed)
    {
        var positive = Positives(packed) * _options.PositiveWeight;
        double negative = Count(packed) - Positives(packed);
        return positive * negative / (positive + negative);
    }

    // Stable, so that the row order inside a node does not depend on how the tree was grown before.
    private long Partition(int start, int count, in Split split, out int leftCount)
    {
        var column = _table.Columns[split.Feature];
        var bins = _table.Bins[split.Feature];
        var missingBin = bins.IsCategorical ? -1 : bins.MissingBin;
        var (left, right, leftTotal) = (start, 0, 0L);
        for (var i = start; i < start + count; i++)
        {
            var row = _rows[i];
            var bin = column[row];
            if (bin == missingBin ? split.MissingLeft : bin <= split.Bin)
            {
                _rows[left++] = row;
                leftTotal += _weights[row];
            }
            else
            {
                _scratch[right++] = row;
            }
        }

        _scratch.AsSpan(0, right).CopyTo(_rows.AsSpan(left));
        leftCount = left - start;
        return leftTotal;
    }

    private struct Split
    {
        public bool Found;
        public int Feature;
        public int Bin;
        public bool MissingLeft;
        public double Gain;

        // Keeps the candidate when it is better than the best so far and leaves enough rows on both sides.
        public void Take(
            FeatureBins bins, int bin, long leftMissing, long missing, double gain, long left, long total, int minLeafRows)
        {
            if ((Found && gain <= Gain) || Count(left) < minLeafRows || Count(total - left) < minLeafRows)
                return;
            Found = true;
            Feature = bins.Feature;
            Bin = bin;
            Gain = Math.Max(0, gain);
            MissingLeft = missing == 0 ? bins.ImputedBin <= bin : leftMissing != 0;
        }
    }
}

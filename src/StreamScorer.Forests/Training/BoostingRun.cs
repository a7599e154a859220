using System.Runtime.Intrinsics;

namespace StreamScorer.Forests;

/// <summary>One sequence of boosted trees on some of the rows, watched on others.</summary>
internal sealed class BoostingRun
{
    private readonly GradientBoostingOptions _options;
    private readonly bool[] _labels;
    private readonly int[] _training;
    private readonly int[] _watched;
    private readonly BoostingTreeGrower _grower;
    private readonly Vector128<long>[] _derivatives;
    private readonly double[] _scores;
    private readonly int[] _features;
    private SplitMix _random;

    /// <param name="table">All rows, bins learned from <paramref name="training"/> only.</param>
    /// <param name="training">Rows to learn from, ascending.</param>
    /// <param name="watched">Other rows whose scores are kept up to date.</param>
    public BoostingRun(
        BinnedTable table, FeatureSchema schema, bool[] labels, int[] training, int[] watched,
        GradientBoostingOptions options, ulong seed, int threads)
    {
        _options = options;
        _labels = labels;
        _training = training;
        _watched = watched;
        _random = new SplitMix(seed);
        _grower = new BoostingTreeGrower(table, schema, options, threads);
        _derivatives = new Vector128<long>[table.RowCount];
        _scores = new double[table.RowCount];
        _features = [.. Enumerable.Range(0, table.FeatureCount)];
        var positives = training.Sum(row => labels[row] ? options.PositiveWeight : 0);
        var negatives = training.Count(row => !labels[row]);
        BaseScore = Math.Log(positives / negatives);
        Array.Fill(_scores, BaseScore);
    }

    /// <summary>Log-odds of the training rows' rate: where the sum starts.</summary>
    public double BaseScore { get; }

    /// <summary>Log-odds per row of the table so far.</summary>
    public double[] Scores => _scores;

    public DecisionTree Step()
    {
        foreach (var row in _training)
        {
            var probability = Calibration.Logistic(_scores[row]);
            _derivatives[row] = GradientSums.At(probability, _labels[row], _labels[row] ? _options.PositiveWeight : 1);
            if (_options.RowSample >= 1 || _random.NextDouble() < _options.RowSample)
                _grower.Grown.Add(row);
            else
                _grower.Followers.Add(row);
        }

        foreach (var row in _watched)
            _grower.Followers.Add(row);
        var count = Math.Clamp((int)Math.Round(_features.Length * _options.ColumnSample), 1, _features.Length);
        _random.ShuffleFront(_features, count);
        return _grower.Grow(_derivatives, _features[..count], _scores);
    }
}

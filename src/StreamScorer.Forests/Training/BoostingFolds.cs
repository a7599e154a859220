namespace StreamScorer.Forests;

/// <summary>
/// Cross-validation of boosting: each fold is watched by a run on the other folds, so that every row gets scores from trees
/// that have not seen it, tree count by tree count. Where no depth was asked for, the first fold chooses it.
/// </summary>
internal sealed class BoostingFolds
{
    // From the shallowest; each is tried only where the one before it paid.
    private static readonly int[] Depths = [4, 6, 8];

    // A deeper tree is worth more of its own step, and twice the rate needs about half of such costlier trees.
    private const double DeeperRate = 2;

    private readonly FeatureSchema _schema;
    private readonly ReadOnlyMemory<double> _rows;
    private readonly ReadOnlyMemory<bool> _labels;
    private readonly GradientBoostingOptions _options;
    private readonly int[] _foldOfRow;

    public BoostingFolds(
        FeatureSchema schema, ReadOnlyMemory<double> rows, ReadOnlyMemory<bool> labels, GradientBoostingOptions options)
    {
        _schema = schema;
        _rows = rows;
        _labels = labels;
        _options = options;
        _foldOfRow = FoldAssignment.Stratified(labels.Span, options.Folds, SplitMix.Derive(options.Seed, ulong.MaxValue));
    }

    /// <summary>
    /// The settings with their depth, the number of trees with the least mean log loss, and each row's out-of-fold log-odds
    /// with that many.
    /// </summary>
    public (GradientBoostingOptions Options, int Trees, double[] OutOfFold) Run(
        IProgress<double>? progress, CancellationToken ct)
    {
        var histories = new FoldHistory[_options.Folds];
        var (options, first) = _options.MaxDepth > 0 ? (_options, (FoldHistory?)null) : ChooseDepth(ct);
        var done = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.Threads, CancellationToken = ct };
        Parallel.For(0, _options.Folds, parallel, fold =>
        {
            histories[fold] = fold == 0 && first is not null ? first : RunFold(fold, options, threads: 1, ct);
            progress?.Report(Interlocked.Increment(ref done) / (_options.Folds + 1.0));
        });

        var trees = BestTreeCount(histories);
        var outOfFold = new double[_labels.Length];
        Parallel.For(0, _options.Folds, parallel, fold => ScoreFold(histories[fold], trees, outOfFold));
        return (options, trees, outOfFold);
    }

    // Deeper while the first fold's rows are predicted better by more than chance: small tables stay with small trees.
    private (GradientBoostingOptions Options, FoldHistory First) ChooseDepth(CancellationToken ct)
    {
        var options = _options with { MaxDepth = Depths[0] };
        var first = RunFold(0, options, _options.Threads, ct);
        foreach (var depth in Depths.AsSpan(1))
        {
            var deeper = _options with { MaxDepth = depth, LearningRate = Math.Min(1, DeeperRate * _options.LearningRate) };
            var tried = RunFold(0, deeper, _options.Threads, ct);
            if (!tried.IsBetterThan(first))
                break;
            (options, first) = (deeper, tried);
        }

        return (options, first);
    }

    private FoldHistory RunFold(int fold, GradientBoostingOptions options, int threads, CancellationToken ct)
    {
        var all = Enumerable.Range(0, _labels.Length);
        var training = all.Where(row => _foldOfRow[row] != fold).ToArray();
        var watched = all.Where(row => _foldOfRow[row] == fold).ToArray();
        var labels = _labels.ToArray();
        var table = BinnedTable.Fit(_schema, _rows, _labels, training, threads, ct);
        var run = new BoostingRun(
            table, _schema, labels, training, watched, options, SplitMix.Derive(options.Seed, (ulong)fold), threads);
        var history = new FoldHistory(watched, labels, run.BaseScore);
        while (history.Count < options.Trees && history.TreesSinceBest < options.EarlyStoppingTrees)
        {
            ct.ThrowIfCancellationRequested();
            history.Add(run.Step(), run.Scores);
        }

        return history;
    }

    // A fold that stopped early counts with its last loss, which is what it would at least have gone on with.
    private static int BestTreeCount(FoldHistory[] histories)
    {
        var longest = histories.Max(history => history.Count);
        var (best, bestLoss) = (1, double.PositiveInfinity);
        for (var trees = 1; trees <= longest; trees++)
        {
            var loss = histories.Sum(history => history.Loss(trees) * history.Watched.Length);
            if (loss < bestLoss)
                (best, bestLoss) = (trees, loss);
        }

        return best;
    }

    // Scored again from the trees kept: keeping every row's score after every tree would take far more memory.
    private void ScoreFold(FoldHistory history, int trees, double[] outOfFold)
    {
        var member = new ForestMember
        {
            Algorithm = GradientBoostingTrainer.AlgorithmName,
            Output = MemberOutput.SumOfLeaves,
            BaseScore = history.BaseScore,
            Trees = [.. history.Trees.Take(trees)],
        };
        var scorer = new MemberScorer(member, CompiledForest.Compile(_schema, member), _schema.Count);
        var raw = new double[1];
        foreach (var row in history.Watched)
        {
            scorer.Score(_rows.Span.Slice(row * _schema.Count, _schema.Count), raw);
            outOfFold[row] = raw[0];
        }
    }

    /// <summary>The trees of a fold's run and the log loss of its watched rows after each.</summary>
    private sealed class FoldHistory(int[] watched, bool[] labels, double baseScore)
    {
        private readonly List<double> _losses = [];
        private double[] _rowLosses = new double[watched.Length];
        private double[] _bestRowLosses = new double[watched.Length];
        private int _best = -1;

        public double BaseScore { get; } = baseScore;

        public int[] Watched { get; } = watched;

        public List<DecisionTree> Trees { get; } = [];

        public int Count => Trees.Count;

        public int TreesSinceBest => Count - 1 - _best;

        public double Loss(int trees) => _losses[Math.Min(trees, Count) - 1];

        public void Add(DecisionTree tree, double[] scores)
        {
            Trees.Add(tree);
            for (var i = 0; i < Watched.Length; i++)
                _rowLosses[i] = LogLoss(scores[Watched[i]], labels[Watched[i]]);
            _losses.Add(_rowLosses.Sum() / Watched.Length);
            if (_best >= 0 && _losses[^1] >= _losses[_best])
                return;
            _best = Count - 1;
            (_rowLosses, _bestRowLosses) = (_bestRowLosses, _rowLosses);
        }

        /// <summary>By more than the standard error of the difference, row by row, each with its best number of trees.</summary>
        public bool IsBetterThan(FoldHistory other)
        {
            var gains = Watched.Select((_, i) => other._bestRowLosses[i] - _bestRowLosses[i]).ToArray();
            var mean = gains.Average();
            var squares = gains.Sum(gain => (gain - mean) * (gain - mean));
            return mean > 0 && mean * mean * gains.Length * (gains.Length - 1) > squares;
        }

        private static double LogLoss(double score, bool label) =>
            Math.Max(score, 0) - (label ? score : 0) + Math.Log(1 + Math.Exp(-Math.Abs(score)));
    }
}

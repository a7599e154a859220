namespace StreamScorer.Forests;

/// <summary>
/// Scores feature rows with one model. Owns its scratch buffers: one thread at a time; nothing is allocated per call once
/// the largest batch has been seen.
/// </summary>
public sealed class ForestScorer
{
    private readonly ForestModel _model;
    private readonly MemberScorer[] _members;
    private double[] _memberRaw = [];

    internal ForestScorer(ForestModel model)
    {
        _model = model;
        _members = [.. model.Members.Select((member, i) => new MemberScorer(member, model.Compiled[i], model.Schema.Count))];
    }

    /// <summary>
    /// Scores <c>n</c> rows. Every batch size gives the same bits for a row.
    /// </summary>
    /// <param name="rows">Row-major feature rows, <c>n * Schema.Count</c> long.</param>
    /// <param name="raw">
    /// Gets n raw scores: mean leaf (forest, 0 to 1), log-odds (boosting) or weighted probability (ensemble).
    /// </param>
    /// <param name="probability">Gets n calibrated probabilities.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public void Score(ReadOnlySpan<double> rows, Span<double> raw, Span<double> probability)
    {
        var count = raw.Length;
        if (rows.Length != (long)count * _model.Schema.Count || probability.Length != count)
            throw new ArgumentException(
                $"{count} rows of {_model.Schema.Count} features need {(long)count * _model.Schema.Count} values, "
                + $"not {rows.Length}.");

        if (_members.Length == 1)
            _members[0].Score(rows, raw);
        else
            ScoreEnsemble(rows, raw);
        for (var i = 0; i < count; i++)
            probability[i] = _model.Calibration.Apply(raw[i]);
    }

    private void ScoreEnsemble(ReadOnlySpan<double> rows, Span<double> raw)
    {
        if (_memberRaw.Length < raw.Length)
            _memberRaw = new double[raw.Length];
        raw.Clear();
        for (var i = 0; i < _members.Length; i++)
        {
            var member = _model.Members[i];
            _members[i].Score(rows, _memberRaw.AsSpan(0, raw.Length));
            for (var row = 0; row < raw.Length; row++)
                raw[row] += member.Weight * member.Calibration.Apply(_memberRaw[row]);
        }
    }

    /// <summary>
    /// What each feature moved the raw score by along the paths the row took (Saabas' attribution): the change of the mean
    /// output from each node to the child taken, given to the node's feature.
    /// </summary>
    /// <param name="row">One feature row.</param>
    /// <param name="contributions">
    /// Gets one number per feature; with <paramref name="baseline"/> they sum to the raw score.
    /// </param>
    /// <param name="baseline">The raw score of the average training row.</param>
    public void Contributions(ReadOnlySpan<double> row, Span<double> contributions, out double baseline)
    {
        contributions.Clear();
        baseline = 0;
        foreach (var member in _model.Members)
        {
            foreach (var tree in member.Trees)
            {
                baseline += tree.Value[0];
                for (var node = 0; tree.Feature[node] != DecisionTree.Leaf;)
                {
                    var next = tree.GoesLeft(node, row[tree.Feature[node]]) ? node + 1 : tree.Right[node];
                    contributions[tree.Feature[node]] += tree.Value[next] - tree.Value[node];
                    node = next;
                }
            }
        }

        for (var i = 0; i < contributions.Length; i++)
            contributions[i] = _model.Members[0].Finish(contributions[i]);
        baseline = _model.Members[0].Finish(_model.Members[0].BaseScore + baseline);
    }
}

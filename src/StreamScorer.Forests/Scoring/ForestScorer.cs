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
    private double[] _memberContributions = [];
    private TreeShapScratch? _shapScratch;
    private int _keptRows;

    internal ForestScorer(ForestModel model)
    {
        _model = model;
        _members = [.. model.Members.Select((member, i) => new MemberScorer(member, model.Compiled[i], model.Schema.Count))];
    }

    /// <summary>Rows that are scored together: 128. Multiples of it are scored fastest.</summary>
    public const int BlockRows = 2 * RowCoder.BlockRows;

    /// <summary>
    /// Scores <c>n</c> rows. Every batch size gives the same bits for a row.
    /// </summary>
    /// <param name="rows">Row-major feature rows, <c>n * Schema.Count</c> long.</param>
    /// <param name="raw">
    /// Gets n raw scores: mean leaf (forest, 0 to 1), log-odds (boosting) or weighted probability (ensemble).
    /// </param>
    /// <param name="probability">Gets n calibrated probabilities.</param>
    /// <param name="keepLeaves">
    /// Whether <see cref="ContributionsOfScored"/> will be asked for, which needs no more than <see cref="BlockRows"/> rows.
    /// </param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public void Score(ReadOnlySpan<double> rows, Span<double> raw, Span<double> probability, bool keepLeaves = false)
    {
        var count = raw.Length;
        if (rows.Length != (long)count * _model.Schema.Count || probability.Length != count)
            throw new ArgumentException(
                $"{count} rows of {_model.Schema.Count} features need {(long)count * _model.Schema.Count} values, "
                + $"not {rows.Length}.");

        keepLeaves &= count <= BlockRows;
        _keptRows = keepLeaves ? count : 0;
        if (_members.Length == 1)
            _members[0].Score(rows, raw, keepLeaves);
        else
            ScoreEnsemble(rows, raw, keepLeaves);
        for (var i = 0; i < count; i++)
            probability[i] = _model.Calibration.Apply(raw[i]);
    }

    private void ScoreEnsemble(ReadOnlySpan<double> rows, Span<double> raw, bool keepLeaves)
    {
        if (_memberRaw.Length < raw.Length)
            _memberRaw = new double[raw.Length];
        raw.Clear();
        for (var i = 0; i < _members.Length; i++)
        {
            var member = _model.Members[i];
            _members[i].Score(rows, _memberRaw.AsSpan(0, raw.Length), keepLeaves);
            for (var row = 0; row < raw.Length; row++)
                raw[row] += member.Weight * member.Calibration.Apply(_memberRaw[row]);
        }
    }

    /// <summary>
    /// What each feature moved the raw score by along the paths the row took (Saabas' attribution): the change of the mean
    /// output from each node to the child taken, given to the node's feature. Cheap; for the stream.
    /// </summary>
    /// <param name="rows">One or more feature rows.</param>
    /// <param name="contributions">
    /// As long as the rows: one number per row and feature; with <paramref name="baseline"/> a row's sum to its raw score.
    /// </param>
    /// <param name="baseline">The raw score of the average training row.</param>
    /// <remarks>An ensemble's are its members', each scaled to the member's share of the ensemble's raw score.</remarks>
    public void Contributions(ReadOnlySpan<double> rows, Span<double> contributions, out double baseline) =>
        Explain(rows, contributions, exact: false, out baseline);

    /// <summary>
    /// Exact path-dependent Shapley values (TreeSHAP) of the raw score. Slower than <see cref="Contributions"/>, and fair to
    /// features that share a path; for answers on request. Eight rows at once cost little more than one. The first call
    /// builds tables of about 200 bytes per tree node.
    /// </summary>
    /// <inheritdoc cref="Contributions"/>
    public void ShapleyValues(ReadOnlySpan<double> rows, Span<double> contributions, out double baseline) =>
        Explain(rows, contributions, exact: true, out baseline);

    /// <summary>Reasons of one member of an ensemble on the scale of its own raw output.</summary>
    /// <param name="member">0 to <see cref="ForestModel.MemberCount"/> - 1.</param>
    /// <param name="rows">One or more feature rows.</param>
    /// <param name="contributions">
    /// As long as the rows: one number per row and feature; with <paramref name="baseline"/> a row's sum to the member's
    /// output.
    /// </param>
    /// <param name="exact">Shapley values instead of per-path contributions.</param>
    /// <param name="baseline">The member's raw output for the average training row.</param>
    public void ExplainMember(
        int member, ReadOnlySpan<double> rows, Span<double> contributions, bool exact, out double baseline) =>
        ExplainMember(member, rows, contributions, exact, out baseline, NotKept);

    private const int NotKept = -1;

    private void ExplainMember(
        int member, ReadOnlySpan<double> rows, Span<double> contributions, bool exact, out double baseline, int scored)
    {
        CheckExplanation(rows, contributions);
        var (reasons, scorer) = (_model.Reasons[member], _members[member]);
        baseline = reasons.Baseline;
        if (scored != NotKept)
        {
            reasons.Paths(rows, scorer.LeavesOf(scored), contributions);
            return;
        }

        var stride = _model.Schema.Count;
        var step = exact ? RowCoder.BlockRows * stride : stride;
        for (var at = 0; at < rows.Length; at += step)
        {
            var some = rows.Slice(at, Math.Min(step, rows.Length - at));
            var target = contributions.Slice(at, some.Length);
            if (exact)
                reasons.ShapleyValues(some, scorer.Encode(some), ShapScratch(), target);
            else
                reasons.Paths(some, scorer.FindLeaves(some), target);
        }
    }

    /// <summary>
    /// <see cref="Contributions"/> of a row that was scored by the last call of <see cref="Score"/>, which was for no more
    /// than <see cref="BlockRows"/> rows: its leaves are known and not looked for again. The same bits.
    /// </summary>
    /// <param name="scored">The row's place in that call.</param>
    /// <param name="row">The same feature row.</param>
    /// <param name="contributions">One number per feature.</param>
    /// <param name="baseline">The raw score of the average training row.</param>
    /// <exception cref="InvalidOperationException">
    /// No such row was scored last, or its leaves were not kept.
    /// </exception>
    public void ContributionsOfScored(int scored, ReadOnlySpan<double> row, Span<double> contributions, out double baseline)
    {
        if ((uint)scored >= (uint)_keptRows)
            throw new InvalidOperationException($"Leaves of {_keptRows} rows are kept: none of row {scored}.");
        Explain(row, contributions, exact: false, out baseline, scored);
    }

    private void Explain(
        ReadOnlySpan<double> rows, Span<double> contributions, bool exact, out double baseline, int scored = NotKept)
    {
        if (_members.Length == 1)
        {
            ExplainMember(0, rows, contributions, exact, out baseline, scored);
            return;
        }

        CheckExplanation(rows, contributions);
        if (_memberContributions.Length < rows.Length)
            _memberContributions = new double[rows.Length];
        contributions.Clear();
        baseline = 0;
        var stride = _model.Schema.Count;
        for (var i = 0; i < _members.Length; i++)
        {
            var member = _model.Members[i];
            var own = _memberContributions.AsSpan(0, rows.Length);
            ExplainMember(i, rows, own, exact, out var memberBaseline, scored);
            baseline += member.Weight * member.Calibration.Apply(memberBaseline);
            for (var at = 0; at < rows.Length; at += stride)
                AddScaled(member, memberBaseline, own.Slice(at, stride), contributions.Slice(at, stride));
        }
    }

    // A member's probability is not linear in its raw output. The slope of the chord from baseline to score makes its
    // scaled contributions sum to exactly what the member adds to the ensemble.
    private static void AddScaled(ForestMember member, double baseline, ReadOnlySpan<double> from, Span<double> to)
    {
        var moved = 0.0;
        foreach (var contribution in from)
            moved += contribution;
        var start = member.Calibration.Apply(baseline);
        var end = member.Calibration.Apply(baseline + moved);
        var slope = moved == 0 ? 0 : member.Weight * (end - start) / moved;
        for (var feature = 0; feature < to.Length; feature++)
            to[feature] += slope * from[feature];
    }

    private TreeShapScratch ShapScratch() =>
        _shapScratch ??= new TreeShapScratch(_model.Reasons.Max(reasons => reasons.Shap.MostNodes), _model.Schema.Count);

    private void CheckExplanation(ReadOnlySpan<double> rows, Span<double> contributions)
    {
        if (rows.Length % _model.Schema.Count != 0 || contributions.Length != rows.Length)
            throw new ArgumentException(
                $"Rows of {_model.Schema.Count} features cannot have {rows.Length} values and "
                + $"{contributions.Length} contributions.");
    }
}

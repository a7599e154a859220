using System.Buffers;
using StreamScorer.Forests;

namespace StreamScorer.Scoring;

/// <summary>
/// Scores with one model and owns the scratch buffers for it, so that nothing is allocated per event. One thread at a
/// time; taken from and given back to a <see cref="PredictionEnginePool"/>, or made on its own.
/// </summary>
public class PredictionEngine
{
    private readonly ForestScorer _scorer;
    private readonly HotThreshold _threshold;
    private readonly double[] _row;
    private readonly double[] _contributions;
    private int[] _top = new int[8];
    private int _lent;

    /// <summary>An engine for a model.</summary>
    public PredictionEngine(ScoringModel model, HotThreshold threshold)
    {
        ArgumentNullException.ThrowIfNull(model);
        Model = model;
        _threshold = threshold;
        _scorer = model.Forest.CreateScorer();
        _row = new double[model.Schema.Count];
        _contributions = new double[model.Schema.Count];
    }

    /// <summary>The model that this engine scores with, always.</summary>
    public ScoringModel Model { get; }

    /// <summary>Scores a batch.</summary>
    /// <param name="rows">Feature rows end to end, n × schema count doubles.</param>
    /// <param name="raw">Receives n outputs before calibration.</param>
    /// <param name="probability">Receives n calibrated probabilities.</param>
    /// <param name="keepLeaves">Whether reasons of these rows will be asked for by their place among them.</param>
    public virtual void Predict(ReadOnlySpan<double> rows, Span<double> raw, Span<double> probability, bool keepLeaves = false) =>
        _scorer.Score(rows, raw, probability, keepLeaves);

    /// <summary>Scores one lead.</summary>
    /// <exception cref="ArgumentException">A required feature is absent or a value has the wrong type.</exception>
    public LeadPrediction Predict(LeadEvent lead)
    {
        ArgumentNullException.ThrowIfNull(lead);
        LeadEventEncoder.Encode(Model.Schema, lead, _row);
        Span<double> raw = stackalloc double[1];
        Span<double> probability = stackalloc double[1];
        _scorer.Score(_row, raw, probability);
        return Describe(raw[0], probability[0]);
    }

    /// <summary>Bucket, tier and decision of a scored row.</summary>
    public LeadPrediction Describe(double raw, double probability)
    {
        var bucket = Model.Forest.BucketOf(probability);
        return new LeadPrediction(
            raw, probability, bucket, ForestModel.TierOf(bucket), _threshold.IsHot(probability), Model.Name, Model.Id);
    }

    /// <summary>
    /// Appends the features that moved this row's score most, the strongest first, as a JSON array:
    /// <c>[{"feature":"lastAction","text":"Last action: Email Bounced, lowers the score","contribution":-0.0712}]</c>.
    /// Contributions are shares of the raw output, rounded to four decimals; features without any are left out.
    /// </summary>
    /// <param name="row">One feature row.</param>
    /// <param name="top">Most reasons.</param>
    /// <param name="json">Receives UTF-8.</param>
    /// <param name="exact">Shapley values (TreeSHAP) rather than contributions along the paths: fairer, slower.</param>
    /// <param name="scored">
    /// The row's place among those of the last <see cref="Predict(ReadOnlySpan{double}, Span{double}, Span{double}, bool)"/> with
    /// <c>keepLeaves</c>, if they were no more than <see cref="ForestScorer.BlockRows"/>: the same reasons for less work. -1
    /// where it is not among them.
    /// </param>
    /// <returns>How many reasons were written.</returns>
    public virtual int AppendReasonsJson(
        ReadOnlySpan<double> row, int top, IBufferWriter<byte> json, bool exact = false, int scored = -1)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        if (_top.Length < top)
            _top = new int[top];
        if (exact)
            _scorer.ShapleyValues(row, _contributions, out _);
        else if (scored >= 0)
            _scorer.ContributionsOfScored(scored, row, _contributions, out _);
        else
            _scorer.Contributions(row, _contributions, out _);
        var count = SelectStrongest(_contributions, _top.AsSpan(0, top));
        Model.Reasons.Append(row, _contributions, _top.AsSpan(0, count), json);
        return count;
    }

    /// <summary>Marks the engine as lent out.</summary>
    internal void Lend() => Volatile.Write(ref _lent, 1);

    /// <summary>Marks the engine as given back; false where it was not lent out.</summary>
    internal bool TryTakeBack() => Interlocked.Exchange(ref _lent, 0) == 1;

    // Insertion into a short sorted list: cheaper than sorting all features for the handful that is shown.
    internal static int SelectStrongest(ReadOnlySpan<double> contributions, Span<int> strongest)
    {
        const double Nothing = 0.00005;
        var count = 0;
        for (var feature = 0; feature < contributions.Length; feature++)
        {
            var weight = Math.Abs(contributions[feature]);
            if (!(weight >= Nothing))
                continue;
            if (count == strongest.Length)
            {
                if (count == 0 || Math.Abs(contributions[strongest[^1]]) >= weight)
                    continue;
                count--;
            }

            var place = count++;
            for (; place > 0 && Math.Abs(contributions[strongest[place - 1]]) < weight; place--)
                strongest[place] = strongest[place - 1];
            strongest[place] = feature;
        }

        return count;
    }
}

using StreamScorer.Forests;

namespace StreamScorer.Training.Learning;

/// <summary>Encoded rows with labels.</summary>
/// <param name="Schema">Fitted schema.</param>
/// <param name="Values">Row-major feature rows.</param>
/// <param name="Labels">One per row.</param>
internal sealed record LearningRows(FeatureSchema Schema, double[] Values, bool[] Labels)
{
    public int Count => Labels.Length;

    /// <summary>Calibrated probabilities of these rows.</summary>
    public double[] Score(ForestModel model)
    {
        var raw = new double[Count];
        var probability = new double[Count];
        model.CreateScorer().Score(Values, raw, probability);
        return probability;
    }

    /// <summary>Some of the rows, in the order given.</summary>
    public LearningRows Take(ReadOnlySpan<int> rows)
    {
        var values = new double[rows.Length * Schema.Count];
        var labels = new bool[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            Values.AsSpan(rows[i] * Schema.Count, Schema.Count).CopyTo(values.AsSpan(i * Schema.Count));
            labels[i] = Labels[rows[i]];
        }

        return new LearningRows(Schema, values, labels);
    }

    /// <summary>At most this many of the rows, evenly spaced.</summary>
    public LearningRows AtMost(int most)
        => Count <= most ? this : Take([.. Enumerable.Range(0, most).Select(i => (int)((long)i * Count / most))]);
}

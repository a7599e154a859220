using StreamScorer.Forests;
using StreamScorer.Training.Preparation;

namespace StreamScorer.Training.Replay;

/// <summary>Does the changes to the leads of a dataset, one after another in the same order: the same leads change the same way.</summary>
internal sealed class FeatureChanger
{
    private const int Seed = 42;

    private readonly List<Action<PreparedLead>> _actions;
    private readonly Random _random = new(Seed);

    /// <param name="dataset">Read once where a shift is in standard deviations.</param>
    /// <param name="changes">What to do.</param>
    /// <exception cref="FormatException">The dataset has no such feature, or the feature is of another kind.</exception>
    public FeatureChanger(PreparedDataset dataset, IReadOnlyList<FeatureChange> changes) =>
        _actions = [.. changes.Select(change => ActionOf(change, IndexOf(dataset, change.Feature), dataset))];

    /// <summary>Changes a lead.</summary>
    public void Apply(PreparedLead lead)
    {
        foreach (var action in _actions)
            action(lead);
    }

    private Action<PreparedLead> ActionOf(FeatureChange change, int feature, PreparedDataset dataset)
    {
        var isNumeric = dataset.Schema.Features[feature].Kind == FeatureKind.Numeric;
        switch (change)
        {
            case Shifted shifted when isNumeric:
                var by = shifted.InDeviations ? shifted.Amount * StandardDeviation(dataset, feature) : shifted.Amount;
                // NaN, which stands for null, stays NaN.
                return lead => lead.SetNumber(feature, lead.Number(feature) + by);
            case Shifted:
                throw new FormatException($"{change.Feature} is not numeric: it can have another category, and no shift.");
            case Renamed renamed when !isNumeric:
                return lead => lead.SetText(feature, renamed.Value);
            case Renamed:
                throw new FormatException($"{change.Feature} is numeric: it can be shifted, and has no categories.");
            case Nulled nulled:
                return lead =>
                {
                    if (_random.NextDouble() < nulled.Share)
                        lead.Clear(feature);
                };
            default:
                return lead => lead.Drop(feature);
        }
    }

    private static int IndexOf(PreparedDataset dataset, string name)
    {
        var features = dataset.Schema.Features;
        for (var i = 0; i < features.Count; i++)
            if (string.Equals(features[i].Name, name, StringComparison.OrdinalIgnoreCase)
                || string.Equals(features[i].StreamName, name, StringComparison.OrdinalIgnoreCase))
                return i;
        throw new FormatException($"The dataset has no feature {name}; it has {string.Join(", ", features.Select(feature => feature.Name))}.");
    }

    private static double StandardDeviation(PreparedDataset dataset, int feature)
    {
        double[] values = [.. dataset.Files.SelectMany(file => file.ReadLeads()).Select(lead => lead.Number(feature)).Where(double.IsFinite)];
        if (values.Length == 0)
            throw new FormatException($"{dataset.Schema.Features[feature].Name} has no value in the dataset, and so no standard deviation.");
        var mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }
}

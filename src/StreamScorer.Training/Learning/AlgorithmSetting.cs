using System.Globalization;

namespace StreamScorer.Training.Learning;

/// <summary>A number among <see cref="AlgorithmSettings"/>: its name, range, and which algorithms know it.</summary>
/// <param name="Name">As on the command line, without dashes, and in tables of trials.</param>
/// <param name="Description">For help.</param>
/// <param name="Least">Smallest value allowed.</param>
/// <param name="Most">Largest value allowed.</param>
/// <param name="IsWhole">Whether it takes whole numbers only.</param>
/// <param name="Algorithms">Who knows it.</param>
/// <param name="Get">Reads it.</param>
/// <param name="With">The same settings with this value.</param>
public sealed record AlgorithmSetting(
    string Name, string Description, double Least, double Most, bool IsWhole, IReadOnlyList<Algorithm> Algorithms,
    Func<AlgorithmSettings, double?> Get, Func<AlgorithmSettings, double?, AlgorithmSettings> With)
{
    private static readonly Algorithm[] Forest = [Algorithm.RandomForest];
    private static readonly Algorithm[] Boosting = [Algorithm.GradientBoosting];
    private static readonly Algorithm[] Both = [Algorithm.RandomForest, Algorithm.GradientBoosting];

    public static IReadOnlyList<AlgorithmSetting> All { get; } =
    [
        Whole("trees", "Trees of a forest (100); most trees of boosting (400).", 1, 20_000, Both,
            settings => settings.Trees, (settings, value) => settings with { Trees = value }),
        Whole("depth", "Most splits from root to leaf (forest 10, boosting 5).", 1, 32, Both,
            settings => settings.MaxDepth, (settings, value) => settings with { MaxDepth = value }),
        Whole("min-leaf-rows", "Forest: fewest rows in a leaf.", 1, 1_000_000, Forest,
            settings => settings.MinLeafRows, (settings, value) => settings with { MinLeafRows = value }),
        Whole("features-per-split", "Forest: features tried at each split; 0 for the square root of all.", 0, 1000, Forest,
            settings => settings.FeaturesPerSplit, (settings, value) => settings with { FeaturesPerSplit = value }),
        Fraction("positive-weight", "How much a positive row counts against a negative one (1).", 1e-3, 1e3, Both,
            settings => settings.PositiveWeight, (settings, value) => settings with { PositiveWeight = value }),
        Fraction("learning-rate", "Boosting: factor of every tree's step (0.05).", 1e-4, 1, Boosting,
            settings => settings.LearningRate, (settings, value) => settings with { LearningRate = value }),
        Fraction("l2", "Boosting: penalty on large leaf outputs (1).", 0, 1e6, Boosting,
            settings => settings.L2, (settings, value) => settings with { L2 = value }),
        Fraction("min-child-weight", "Boosting: least weight in a leaf (1).", 0, 1e6, Boosting,
            settings => settings.MinChildWeight, (settings, value) => settings with { MinChildWeight = value }),
        Fraction("row-sample", "Boosting: share of the rows each tree is grown on (0.8).", 0.01, 1, Boosting,
            settings => settings.RowSample, (settings, value) => settings with { RowSample = value }),
        Fraction("column-sample", "Boosting: share of the features each tree may use (0.7).", 0.01, 1, Boosting,
            settings => settings.ColumnSample, (settings, value) => settings with { ColumnSample = value }),
        Whole("early-stopping", "Boosting: stop after this many trees without improvement (40).", 1, 10_000, Boosting,
            settings => settings.EarlyStoppingTrees, (settings, value) => settings with { EarlyStoppingTrees = value }),
    ];

    /// <summary>Reads a value; null when the text is not a number of the range.</summary>
    public double? Parse(string text)
    {
        var style = IsWhole ? NumberStyles.AllowLeadingSign : NumberStyles.Float;
        var isNumber = double.TryParse(text, style, CultureInfo.InvariantCulture, out var value);
        return isNumber && value >= Least && value <= Most ? value : null;
    }

    /// <summary>The range in words.</summary>
    public string Range => string.Create(CultureInfo.InvariantCulture, $"{(IsWhole ? "a whole number" : "a number")} from {Least} to {Most}");

    private static AlgorithmSetting Whole(
        string name, string description, int least, int most, Algorithm[] algorithms, Func<AlgorithmSettings, int?> get,
        Func<AlgorithmSettings, int?, AlgorithmSettings> with)
        => new(name, description, least, most, true, algorithms, settings => get(settings), (settings, value) => with(settings, (int?)value));

    private static AlgorithmSetting Fraction(
        string name, string description, double least, double most, Algorithm[] algorithms,
        Func<AlgorithmSettings, double?> get, Func<AlgorithmSettings, double?, AlgorithmSettings> with)
        => new(name, description, least, most, false, algorithms, get, with);
}

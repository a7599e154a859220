using System.Globalization;
using StreamScorer.Forests;

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
    private static readonly Algorithm[] OneModel = [Algorithm.RandomForest, Algorithm.GradientBoosting];
    private static readonly Algorithm[] WithForest = [Algorithm.RandomForest, Algorithm.Ensemble];
    private static readonly Algorithm[] WithBoosting = [Algorithm.GradientBoosting, Algorithm.Ensemble];
    private static readonly Algorithm[] Every = [Algorithm.RandomForest, Algorithm.GradientBoosting, Algorithm.Ensemble];
    private static readonly RandomForestOptions ForestDefaults = new();
    private static readonly GradientBoostingOptions BoostingDefaults = new();

    /// <summary>All of them; a size that means something else to each member is none of an ensemble's.</summary>
    public static IReadOnlyList<AlgorithmSetting> All { get; } =
    [
        Whole("trees", $"Trees of a forest ({ForestDefaults.Trees}); most trees of boosting ({BoostingDefaults.Trees}).",
            1, 20_000, OneModel, settings => settings.Trees, (settings, value) => settings with { Trees = value }),
        Whole("depth", $"Most splits from root to leaf (forest {ForestDefaults.MaxDepth}; boosting 4, or 6 or 8 where that pays).",
            1, 32, OneModel, settings => settings.MaxDepth, (settings, value) => settings with { MaxDepth = value }),
        Whole("min-leaf-rows", $"Forest: fewest rows in a leaf ({ForestDefaults.MinLeafRows}).",
            1, 1_000_000, WithForest, settings => settings.MinLeafRows,
            (settings, value) => settings with { MinLeafRows = value }),
        Whole("features-per-split", $"Forest: features tried at each split; 0 for the square root of all (0).",
            0, 1000, WithForest,
            settings => settings.FeaturesPerSplit, (settings, value) => settings with { FeaturesPerSplit = value }),
        Fraction("positive-weight", $"How much a positive row counts against a negative one ({ForestDefaults.PositiveWeight}).",
            1e-3, 1e3, Every, settings => settings.PositiveWeight, (settings, value) => settings with { PositiveWeight = value }),
        Fraction("learning-rate", $"Boosting: factor of every tree's step ({BoostingDefaults.LearningRate}).",
            1e-4, 1, WithBoosting, settings => settings.LearningRate,
            (settings, value) => settings with { LearningRate = value }),
        Fraction("l2", $"Boosting: penalty on large leaf outputs ({BoostingDefaults.L2}).",
            0, 1e6, WithBoosting, settings => settings.L2, (settings, value) => settings with { L2 = value }),
        Fraction("min-child-weight", $"Boosting: least weight in a leaf ({BoostingDefaults.MinChildWeight}).",
            0, 1e6, WithBoosting,
            settings => settings.MinChildWeight, (settings, value) => settings with { MinChildWeight = value }),
        Fraction("row-sample", $"Boosting: share of the rows each tree is grown on ({BoostingDefaults.RowSample}).",
            0.01, 1, WithBoosting, settings => settings.RowSample, (settings, value) => settings with { RowSample = value }),
        Fraction("column-sample", $"Boosting: share of the features each tree may use ({BoostingDefaults.ColumnSample}).",
            0.01, 1, WithBoosting,
            settings => settings.ColumnSample, (settings, value) => settings with { ColumnSample = value }),
        Whole("early-stopping",
            $"Boosting: stop after this many trees without improvement ({BoostingDefaults.EarlyStoppingTrees}).",
            1, 10_000, WithBoosting,
            settings => settings.EarlyStoppingTrees, (settings, value) => settings with { EarlyStoppingTrees = value }),
        Whole("bags", $"Boosting: runs of other seeds that are averaged ({BoostingDefaults.Bags}; 4 in an ensemble).",
            1, 20, WithBoosting, settings => settings.Bags, (settings, value) => settings with { Bags = value }),
    ];

    /// <summary>Reads a value; null when the text is not a number of the range.</summary>
    public double? Parse(string text)
    {
        var style = IsWhole ? NumberStyles.AllowLeadingSign : NumberStyles.Float;
        var isNumber = double.TryParse(text, style, CultureInfo.InvariantCulture, out var value);
        return isNumber && value >= Least && value <= Most ? value : null;
    }

    /// <summary>The range in words.</summary>
    public string Range
        => FormattableString.Invariant($"{(IsWhole ? "a whole number" : "a number")} from {Least} to {Most}");

    private static AlgorithmSetting Whole(
        string name, FormattableString description, int least, int most, Algorithm[] algorithms,
        Func<AlgorithmSettings, int?> get, Func<AlgorithmSettings, int?, AlgorithmSettings> with)
        => new(name, FormattableString.Invariant(description), least, most, true, algorithms,
            settings => get(settings), (settings, value) => with(settings, (int?)value));

    private static AlgorithmSetting Fraction(
        string name, FormattableString description, double least, double most, Algorithm[] algorithms,
        Func<AlgorithmSettings, double?> get, Func<AlgorithmSettings, double?, AlgorithmSettings> with)
        => new(name, FormattableString.Invariant(description), least, most, false, algorithms, get, with);
}

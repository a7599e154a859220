using StreamScorer.Training.Generation;
using StreamScorer.Training.Learning;

namespace StreamScorer.Training.Tuning;

/// <summary>Settings to try.</summary>
internal static class SearchSpace
{
    /// <summary>Keeps the draws' random sequence apart from those that other parts draw from the same seed.</summary>
    private const long Stream = 0x7E57_0000;

    /// <summary>
    /// Values a random search draws from. The ranges surround the defaults; numbers of trees are not searched for boosting,
    /// early stopping finds them.
    /// </summary>
    private static readonly Dictionary<string, double[]> Forest = new()
    {
        ["trees"] = [100, 200, 300],
        ["depth"] = [6, 8, 10, 12, 15, 20],
        ["min-leaf-rows"] = [1, 2, 3, 5, 8, 12],
        ["features-per-split"] = [0, 2, 3, 4, 5, 7],
    };

    private static readonly Dictionary<string, double[]> Boosting = new()
    {
        ["trees"] = [1000],
        ["depth"] = [3, 4, 5, 6, 7],
        ["learning-rate"] = [0.02, 0.03, 0.05, 0.08],
        ["l2"] = [0.3, 1, 3, 10],
        ["min-child-weight"] = [0.5, 1, 2, 4, 8],
        ["row-sample"] = [0.6, 0.7, 0.8, 0.9, 1],
        ["column-sample"] = [0.4, 0.55, 0.7, 0.85, 1],
    };

    /// <summary>
    /// The settings of each trial. The first trial of a random search takes the defaults; trial i follows from the seed and i
    /// alone, so that a longer search begins with the trials of a shorter one.
    /// </summary>
    public static IReadOnlyList<AlgorithmSettings> Trials(TuningRequest request)
    {
        var given = request.Training.Settings;
        if (request.Grid.Count > 0) return Grid(given, request.Grid);
        var space = request.Training.Algorithm == Algorithm.RandomForest ? Forest : Boosting;
        space = space.Where(entry => Setting(entry.Key).Algorithms.Contains(request.Training.Algorithm)).ToDictionary();
        var drawn = Enumerable.Range(1, request.Trials - 1).Select(trial => Draw(given, space, request.Training.Seed, trial));
        return [given, .. drawn];
    }

    private static AlgorithmSettings Draw(AlgorithmSettings given, Dictionary<string, double[]> space, long seed, int trial)
    {
        var random = new SeededRandom(seed, Stream + trial);
        var settings = given;
        foreach (var (name, values) in space)
        {
            // Drawn even when it is not used, so that fixing one setting leaves the draws of the others alone.
            var value = values[random.Next(values.Length)];
            var setting = Setting(name);
            if (setting.Get(given) is null) settings = setting.With(settings, value);
        }

        return settings;
    }

    private static AlgorithmSetting Setting(string name) => AlgorithmSetting.All.Single(setting => setting.Name == name);

    private static List<AlgorithmSettings> Grid(AlgorithmSettings given, IReadOnlyList<GridAxis> axes)
    {
        var cells = new List<AlgorithmSettings> { given };
        foreach (var axis in axes)
            cells = [.. cells.SelectMany(cell => axis.Values.Select(value => axis.Setting.With(cell, value)))];
        return cells;
    }
}

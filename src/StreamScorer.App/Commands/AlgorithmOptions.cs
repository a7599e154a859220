using System.CommandLine;
using StreamScorer.Training.Learning;

namespace StreamScorer.App.Commands;

/// <summary>The options that say how to learn.</summary>
internal sealed class AlgorithmOptions
{
    private static readonly Dictionary<string, Algorithm> Algorithms = new()
    {
        ["random-forest"] = Algorithm.RandomForest,
    };

    private readonly Option<string> _algorithm = new("--algorithm")
    {
        Description = "How to learn.",
        DefaultValueFactory = _ => "random-forest",
        HelpName = string.Join('|', Algorithms.Keys),
    };

    private readonly Option<string> _split = new("--split")
    {
        Description = "Rows to measure on: a random fifth, or the newest fifth (time).",
        DefaultValueFactory = _ => "random",
        HelpName = "random|time",
    };

    private readonly Option<long> _seed = SeedOption.Create("The same rows, settings and seed give the same model file.");
    private readonly Option<int?> _trees = BoundedOption.Int("--trees", "Trees; 100 in a forest.", 1, 10_000);
    private readonly Option<int?> _depth = BoundedOption.Int("--depth", "Most splits from root to leaf; 10 in a forest.", 1, 32);

    private readonly Option<int?> _minLeaf =
        BoundedOption.Int("--min-leaf-rows", "Fewest rows in a leaf.", 1, 1_000_000);

    private readonly Option<int?> _perSplit =
        BoundedOption.Int("--features-per-split", "Features tried at each split; 0 for the square root of all.", 0, 1000);

    private readonly Option<int?> _threads = BoundedOption.Int("--threads", "Threads; they do not change the result.", 1, 1024);

    public AlgorithmOptions()
    {
        _algorithm.AcceptOnlyFromAmong([.. Algorithms.Keys]);
        _split.AcceptOnlyFromAmong("random", "time");
    }

    public void AddTo(Command command)
    {
        Option[] options = [_algorithm, _split, _seed, _trees, _depth, _minLeaf, _perSplit, _threads];
        foreach (var option in options) command.Options.Add(option);
    }

    public TrainingRequest Read(ParseResult parsed, TrainingRequest request) => request with
    {
        Algorithm = Algorithms[parsed.GetRequiredValue(_algorithm)],
        Split = parsed.GetValue(_split) == "time" ? SplitKind.Time : SplitKind.Random,
        Seed = parsed.GetValue(_seed),
        Settings = new AlgorithmSettings
        {
            Trees = parsed.GetValue(_trees),
            MaxDepth = parsed.GetValue(_depth),
            MinLeafRows = parsed.GetValue(_minLeaf),
            FeaturesPerSplit = parsed.GetValue(_perSplit),
            Threads = parsed.GetValue(_threads),
        },
    };
}

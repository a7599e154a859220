using System.CommandLine;
using System.CommandLine.Parsing;
using StreamScorer.Forests;
using StreamScorer.Training.Learning;

namespace StreamScorer.App.Commands;

/// <summary>The options that say how to learn: algorithm, seed, split, and every number in <see cref="AlgorithmSetting.All"/>.</summary>
internal sealed class AlgorithmOptions
{
    private static readonly Dictionary<string, Algorithm> Algorithms = new()
    {
        ["random-forest"] = Algorithm.RandomForest,
        ["gradient-boosting"] = Algorithm.GradientBoosting,
        ["ensemble"] = Algorithm.Ensemble,
    };

    private static readonly Dictionary<string, CalibrationKind> Calibrations = new()
    {
        ["platt"] = CalibrationKind.Platt,
        ["isotonic"] = CalibrationKind.Isotonic,
        ["none"] = CalibrationKind.None,
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

    private readonly Option<string> _calibration = new("--calibration")
    {
        Description = "How raw scores become probabilities; isotonic makes ties, the model card says how many.",
        DefaultValueFactory = _ => "platt",
        HelpName = string.Join('|', Calibrations.Keys),
    };

    private readonly Option<long> _seed = SeedOption.Create("The same rows, settings and seed give the same model file.");
    private readonly Option<int?> _threads = BoundedOption.Int("--threads", "Threads; they do not change the result.", 1, 1024);
    private readonly Option<string?> _increasing = Names("--increasing", "Boosting: features that may only raise the score.");
    private readonly Option<string?> _decreasing = Names("--decreasing", "Boosting: features that may only lower the score.");
    private readonly List<(AlgorithmSetting Setting, Option<double?> Option)> _numbers =
        [.. AlgorithmSetting.All.Select(setting => (setting, Number(setting)))];

    public AlgorithmOptions()
    {
        _algorithm.AcceptOnlyFromAmong([.. Algorithms.Keys]);
        _calibration.AcceptOnlyFromAmong([.. Calibrations.Keys]);
        _split.AcceptOnlyFromAmong("random", "time");
    }

    /// <summary>Adds the options and refuses settings that the chosen algorithm does not know.</summary>
    public void AddTo(Command command)
    {
        Option[] first = [_algorithm, _split, _seed];
        Option[] last = [_calibration, _increasing, _decreasing, _threads];
        foreach (var option in first.Concat(_numbers.Select(number => number.Option)).Concat(last)) command.Options.Add(option);
        command.Validators.Add(RefuseForeignSettings);
    }

    public TrainingRequest Read(ParseResult parsed, TrainingRequest request)
    {
        var settings = new AlgorithmSettings
        {
            Threads = parsed.GetValue(_threads),
            Calibration = Calibrations[parsed.GetRequiredValue(_calibration)],
            Monotone = Split(parsed.GetValue(_increasing)).Select(name => (name, Monotone.Increasing))
                .Concat(Split(parsed.GetValue(_decreasing)).Select(name => (name, Monotone.Decreasing)))
                .DistinctBy(pair => pair.name).ToDictionary(pair => pair.name, pair => pair.Item2),
        };
        foreach (var (setting, option) in _numbers)
            if (parsed.GetValue(option) is { } value)
                settings = setting.With(settings, value);
        return request with
        {
            Algorithm = Algorithms[parsed.GetRequiredValue(_algorithm)],
            Split = parsed.GetValue(_split) == "time" ? SplitKind.Time : SplitKind.Random,
            Seed = parsed.GetValue(_seed),
            Settings = settings,
        };
    }

    /// <summary>The algorithm named; null when the name is wrong.</summary>
    public Algorithm? Chosen(CommandResult result)
        => result.GetValue(_algorithm) is { } name && Algorithms.TryGetValue(name, out var algorithm) ? algorithm : null;

    public static string NameOf(Algorithm algorithm) => Algorithms.Single(pair => pair.Value == algorithm).Key;

    private void RefuseForeignSettings(CommandResult result)
    {
        if (Chosen(result) is not { } algorithm) return;
        var name = NameOf(algorithm);
        foreach (var (setting, option) in _numbers)
            if (result.GetResult(option) is { Implicit: false } && !setting.Algorithms.Contains(algorithm))
                result.AddError($"--{setting.Name} is no setting of {name}.");
        if (algorithm == Algorithm.RandomForest && (result.GetValue(_increasing) ?? result.GetValue(_decreasing)) is not null)
            result.AddError($"--increasing and --decreasing are no settings of {name}.");
    }

    private static Option<double?> Number(AlgorithmSetting setting) => new("--" + setting.Name)
    {
        Description = setting.Description,
        HelpName = "N",
        DefaultValueFactory = _ => null,
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (setting.Parse(text) is { } value) return value;
            result.AddError($"--{setting.Name} takes {setting.Range}, not '{text}'.");
            return null;
        },
    };

    private static Option<string?> Names(string name, string description)
        => new(name) { Description = description, HelpName = "A,B" };

    private static string[] Split(string? list)
        => list?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
}

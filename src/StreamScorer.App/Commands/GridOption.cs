using System.CommandLine;
using System.CommandLine.Parsing;
using StreamScorer.Training.Learning;
using StreamScorer.Training.Tuning;

namespace StreamScorer.App.Commands;

/// <summary><c>--grid depth=6,8,10</c>, once per setting: try every combination instead of random settings.</summary>
internal sealed class GridOption
{
    public GridOption() => Option.Validators.Add(result =>
    {
        foreach (var token in result.Tokens)
            if (Parse(token.Value, out var problem) is null)
                result.AddError(problem);
    });

    public Option<string[]> Option { get; } = new("--grid")
    {
        Description = "Try every combination of these values instead of random settings; once per setting.",
        HelpName = "NAME=A,B",
    };

    /// <summary>Refuses settings that the algorithm does not know; does nothing where the grid itself is wrong.</summary>
    public void RefuseForeign(CommandResult result, AlgorithmOptions algorithms)
    {
        if (algorithms.Chosen(result) is not { } algorithm) return;
        foreach (var token in result.GetResult(Option)?.Tokens ?? [])
            if (Parse(token.Value, out _) is { } axis && !axis.Setting.Algorithms.Contains(algorithm))
                result.AddError($"--grid: {axis.Setting.Name} is no setting of {AlgorithmOptions.NameOf(algorithm)}.");
    }

    public IReadOnlyList<GridAxis> Read(ParseResult parsed)
        => [.. (parsed.GetValue(Option) ?? []).Select(text => Parse(text, out _)!)];

    private static GridAxis? Parse(string text, out string problem)
    {
        var parts = text.Split('=', 2, StringSplitOptions.TrimEntries);
        var setting = AlgorithmSetting.All.FirstOrDefault(candidate => candidate.Name == parts[0]);
        problem = setting is null
            ? $"--grid: there is no setting '{parts[0]}'; there are {string.Join(", ", AlgorithmSetting.All.Select(s => s.Name))}."
            : $"--grid {parts[0]} takes values with commas between, each {setting.Range}: --grid {parts[0]}=A,B.";
        if (setting is null || parts.Length < 2) return null;
        var values = parts[1].Split(',', StringSplitOptions.TrimEntries).Select(setting.Parse).ToArray();
        return Array.TrueForAll(values, value => value is not null)
            ? new GridAxis(setting, [.. values.Select(value => value!.Value)])
            : null;
    }
}

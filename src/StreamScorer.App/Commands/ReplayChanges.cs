using System.CommandLine;
using StreamScorer.Training.Replay;

namespace StreamScorer.App.Commands;

/// <summary>Options of <c>replay</c> that spoil one feature, to see drift and its alert name it.</summary>
internal sealed class ReplayChanges
{
    private readonly Option<string[]> _shift = new("--shift")
    {
        Description = "Add to a numeric feature: Feature=+2sd (standard deviations of the dataset) or Feature=-3.5. May be repeated, as the next three.",
        HelpName = "FEATURE=BY",
    };

    private readonly Option<string[]> _drop = new("--drop") { Description = "Leave a feature's field out.", HelpName = "FEATURE" };

    private readonly Option<string[]> _null = new("--null") { Description = "Make a share of a feature's values null: Feature=0.5.", HelpName = "FEATURE=SHARE" };

    private readonly Option<string[]> _category = new("--category")
    {
        Description = "Put one text into a categorical feature: Feature=New value.",
        HelpName = "FEATURE=TEXT",
    };

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> Options => [_shift, _drop, _null, _category];

    /// <summary>Adds them, and tells what cannot be read.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in Options)
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            try
            {
                _ = Read(result.GetValue);
            }
            catch (FormatException fault)
            {
                result.AddError(fault.Message);
            }
        });
    }

    /// <summary>The changes that were asked for.</summary>
    public IReadOnlyList<FeatureChange> Of(ParseResult parsed) => Read(parsed.GetValue);

    private List<FeatureChange> Read(Func<Option<string[]>, string[]?> values) =>
    [
        .. (values(_shift) ?? []).Select(FeatureChange.Shift), .. (values(_category) ?? []).Select(FeatureChange.Category),
        .. (values(_null) ?? []).Select(FeatureChange.Null), .. (values(_drop) ?? []).Select(FeatureChange.Drop),
    ];
}

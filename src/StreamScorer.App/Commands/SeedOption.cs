using System.CommandLine;
using StreamScorer.Training.Preparation;

namespace StreamScorer.App.Commands;

/// <summary><c>--seed N</c>: everything random in a verb follows from it.</summary>
internal static class SeedOption
{
    public static Option<long> Create(string description) => new("--seed")
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => PreparationOptions.DefaultSeed,
    };
}

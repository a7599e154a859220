using System.CommandLine;
using System.Globalization;

namespace StreamScorer.App.Commands;

/// <summary>Options that take a number within bounds; anything else is bad usage, told with the bounds.</summary>
internal static class BoundedOption
{
    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>; null when not given.</summary>
    public static Option<int?> Int(string name, string description, int least, int most, int? fallback = null) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => fallback,
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                && value >= least && value <= most)
                return value;
            result.AddError($"{name} takes a whole number from {least} to {most}, not '{text}'.");
            return null;
        },
    };
}

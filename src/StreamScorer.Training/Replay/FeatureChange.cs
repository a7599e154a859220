using System.Globalization;

namespace StreamScorer.Training.Replay;

/// <summary>
/// Something that goes wrong with one feature of a replayed stream, as producers do it: its distribution shifts, its field is
/// left out, it floods with nulls, or a category appears that training never saw.
/// </summary>
/// <param name="Feature">Business or stream name.</param>
public abstract record FeatureChange(string Feature)
{
    /// <summary><c>TotalVisits=+2sd</c> or <c>TotalVisits=-3.5</c>: adds to every value, in standard deviations of the dataset or as it is.</summary>
    /// <exception cref="FormatException">Not of this form.</exception>
    public static FeatureChange Shift(string text)
    {
        var (feature, amount) = Split(text, "TotalVisits=+2sd");
        var inDeviations = amount.EndsWith("sd", StringComparison.Ordinal);
        return new Shifted(feature, Number(inDeviations ? amount[..^2] : amount, text), inDeviations);
    }

    /// <summary><c>TotalVisits=0.5</c>: makes this share of the values null, above 0 and up to 1.</summary>
    /// <exception cref="FormatException">Not of this form.</exception>
    public static FeatureChange Null(string text)
    {
        var (feature, amount) = Split(text, "TotalVisits=0.5");
        return Number(amount, text) is > 0 and <= 1 and var share
            ? new Nulled(feature, share)
            : throw new FormatException($"'{text}': the share of nulls is above 0 and at most 1.");
    }

    /// <summary><c>City=New value</c>: this text in every event.</summary>
    /// <exception cref="FormatException">Not of this form.</exception>
    public static FeatureChange Category(string text)
    {
        var (feature, value) = Split(text, "City=Atlantis");
        return new Renamed(feature, value);
    }

    /// <summary><c>TotalVisits</c>: events do not carry the field.</summary>
    public static FeatureChange Drop(string feature) => new Dropped(feature);

    private static (string Feature, string Value) Split(string text, string example)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at > 0 && at < text.Length - 1 ? (text[..at], text[(at + 1)..]) : throw new FormatException($"'{text}' is not of the form {example}.");
    }

    private static double Number(string amount, string text) =>
        double.TryParse(amount, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : throw new FormatException($"'{text}': '{amount}' is not a number.");
}

/// <summary>Every value moves by as much.</summary>
internal sealed record Shifted(string Feature, double Amount, bool InDeviations) : FeatureChange(Feature);

/// <summary>The field is missing.</summary>
internal sealed record Dropped(string Feature) : FeatureChange(Feature);

/// <summary>A share of the values is null.</summary>
internal sealed record Nulled(string Feature, double Share) : FeatureChange(Feature);

/// <summary>One category everywhere.</summary>
internal sealed record Renamed(string Feature, string Value) : FeatureChange(Feature);

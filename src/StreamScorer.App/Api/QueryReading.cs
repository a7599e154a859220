using System.Globalization;
using StreamScorer.Features;

namespace StreamScorer.App.Api;

/// <summary>Reads the parameters of a query and gathers everything that is wrong with them.</summary>
internal sealed class QueryReading(IQueryCollection query)
{
    private readonly List<RequestFault> _faults = [];

    /// <summary>What was wrong so far.</summary>
    public IReadOnlyList<RequestFault> Faults => _faults;

    /// <summary>A parameter as text; null where it is absent.</summary>
    public string? Text(string name)
    {
        if (!query.TryGetValue(name, out var values))
            return null;
        if (values.Count > 1)
            Refuse(name, "duplicate_name", "The parameter occurs twice.");
        return values[0];
    }

    /// <summary>A whole number within bounds.</summary>
    public int Int(string name, int least, int most, int otherwise)
    {
        if (Text(name) is not { } text)
            return otherwise;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
            return value;
        Refuse(name, "out_of_range", FormattableString.Invariant($"Takes a whole number from {least} to {most}."));
        return otherwise;
    }

    /// <summary>A number from 0 to 1.</summary>
    public double? Share(string name)
    {
        if (Text(name) is not { } text)
            return null;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 1)
            return value;
        Refuse(name, "out_of_range", "Takes a number from 0 to 1.");
        return null;
    }

    /// <summary>One of a few words.</summary>
    public string? OneOf(string name, string[] words)
    {
        if (Text(name) is not { } text)
            return null;
        if (words.Contains(text, StringComparer.Ordinal))
            return text;
        Refuse(name, "out_of_range", $"Takes one of {string.Join(", ", words)}.");
        return null;
    }

    /// <summary>Every other parameter: those with the prefix, without it; any other is a fault.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Rest(string[] known, string prefix)
    {
        var rest = new List<KeyValuePair<string, string>>();
        foreach (var (name, values) in query)
        {
            if (known.Contains(name, StringComparer.Ordinal))
                continue;
            if (name.StartsWith(prefix, StringComparison.Ordinal) && name.Length > prefix.Length && values.Count == 1 && rest.Count < 20)
                rest.Add(KeyValuePair.Create(name[prefix.Length..], values[0] ?? ""));
            else
                _faults.Add(new RequestFault(RequestFaultKind.Value, "?", "unknown_parameter",
                    $"Known parameters are {string.Join(", ", known)} and {prefix}NAME (each once)."));
        }

        return rest;
    }

    /// <summary>Notes a fault.</summary>
    public void Refuse(string name, string code, string detail) =>
        _faults.Add(new RequestFault(RequestFaultKind.Value, "?" + name, code, detail));
}

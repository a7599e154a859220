using System.Text.Json;

namespace StreamScorer.Training.Generation;

/// <summary>A half-open range of a number's values: above <see cref="Low"/>, up to and with <see cref="High"/>.</summary>
internal readonly record struct ValueRange(double Low, double High);

/// <summary>
/// What the generator knows about leads: <c>lead-facts.json</c>, the shares and conversion rates of an existing table's
/// values, singly and for the pairs of columns that depend on each other. It holds no rows.
/// </summary>
/// <remarks>
/// From a value's share s and conversion rate c follows its weight among the leads that convert, s·c, and among those
/// that do not, s·(1 − c) (Bayes' rule without its constant denominator).
/// </remarks>
internal sealed class LeadFacts
{
    private readonly Dictionary<(string Column, bool Converted), WeightedChoice<string?>> _marginal = [];
    private readonly Dictionary<(string Column, bool Converted), WeightedChoice<string?>> _known = [];
    private readonly Dictionary<(string Column, string Given, string Value, bool Converted), WeightedChoice<string?>> _given = [];
    private readonly Dictionary<(string Column, bool Converted), WeightedChoice<ValueRange>> _ranges = [];
    private readonly Dictionary<(string Column, bool Converted), double> _nullShare = [];
    private readonly Dictionary<string, double> _zeroTime = [];

    private LeadFacts(JsonElement root)
    {
        Conversion = root.GetProperty("conversion").GetDouble();
        foreach (var column in root.GetProperty("categorical").EnumerateObject()) AddCategorical(column);
        foreach (var column in root.GetProperty("numeric").EnumerateObject()) AddNumeric(column);
        foreach (var pair in root.GetProperty("given").EnumerateArray()) AddPair(pair);
        foreach (var origin in root.GetProperty("zeroTimeShare").EnumerateArray())
            _zeroTime[origin[0].GetString()!] = origin[1].GetDouble();
    }

    public static LeadFacts Instance { get; } = Load();

    /// <summary>Share of leads that convert.</summary>
    public double Conversion { get; }

    /// <summary>Values of a text column, null among them, for leads with this outcome.</summary>
    public WeightedChoice<string?> Values(string column, bool converted) => _marginal[(column, converted)];

    /// <summary>Values of a text column without null and <c>Select</c>.</summary>
    public WeightedChoice<string?> KnownValues(string column, bool converted) => _known[(column, converted)];

    /// <summary>Values of a text column where another column has a value; where that value is too rare, of all leads.</summary>
    public WeightedChoice<string?> ValuesGiven(string column, string given, string? value, bool converted)
        => value is not null && _given.TryGetValue((column, given, value, converted), out var choice)
            ? choice
            : Values(column, converted);

    public WeightedChoice<ValueRange> Ranges(string column, bool converted) => _ranges[(column, converted)];

    /// <summary>Share of nulls of a numeric column among leads with this outcome.</summary>
    public double NullShare(string column, bool converted) => _nullShare[(column, converted)];

    /// <summary>Share of leads of this origin that never spent time on the site (no visits, no page views either).</summary>
    public double ZeroTimeShare(string? origin) => origin is null ? 0 : _zeroTime.GetValueOrDefault(origin);

    private static LeadFacts Load()
    {
        using var resource = typeof(LeadFacts).Assembly.GetManifestResourceStream("lead-facts.json")
            ?? throw new InvalidOperationException("The resource lead-facts.json is not in the assembly.");
        using var json = JsonDocument.Parse(resource);
        return new LeadFacts(json.RootElement);
    }

    private void AddCategorical(JsonProperty column)
    {
        foreach (var converted in new[] { false, true })
        {
            _marginal[(column.Name, converted)] = Choice(column.Value, converted);
            var known = column.Value.EnumerateArray().Where(value => value[0].GetString() is not (null or "Select"));
            _known[(column.Name, converted)] = new(known.Select(value => (value[0].GetString(), Weight(value, 1, converted))));
        }
    }

    private void AddNumeric(JsonProperty column)
    {
        foreach (var converted in new[] { false, true })
        {
            _ranges[(column.Name, converted)] = new(column.Value.GetProperty("bins").EnumerateArray().Select(
                bin => (new ValueRange(bin[0].GetDouble(), bin[1].GetDouble()), Weight(bin, 2, converted))));
            var nulls = column.Value.GetProperty("nullShare").GetDouble();
            var conversion = column.Value.GetProperty("nullConversion").GetDouble();
            _nullShare[(column.Name, converted)] = converted
                ? nulls * conversion / Conversion
                : nulls * (1 - conversion) / (1 - Conversion);
        }
    }

    private void AddPair(JsonElement pair)
    {
        var column = pair.GetProperty("column").GetString()!;
        var given = pair.GetProperty("condition").GetString()!;
        foreach (var value in pair.GetProperty("values").EnumerateObject())
        {
            foreach (var converted in new[] { false, true })
            {
                if (value.Value.EnumerateArray().Any(entry => Weight(entry, 1, converted) > 0))
                    _given[(column, given, value.Name, converted)] = Choice(value.Value, converted);
            }
        }
    }

    private static WeightedChoice<string?> Choice(JsonElement values, bool converted)
        => new(values.EnumerateArray().Select(value => (value[0].GetString(), Weight(value, 1, converted))));

    /// <param name="entry">[…, share, conversion].</param>
    /// <param name="at">Position of the share.</param>
    private static double Weight(JsonElement entry, int at, bool converted)
    {
        var conversion = entry[at + 1].GetDouble();
        return entry[at].GetDouble() * (converted ? conversion : 1 - conversion);
    }
}

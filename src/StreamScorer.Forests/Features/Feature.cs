using System.Buffers.Text;
using System.Globalization;

namespace StreamScorer.Forests;

/// <summary>
/// One trained feature: its names and everything needed to turn a text or JSON value into the double of a feature row.
/// Immutable; lookups take UTF-8 and allocate nothing.
/// </summary>
public sealed class Feature
{
    /// <summary>
    /// Code of the rare bucket of every categorical feature. It stands for the trained categories that were too rare for a
    /// code of their own and for every text never seen in training.
    /// </summary>
    public const int RareCode = 0;

    /// <summary>How the rare bucket is called in <see cref="Categories"/>; it never matches a text.</summary>
    public const string RareName = "(rare or unseen)";

    /// <summary>2000-01-01T00:00:00Z in microseconds since 1970: the earliest time of an event that is believed.</summary>
    public const long EarliestEventMicros = 946_684_800_000_000;

    private readonly Utf8Dictionary _categoryCodes;
    private readonly Utf8Dictionary _nullTokens;

    internal Feature(
        int index, FeatureSpec spec, FeatureKind kind, bool required, double imputedValue,
        IReadOnlyList<string> nullTokens, IReadOnlyList<string> categories)
    {
        Index = index;
        Name = spec.Name;
        ColumnName = spec.ColumnName;
        StreamName = spec.StreamName;
        ApiName = spec.ApiName;
        Kind = kind;
        Required = required;
        ImputedValue = imputedValue;
        BucketEdges = spec.BucketEdges ?? [];
        NullTokens = nullTokens;
        Categories = categories;
        _nullTokens = new Utf8Dictionary(nullTokens, [.. Enumerable.Range(0, nullTokens.Count)]);
        var named = categories.Skip(RareCode + 1).ToList();
        _categoryCodes = new Utf8Dictionary(named, [.. Enumerable.Range(RareCode + 1, named.Count)]);
    }

    /// <summary>Position in the schema and in a feature row.</summary>
    public int Index { get; }

    public string Name { get; }

    public string ColumnName { get; }

    public string StreamName { get; }

    public string ApiName { get; }

    public FeatureKind Kind { get; }

    /// <summary>Texts that mean "no value", compared exactly (no case folding, no trimming).</summary>
    public IReadOnlyList<string> NullTokens { get; }

    /// <summary>
    /// Categorical: texts by code, the rare bucket (<see cref="RareName"/>) first. Empty for the other kinds.
    /// </summary>
    public IReadOnlyList<string> Categories { get; }

    /// <summary>Whether an event must carry the field's name (an explicit null is allowed and imputed).</summary>
    public bool Required { get; }

    /// <summary>
    /// What a missing value stands for where a tree learned nothing about missing ones: the training median (numeric,
    /// timestamp), 0 or 1 (boolean) or the code of the commonest category.
    /// </summary>
    public double ImputedValue { get; }

    /// <summary>Inner edges of left-closed buckets, ascending; empty when the feature is not bucketised.</summary>
    public IReadOnlyList<double> BucketEdges { get; }

    /// <summary>Number of codes of a categorical feature, rare bucket included; 0 for the other kinds.</summary>
    public int CategoryCount => Categories.Count;

    public bool IsNullToken(ReadOnlySpan<byte> utf8) => _nullTokens.TryGet(utf8, out _);

    /// <summary>
    /// Code of a category text. False: the text has no code of its own (rare in training or never seen) and
    /// <paramref name="code"/> is the rare bucket's.
    /// </summary>
    public bool TryGetCategory(ReadOnlySpan<byte> utf8, out int code)
    {
        if (_categoryCodes.TryGet(utf8, out code))
            return true;
        code = RareCode;
        return false;
    }

    /// <summary>
    /// Invariant decimal or exponent notation. False for anything else, for NaN and infinities in words and for numbers
    /// beyond double; nothing is trimmed.
    /// </summary>
    public static bool TryParseNumber(ReadOnlySpan<byte> utf8, out double value) =>
        double.TryParse(utf8, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    /// <summary>true, false (also capitalised), yes, no, 1, 0; the value is 1 or 0.</summary>
    public static bool TryParseBoolean(ReadOnlySpan<byte> utf8, out double value)
    {
        var isTrue = utf8.SequenceEqual("true"u8) || utf8.SequenceEqual("True"u8) || utf8.SequenceEqual("TRUE"u8)
            || utf8.SequenceEqual("1"u8) || utf8.SequenceEqual("yes"u8) || utf8.SequenceEqual("Yes"u8);
        var isFalse = utf8.SequenceEqual("false"u8) || utf8.SequenceEqual("False"u8) || utf8.SequenceEqual("FALSE"u8)
            || utf8.SequenceEqual("0"u8) || utf8.SequenceEqual("no"u8) || utf8.SequenceEqual("No"u8);
        value = isTrue ? 1 : 0;
        return isTrue || isFalse;
    }

    /// <summary>
    /// RFC 3339 (offset or Z; a date alone is midnight UTC) or epoch milliseconds, to microseconds since 1970 UTC: what the
    /// stream takes as text and as a number.
    /// </summary>
    public static bool TryParseTimestamp(ReadOnlySpan<byte> utf8, out long epochMicros)
    {
        epochMicros = 0;
        if (utf8.Length is 0 or > 40)
            return false;
        if (Utf8Parser.TryParse(utf8, out long millis, out var used) && used == utf8.Length)
        {
            var inRange = millis is > -253_402_300_800_000 and < 253_402_300_800_000;
            epochMicros = inRange ? millis * 1000 : 0;
            return inRange;
        }

        return Rfc3339.TryParse(utf8, out epochMicros, allowDateAlone: true);
    }

    /// <summary>The value of a timestamp feature: days (with fraction) from the timestamp to the event.</summary>
    public static double AgeInDays(long timestampMicros, long eventMicros) => (eventMicros - timestampMicros) / 86_400_000_000.0;

    /// <summary>
    /// The feature as engineered for people and for Parquet's engineered columns: missing values imputed, bucketised
    /// features as their bucket index (0-based). Trees reach the same result from the raw value.
    /// </summary>
    public double Engineer(double value)
    {
        var present = double.IsNaN(value) ? ImputedValue : value;
        if (BucketEdges.Count == 0)
            return present;
        var bucket = 0;
        while (bucket < BucketEdges.Count && present >= BucketEdges[bucket])
            bucket++;
        return bucket;
    }
}

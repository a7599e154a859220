using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using StreamScorer.Forests;

namespace StreamScorer.Features;

/// <summary>
/// What the decoder needs to know of one feature, laid out for speed: null tokens and categories share one lookup, so that
/// a categorical value costs a single probe. Immutable.
/// </summary>
internal sealed class FeatureColumn
{
    /// <summary>The lookup's value for a null token.</summary>
    public const int NullCode = -1;

    private const int RareIndex = Feature.RareCode - NullCode;

    private readonly Utf8Lookup _codes;

    // NaN, then every code as a double: a look-up where null tokens, which come and go, would be a branch.
    private readonly double[] _rowValues;

    public FeatureColumn(Feature feature)
    {
        Definition = feature;
        Kind = feature.Kind;
        var codes = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var category in feature.Categories)
            if (feature.TryGetCategory(Encoding.UTF8.GetBytes(category), out var code))
                codes[category] = code;
        foreach (var token in feature.NullTokens)
            codes[token] = NullCode;
        _codes = new Utf8Lookup(codes);
        _rowValues = [double.NaN, .. Enumerable.Range(0, Math.Max(1, feature.CategoryCount)).Select(code => (double)code)];
        JsonName = Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(feature.StreamName, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\":");
    }

    /// <summary>The feature in the model's schema.</summary>
    public Feature Definition { get; }

    /// <summary>Its kind, kept here because it is read for every value.</summary>
    public FeatureKind Kind { get; }

    /// <summary>The stream name as it stands in JSON, with quotes and colon, UTF-8.</summary>
    public byte[] JsonName { get; }

    /// <summary>Whether a text means that the value is missing.</summary>
    public bool IsNullToken(Utf8Text text) => _codes.TryGet(text, out var code) && code == NullCode;

    /// <summary>The row value of a category: its code, the rare bucket's where training never saw it, NaN for a null token.</summary>
    public double Encode(Utf8Text text, out bool unseen)
    {
        unseen = !_codes.TryGet(text, out var code);
        return _rowValues[unseen ? RareIndex : code - NullCode];
    }

    /// <summary>The same for a text of at most 32 bytes, given as those bytes with zeros behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Encode(Vector256<byte> block, int length, out bool unseen)
    {
        unseen = !_codes.TryGet(block, length, out var code);
        return _rowValues[unseen ? RareIndex : code - NullCode];
    }
}

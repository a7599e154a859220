using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using StreamScorer.Forests;

namespace StreamScorer.Scoring;

/// <summary>
/// Words for the reasons of a score, made once per model: names and categories stand ready as escaped UTF-8, so that a
/// reason is a few copies and two formatted numbers. Immutable.
/// </summary>
internal sealed class ReasonText
{
    private static readonly double[] PowersOfTen = [1, 10, 100, 1_000, 10_000];
    private static readonly string[] PlainFormats = ["0", "0.#", "0.##", "0.###", "0.####"];

    private readonly FeatureSchema _schema;
    private readonly byte[][] _openings;
    private readonly byte[][][] _categories;

    public ReasonText(FeatureSchema schema)
    {
        _schema = schema;
        _openings = [.. schema.Features.Select(feature => Encoding.UTF8.GetBytes(
            $$"""{"feature":"{{Escape(feature.StreamName)}}","text":"{{Escape(ToWords(feature.Name))}}: """))];
        _categories = [.. schema.Features.Select(feature => feature.Categories
            .Select((text, code) => Encoding.UTF8.GetBytes(code == Feature.RareCode ? "another value" : Escape(text)))
            .ToArray())];
    }

    /// <summary>Appends a JSON array with one object per feature in <paramref name="features"/>.</summary>
    /// <param name="row">The feature row.</param>
    /// <param name="contributions">Shares of the raw output by feature.</param>
    /// <param name="features">Which features, in this order.</param>
    /// <param name="json">Receives UTF-8.</param>
    public void Append(
        ReadOnlySpan<double> row, ReadOnlySpan<double> contributions, ReadOnlySpan<int> features, IBufferWriter<byte> json)
    {
        json.Write("["u8);
        for (var i = 0; i < features.Length; i++)
        {
            var feature = features[i];
            if (i > 0)
                json.Write(","u8);
            json.Write(_openings[feature]);
            AppendValue(feature, row[feature], json);
            json.Write(contributions[feature] > 0
                ? ", raises the score\",\"contribution\":"u8
                : ", lowers the score\",\"contribution\":"u8);
            AppendNumber(contributions[feature], 4, json);
            json.Write("}"u8);
        }

        json.Write("]"u8);
    }

    /// <summary>A business name as words: <c>LastAction</c> becomes "Last action", <c>URLCount</c> "URL count".</summary>
    internal static string ToWords(string name)
    {
        var words = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var letter = name[i];
            var startsWord = i > 0 && char.IsUpper(letter)
                && (char.IsLower(name[i - 1]) || char.IsDigit(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (letter is '_' or '-' or '.')
                letter = ' ';
            else if (startsWord && name[i - 1] is not ('_' or '-' or '.' or ' '))
                words.Append(' ');
            var inAcronym = i + 1 < name.Length && char.IsUpper(letter) && char.IsUpper(name[i + 1]);
            var word = startsWord && !inAcronym ? char.ToLowerInvariant(letter) : letter;
            words.Append(i == 0 ? char.ToUpperInvariant(letter) : word);
        }

        return words.ToString();
    }

    private void AppendValue(int feature, double value, IBufferWriter<byte> json)
    {
        if (double.IsNaN(value))
        {
            json.Write("not given"u8);
            return;
        }

        switch (_schema.Features[feature].Kind)
        {
            case FeatureKind.Categorical:
                json.Write(_categories[feature][(int)value]);
                break;
            case FeatureKind.Boolean:
                json.Write(value != 0 ? "yes"u8 : "no"u8);
                break;
            case FeatureKind.Timestamp:
                AppendNumber(Math.Abs(value), 1, json);
                json.Write(value >= 0 ? " days before the event"u8 : " days after the event"u8);
                break;
            default:
                AppendNumber(value, 3, json);
                break;
        }
    }

    /// <summary>
    /// Appends a number rounded to so many decimals, without trailing zeros: what the format <c>0.####</c> gives, in a
    /// fifth of its time.
    /// </summary>
    internal static void AppendNumber(double value, int decimals, IBufferWriter<byte> json)
    {
        var scaled = Math.Abs(value) * PowersOfTen[decimals];
        var whole = Math.Floor(scaled);
        var rest = scaled - whole;
        // Near a tie, and beyond what a double scales without a rounding of its own, only the exact digits tell.
        if (!(scaled < 1e9) || Math.Abs(rest - 0.5) < 1e-6 || (double.IsNegative(value) && scaled < 0.5))
        {
            AppendExactly(value, decimals, json);
            return;
        }

        var rounded = (long)whole + (rest > 0.5 ? 1 : 0);
        var places = decimals;
        for (; places > 0 && rounded % 10 == 0; places--)
            rounded /= 10;
        var text = json.GetSpan(32);
        var length = 0;
        if (value < 0)
            text[length++] = (byte)'-';
        var (integer, fraction) = Math.DivRem(rounded, (long)PowersOfTen[places]);
        integer.TryFormat(text[length..], out var written, default, CultureInfo.InvariantCulture);
        length += written;
        if (places > 0)
        {
            text[length++] = (byte)'.';
            for (var place = places - 1; place >= 0; place--, fraction /= 10)
                text[length + place] = (byte)('0' + (fraction % 10));
            length += places;
        }

        json.Advance(length);
    }

    // Beyond 15 digits a plain format would write hundreds of zeros.
    private static void AppendExactly(double value, int decimals, IBufferWriter<byte> json)
    {
        var format = Math.Abs(value) < 1e15 ? PlainFormats[decimals] : "E5";
        value.TryFormat(json.GetSpan(64), out var written, format, CultureInfo.InvariantCulture);
        json.Advance(written);
    }

    // jsonb has no U+0000.
    private static string Escape(string text) =>
        JsonEncodedText.Encode(text.Replace('\0', '\uFFFD'), JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();
}

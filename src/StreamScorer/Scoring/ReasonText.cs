using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using StreamScorer.Forests;

namespace StreamScorer.Scoring;

/// <summary>
/// Words for the reasons of a score, made once per model: everything but numbers stands ready as escaped UTF-8, so that a
/// reason is a copy or two and a formatted number. Immutable.
/// </summary>
internal sealed class ReasonText
{
    // More than any number here takes: 15 digits, a sign, a point and four decimals.
    private const int NumberBytes = 32;

    private static readonly uint[] PowersOfTen = [1, 10, 100, 1_000, 10_000];
    private static readonly string[] PlainFormats = ["0", "0.#", "0.##", "0.###", "0.####"];

    private readonly FeatureSchema _schema;
    private readonly byte[][] _openings;
    private readonly Wording[][] _categories;
    private readonly int _mostBytes;

    public ReasonText(FeatureSchema schema)
    {
        _schema = schema;
        _openings = [.. schema.Features.Select(feature => Encoding.UTF8.GetBytes(Opening(feature)))];
        _categories = [.. schema.Features.Select(feature => feature.Categories
            .Select((text, code) => new Wording(Opening(feature) + (code == Feature.RareCode ? "another value" : Escape(text))))
            .ToArray())];
        var longest = _categories.SelectMany(wordings => wordings).Select(wording => wording.Lowers.Length)
            .Concat(_openings.Select(opening => opening.Length + NumberBytes + " days before the event".Length + Wording.Lowering.Length));
        _mostBytes = longest.Max() + NumberBytes + "[,}]".Length;
    }

    /// <summary>Appends a JSON array with one object per feature in <paramref name="features"/>.</summary>
    /// <param name="row">The feature row.</param>
    /// <param name="contributions">Shares of the raw output by feature.</param>
    /// <param name="features">Which features, in this order.</param>
    /// <param name="json">Receives UTF-8.</param>
    public void Append(
        ReadOnlySpan<double> row, ReadOnlySpan<double> contributions, ReadOnlySpan<int> features, IBufferWriter<byte> json)
    {
        if (features.IsEmpty)
        {
            json.Write("[]"u8);
            return;
        }

        var before = (byte)'[';
        foreach (var feature in features)
        {
            var text = json.GetSpan(_mostBytes);
            text[0] = before;
            var length = 1 + WriteSentence(feature, row[feature], contributions[feature] > 0, text[1..]);
            length += WriteNumber(contributions[feature], 4, text[length..]);
            text[length++] = (byte)'}';
            json.Advance(length);
            before = (byte)',';
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

    // Up to where the contribution stands. These return how many bytes they wrote.
    private int WriteSentence(int feature, double value, bool raises, Span<byte> text)
    {
        if (_schema.Features[feature].Kind == FeatureKind.Categorical && !double.IsNaN(value))
        {
            ref readonly var wording = ref _categories[feature][(int)value];
            return Write(raises ? wording.Raises : wording.Lowers, text);
        }

        var length = Write(_openings[feature], text);
        length += WriteValue(_schema.Features[feature].Kind, value, text[length..]);
        return length + Write(raises ? Wording.Raising : Wording.Lowering, text[length..]);
    }

    private static int WriteValue(FeatureKind kind, double value, Span<byte> text)
    {
        if (double.IsNaN(value))
            return Write("not given"u8, text);
        if (kind == FeatureKind.Boolean)
            return Write(value != 0 ? "yes"u8 : "no"u8, text);
        if (kind != FeatureKind.Timestamp)
            return WriteNumber(value, 3, text);
        var length = WriteNumber(Math.Abs(value), 1, text);
        return length + Write(value >= 0 ? " days before the event"u8 : " days after the event"u8, text[length..]);
    }

    private static int Write(ReadOnlySpan<byte> from, Span<byte> text)
    {
        from.CopyTo(text);
        return from.Length;
    }

    /// <summary>
    /// Writes a number rounded to so many decimals, without trailing zeros: what the format <c>0.####</c> gives, in a
    /// tenth of its time.
    /// </summary>
    /// <param name="value">Any number.</param>
    /// <param name="decimals">0 to 4.</param>
    /// <param name="text">At least 32 bytes long.</param>
    /// <returns>Bytes written.</returns>
    internal static int WriteNumber(double value, int decimals, Span<byte> text)
    {
        var scaled = Math.Abs(value) * PowersOfTen[decimals];
        var whole = Math.Floor(scaled);
        var rest = scaled - whole;
        // Near a tie, and beyond what a double scales without a rounding of its own, only the exact digits tell.
        if (!(scaled < 1e9) || Math.Abs(rest - 0.5) < 1e-6 || (double.IsNegative(value) && scaled < 0.5))
            return WriteExactly(value, decimals, text);

        var (integer, fraction) = Math.DivRem((uint)whole + (rest > 0.5 ? 1u : 0), PowersOfTen[decimals]);
        var length = 0;
        if (value < 0)
            text[length++] = (byte)'-';
        integer.TryFormat(text[length..], out var digits, default, CultureInfo.InvariantCulture);
        length += digits;
        if (fraction == 0)
            return length;

        text[length] = (byte)'.';
        length += decimals + 1;
        for (var place = 1; place <= decimals; place++, fraction /= 10)
            text[length - place] = (byte)('0' + (fraction % 10));
        while (text[length - 1] == '0')
            length--;
        return length;
    }

    // Beyond 15 digits a plain format would write hundreds of zeros.
    private static int WriteExactly(double value, int decimals, Span<byte> text)
    {
        var format = Math.Abs(value) < 1e15 ? PlainFormats[decimals] : "E5";
        value.TryFormat(text, out var written, format, CultureInfo.InvariantCulture);
        return written;
    }

    private static string Opening(Feature feature) =>
        $$"""{"feature":"{{Escape(feature.StreamName)}}","text":"{{Escape(ToWords(feature.Name))}}: """;

    // jsonb has no U+0000.
    private static string Escape(string text) =>
        JsonEncodedText.Encode(text.Replace('\0', '\uFFFD'), JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();

    /// <summary>A reason up to where the contribution stands, for either direction.</summary>
    private readonly struct Wording(string beginning)
    {
        public static ReadOnlySpan<byte> Raising => ", raises the score\",\"contribution\":"u8;

        public static ReadOnlySpan<byte> Lowering => ", lowers the score\",\"contribution\":"u8;

        public byte[] Raises { get; } = [.. Encoding.UTF8.GetBytes(beginning), .. Raising];

        public byte[] Lowers { get; } = [.. Encoding.UTF8.GetBytes(beginning), .. Lowering];
    }
}

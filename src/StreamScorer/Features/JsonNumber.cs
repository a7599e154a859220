using System.Globalization;

namespace StreamScorer.Features;

/// <summary>Numbers by the JSON grammar: <c>-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?</c>.</summary>
internal static class JsonNumber
{
    // Every power of ten that a double holds exactly.
    private static readonly double[] PowersOfTen =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
        1e21, 1e22,
    ];

    /// <summary>Reads the number at the start of <paramref name="json"/>, rounded to the nearest double.</summary>
    /// <returns>How many bytes the number has; 0 where there is none. Beyond double, the value is an infinity.</returns>
    /// <remarks>
    /// Up to 15 digits with a power of ten up to 22 are exact in one multiplication or division of two exact doubles
    /// (Clinger, "How to Read Floating Point Numbers Accurately", 1990); all else goes to the framework's parser.
    /// </remarks>
    public static int Read(ReadOnlySpan<byte> json, out double value)
    {
        value = 0;
        var i = 0;
        var negative = json.Length > 0 && json[0] == '-';
        if (negative)
            i++;
        var digitsStart = i;
        var mantissa = 0UL;
        while ((uint)i < (uint)json.Length && (uint)(json[i] - '0') <= 9)
            mantissa = (mantissa * 10) + (uint)(json[i++] - '0');
        var integerDigits = i - digitsStart;
        if (integerDigits == 0 || (integerDigits > 1 && json[digitsStart] == '0'))
            return 0;

        var fractionDigits = 0;
        if ((uint)i < (uint)json.Length && json[i] == '.')
        {
            var fractionStart = ++i;
            while ((uint)i < (uint)json.Length && (uint)(json[i] - '0') <= 9)
                mantissa = (mantissa * 10) + (uint)(json[i++] - '0');
            fractionDigits = i - fractionStart;
            if (fractionDigits == 0)
                return 0;
        }

        var hasExponent = (uint)i < (uint)json.Length && (json[i] | 0x20) == 'e';
        if (hasExponent && !TrySkipExponent(json, ref i))
            return 0;

        // 15 digits cannot have overflowed the mantissa and are below 2^53. A separate check keeps exponents off this path.
        if (!hasExponent && integerDigits + fractionDigits <= 15)
        {
            var exact = fractionDigits == 0 ? mantissa : mantissa / PowersOfTen[fractionDigits];
            value = negative ? -exact : exact;
            return i;
        }

        value = double.Parse(json[..i], NumberStyles.Float, CultureInfo.InvariantCulture);
        return i;
    }

    private static bool TrySkipExponent(ReadOnlySpan<byte> json, ref int i)
    {
        i++;
        if ((uint)i < (uint)json.Length && json[i] is (byte)'+' or (byte)'-')
            i++;
        var start = i;
        while ((uint)i < (uint)json.Length && (uint)(json[i] - '0') <= 9)
            i++;
        return i > start;
    }
}

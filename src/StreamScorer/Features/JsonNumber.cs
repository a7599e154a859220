using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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

    // As many digits cannot have overflowed the mantissa and are below 2^53.
    private const int MaxExactDigits = 15;

    private static readonly ulong[] WholePowersOfTen = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

    /// <summary>How many bytes must be readable for <see cref="ReadShort"/>.</summary>
    public const int ShortBytes = 32;

    /// <summary>Reads the number at the start of <paramref name="json"/>, rounded to the nearest double.</summary>
    /// <returns>How many bytes the number has; 0 where there is none. Beyond double, the value is an infinity.</returns>
    /// <remarks>
    /// Up to 15 digits with a power of ten up to 22 are exact in one multiplication or division of two exact doubles
    /// (Clinger, "How to Read Floating Point Numbers Accurately", 1990); all else goes to the framework's parser.
    /// </remarks>
    public static int Read(ReadOnlySpan<byte> json, out double value)
    {
        if (json.Length >= ShortBytes && ReadShort(ref MemoryMarshal.GetReference(json), out value) is > 0 and var length)
            return length;
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

        // A separate check keeps exponents off this path.
        if (!hasExponent && integerDigits + fractionDigits <= MaxExactDigits)
        {
            var exact = fractionDigits == 0 ? mantissa : mantissa / PowersOfTen[fractionDigits];
            value = negative ? -exact : exact;
            return i;
        }

        value = double.Parse(json[..i], NumberStyles.Float, CultureInfo.InvariantCulture);
        return i;
    }

    /// <summary>
    /// Reads what nearly all numbers are: up to 15 digits, at most 7 of them behind a point, without an exponent. Eight
    /// digits are found and added up at a time, so that their count, which changes from number to number, is no branch.
    /// </summary>
    /// <param name="json">The number's first byte; <see cref="ShortBytes"/> bytes must be readable.</param>
    /// <param name="value">What <see cref="Read"/> gives, to the bit.</param>
    /// <returns>How many bytes the number has; 0 where there is none or where it is not that short.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ReadShort(ref byte json, out double value)
    {
        value = 0;
        var negative = json == '-';
        var start = negative ? 1 : 0;
        var digits = ReadDigits(ref json, start, out var mantissa);
        if (digits == sizeof(ulong))
        {
            var more = ReadDigits(ref json, start + digits, out var rest);
            if (more > 0)
                mantissa = (mantissa * WholePowersOfTen[more]) + rest;
            digits += more;
        }

        if (digits is 0 or > MaxExactDigits || (digits > 1 && Unsafe.Add(ref json, start) == '0'))
            return 0;
        var end = start + digits;
        var fraction = 0;
        if (Unsafe.Add(ref json, end) == '.')
        {
            fraction = ReadDigits(ref json, end + 1, out var rest);
            if (fraction is 0 or sizeof(ulong) || digits + fraction > MaxExactDigits)
                return 0;
            mantissa = (mantissa * WholePowersOfTen[fraction]) + rest;
            end += 1 + fraction;
        }

        if ((Unsafe.Add(ref json, end) | 0x20) == 'e')
            return 0;
        var exact = fraction == 0 ? (long)mantissa : (long)mantissa / PowersOfTen[fraction];
        value = negative ? -exact : exact;
        return end;
    }

    // How many of the next eight bytes are digits before the first that is none, and the number that they write, if any.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ReadDigits(ref byte json, int start, out ulong value)
    {
        const ulong Zeros = 0x3030_3030_3030_3030;
        const ulong HighBits = 0x8080_8080_8080_8080;
        var bytes = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref json, start));
        if (!BitConverter.IsLittleEndian)
            bytes = BinaryPrimitives.ReverseEndianness(bytes);
        // A digit's byte becomes 0 to 9; whatever is more sets its high bit in the sum. Carries only reach later bytes.
        var values = bytes ^ Zeros;
        var count = BitOperations.TrailingZeroCount((values | (values + 0x7676_7676_7676_7676)) & HighBits) >> 3;
        // Zeros in front of the digits, then pairs, fours and the eight in three multiplications.
        values <<= 8 * (8 - count);
        values = (values * 10) + (values >> 8);
        value = (((values & 0x0000_00FF_0000_00FF) * 0x000F_4240_0000_0064)
            + (((values >> 16) & 0x0000_00FF_0000_00FF) * 0x0000_2710_0000_0001)) >> 32;
        return count;
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

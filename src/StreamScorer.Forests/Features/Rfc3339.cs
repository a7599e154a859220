using System.Runtime.CompilerServices;

namespace StreamScorer.Forests;

/// <summary>Times as RFC 3339 section 5.6 writes them, read from UTF-8 without a string.</summary>
public static class Rfc3339
{
    private const long MicrosPerSecond = 1_000_000;

    /// <summary>
    /// <c>2026-02-03T04:05:06.789Z</c> or with an offset <c>+01:00</c>; T and Z in either case, a space for the T. Digits
    /// beyond microseconds are cut off, and second 60 (a leap second) is the next minute's first.
    /// </summary>
    /// <param name="text">UTF-8 text.</param>
    /// <param name="micros">Microseconds since 1970 UTC.</param>
    /// <param name="allowDateAlone">Whether <c>2026-02-03</c> is taken as midnight UTC.</param>
    /// <returns>False for anything else, a date that the calendar lacks included.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)] // as in EventReader
    public static bool TryParse(ReadOnlySpan<byte> text, out long micros, bool allowDateAlone = false)
    {
        micros = 0;
        if (!TryParseDate(text, out var days))
            return false;
        micros = days * 86_400 * MicrosPerSecond;
        if (text.Length == 10)
            return allowDateAlone;
        if (text.Length < 20 || text[10] is not ((byte)'T' or (byte)'t' or (byte)' ') || text[13] != ':' || text[16] != ':')
            return false;
        var hour = Digits(text.Slice(11, 2));
        var minute = Digits(text.Slice(14, 2));
        var second = Digits(text.Slice(17, 2));
        if (hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 60)
            return false;
        micros += ((hour * 3600) + (minute * 60) + second) * MicrosPerSecond;

        var rest = text[19..];
        if (!TryTakeFraction(ref rest, ref micros) || !TryParseOffset(rest, out var offsetMinutes))
            return false;
        micros -= offsetMinutes * 60 * MicrosPerSecond;
        return true;
    }

    private static bool TryParseDate(ReadOnlySpan<byte> text, out long daysSince1970)
    {
        daysSince1970 = 0;
        if (text.Length < 10 || text[4] != '-' || text[7] != '-')
            return false;
        var year = Digits(text[..4]);
        var month = Digits(text.Slice(5, 2));
        var day = Digits(text.Slice(8, 2));
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;
        var midnight = new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc);
        daysSince1970 = (midnight.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerDay;
        return true;
    }

    private static bool TryTakeFraction(ref ReadOnlySpan<byte> rest, ref long micros)
    {
        if (rest.IsEmpty || rest[0] != '.')
            return true;
        var end = 1;
        var unit = MicrosPerSecond / 10;
        for (; end < rest.Length && char.IsAsciiDigit((char)rest[end]); end++)
        {
            micros += (rest[end] - '0') * unit;
            unit /= 10;
        }

        rest = rest[end..];
        return end > 1;
    }

    private static bool TryParseOffset(ReadOnlySpan<byte> rest, out int minutes)
    {
        minutes = 0;
        if (rest.Length == 1)
            return rest[0] is (byte)'Z' or (byte)'z';
        if (rest.Length != 6 || rest[0] is not ((byte)'+' or (byte)'-') || rest[3] != ':')
            return false;
        var hours = Digits(rest.Slice(1, 2));
        var rem = Digits(rest.Slice(4, 2));
        if (hours is < 0 or > 23 || rem is < 0 or > 59)
            return false;
        minutes = ((hours * 60) + rem) * (rest[0] == '-' ? -1 : 1);
        return true;
    }

    // The value of a few ASCII digits; -1 where any of them is something else.
    private static int Digits(ReadOnlySpan<byte> text)
    {
        var value = 0;
        foreach (var digit in text)
        {
            if (!char.IsAsciiDigit((char)digit))
                return -1;
            value = (value * 10) + (digit - '0');
        }

        return value;
    }
}

using System.Globalization;
using System.Text;
using StreamScorer.Parquet;

namespace StreamScorer.App.ParquetFiles;

/// <summary>Values and bounds of Parquet columns as people read them; everything invariant, times in UTC.</summary>
internal static class ValueText
{
    /// <summary>Characters of text, and bytes of binary values, that a table shows.</summary>
    private const int MostCharacters = 40;

    private const long MicrosPerSecond = 1_000_000;

    /// <summary>A value; null where it is missing.</summary>
    public static string? Of(ColumnValues values, ParquetColumn column, int row)
    {
        if (values.IsNull(row))
            return null;
        return column.Type switch
        {
            ParquetType.Boolean => values.GetBoolean(row) ? "true" : "false",
            ParquetType.Float => values.GetFloat(row).ToString("R", CultureInfo.InvariantCulture),
            ParquetType.Double => values.GetDouble(row).ToString("R", CultureInfo.InvariantCulture),
            ParquetType.String => Encoding.UTF8.GetString(values.GetBytes(row)),
            ParquetType.Binary => Hex(values.GetBytes(row)),
            _ => Whole(values.GetInt64(row), column),
        };
    }

    /// <summary>The lower and the upper bound of a column's values; null where the file has none.</summary>
    public static (string? Min, string? Max) Bounds(ColumnStatistics statistics, ParquetColumn column)
    {
        if (!statistics.HasBounds)
            return (null, null);
        return column.Type switch
        {
            ParquetType.Boolean => (statistics.MinInt64 == 0 ? "false" : "true", statistics.MaxInt64 == 0 ? "false" : "true"),
            ParquetType.Float or ParquetType.Double => (Real(statistics.MinDouble), Real(statistics.MaxDouble)),
            ParquetType.String => (Encoding.UTF8.GetString(statistics.MinBytes.Span), Encoding.UTF8.GetString(statistics.MaxBytes.Span)),
            ParquetType.Binary => (Hex(statistics.MinBytes.Span), Hex(statistics.MaxBytes.Span)),
            _ => (Whole(statistics.MinInt64, column), Whole(statistics.MaxInt64, column)),
        };
    }

    /// <summary>Text for one line of a table: without control characters, cut where it is long.</summary>
    public static string Cell(string? text)
    {
        if (text is null)
            return "";
        var cut = text.Length <= MostCharacters ? text : $"{text.AsSpan(0, MostCharacters)}…";
        return string.Concat(cut.Select(c => char.IsControl(c) ? '\uFFFD' : c));
    }

    /// <summary>The type of a column with its parameters: <c>Decimal(9, 2)?</c>.</summary>
    public static string TypeOf(ParquetColumn column)
    {
        var type = column.Type == ParquetType.Decimal
            ? string.Create(CultureInfo.InvariantCulture, $"Decimal({column.Precision}, {column.Scale})")
            : column.Type.ToString();
        return column.Nullable ? $"{type}?" : type;
    }

    private static string Whole(long value, ParquetColumn column) => column.Type switch
    {
        ParquetType.Date => Date(value),
        ParquetType.TimestampMicros => Timestamp(value),
        ParquetType.Decimal => Decimal(value, column.Scale),
        _ => value.ToString(CultureInfo.InvariantCulture),
    };

    private static string Real(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Hex(ReadOnlySpan<byte> bytes) => bytes.Length <= MostCharacters / 2
        ? $"0x{Convert.ToHexString(bytes)}"
        : $"0x{Convert.ToHexString(bytes[..(MostCharacters / 2)])}… ({bytes.Length} bytes)";

    // Days and microseconds that the calendar does not have stay numbers.
    private static string Date(long days) => days is >= -719_162 and <= 2_932_896
        ? DateOnly.FromDayNumber((int)days + 719_162).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{days} days");

    private static string Timestamp(long micros)
    {
        var seconds = Math.DivRem(micros, MicrosPerSecond).Quotient;
        if (seconds is < -62_135_596_800 + 1 or > 253_402_300_799 - 1)
            return string.Create(CultureInfo.InvariantCulture, $"{micros} µs");
        return DateTime.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond)
            .ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
    }

    private static string Decimal(long unscaled, int scale)
    {
        var digits = (ulong)Math.Abs((decimal)unscaled);
        return new decimal((int)digits, (int)(digits >> 32), 0, unscaled < 0, (byte)scale).ToString(CultureInfo.InvariantCulture);
    }
}

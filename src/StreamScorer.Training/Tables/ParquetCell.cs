using System.Globalization;
using StreamScorer.Parquet;

namespace StreamScorer.Training.Tables;

/// <summary>A Parquet value as the text a CSV file would hold.</summary>
internal static class ParquetCell
{
    /// <summary>Null for null, and for a number that is not finite: a model takes both as missing.</summary>
    /// <exception cref="NotSupportedException">A type whose values are not text, numbers, dates or booleans.</exception>
    public static string? Text(ColumnValues values, int row)
    {
        if (values.IsNull(row)) return null;
        return values.Type switch
        {
            ParquetType.String => values.GetString(row),
            ParquetType.Boolean => values.GetBoolean(row) ? "true" : "false",
            ParquetType.Int32 => values.GetInt32(row).ToString(CultureInfo.InvariantCulture),
            ParquetType.Int64 => values.GetInt64(row).ToString(CultureInfo.InvariantCulture),
            ParquetType.Float => Finite(values.GetFloat(row))?.ToString("R", CultureInfo.InvariantCulture),
            ParquetType.Double => Finite(values.GetDouble(row))?.ToString("R", CultureInfo.InvariantCulture),
            ParquetType.Date => DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays(values.GetInt32(row))
                .ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ParquetType.TimestampMicros => DateTime.UnixEpoch.AddTicks(values.GetInt64(row) * TimeSpan.TicksPerMicrosecond)
                .ToString("O", CultureInfo.InvariantCulture),
            _ => throw new NotSupportedException($"Parquet type {values.Type}"),
        };
    }

    private static float? Finite(float value) => float.IsFinite(value) ? value : null;

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}

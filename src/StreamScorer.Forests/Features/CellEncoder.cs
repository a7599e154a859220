using System.Text;

namespace StreamScorer.Forests;

/// <summary>Turns text cells of one column into row values: the offline twin of the stream decoder.</summary>
internal static class CellEncoder
{
    /// <summary>Writes the column's values to <c>rows[start]</c>, <c>rows[start + stride]</c>, …</summary>
    /// <param name="eventTimes">Microseconds per row, or null when the schema has no timestamp feature.</param>
    /// <exception cref="CellException">A cell does not parse.</exception>
    public static void EncodeColumn(Feature feature, string?[] cells, long[]? eventTimes, double[] rows, int start, int stride)
    {
        var buffer = new CellBuffer();
        for (var row = 0; row < cells.Length; row++)
        {
            var eventTime = eventTimes?[row] ?? NoTime;
            if (!TryEncode(feature, buffer.Utf8(cells[row]), cells[row] is null, eventTime, out var value))
            {
                throw new CellException(
                    feature.ColumnName, row,
                    $"'{CellBuffer.Shorten(cells[row]!)}' is not a {feature.Kind.ToString().ToLowerInvariant()} value",
                    "Correct the cell or add it to the null tokens.");
            }

            rows[start + ((long)row * stride)] = value;
        }
    }

    /// <summary>
    /// The times of a column in microseconds; <see cref="NoTime"/> where a cell is empty, and before 2000, which the stream
    /// does not believe either.
    /// </summary>
    /// <exception cref="CellException">A cell is not a time.</exception>
    public static long[] ReadEventTimes(RawTable table, string column)
    {
        var cells = table.Column(column);
        var times = new long[cells.Length];
        for (var row = 0; row < cells.Length; row++)
        {
            if (string.IsNullOrEmpty(cells[row]))
                times[row] = NoTime;
            else if (!Feature.TryParseTimestamp(Encoding.UTF8.GetBytes(cells[row]!), out times[row]))
                throw new CellException(
                    column, row, $"'{CellBuffer.Shorten(cells[row]!)}' is not a time",
                    "Write times of events as RFC 3339 (2026-11-21T09:30:00Z) or as milliseconds since 1970.");
            else if (times[row] < Feature.EarliestEventMicros)
                times[row] = NoTime;
        }

        return times;
    }

    /// <summary>Stands for a row without an event time: ages at that time are missing.</summary>
    private const long NoTime = long.MinValue;

    private static bool TryEncode(Feature feature, ReadOnlySpan<byte> utf8, bool isNull, long eventTime, out double value)
    {
        value = double.NaN;
        if (isNull || feature.IsNullToken(utf8))
            return true;
        switch (feature.Kind)
        {
            case FeatureKind.Categorical:
                feature.TryGetCategory(utf8, out var code);
                value = code;
                return true;
            case FeatureKind.Numeric:
                return Feature.TryParseNumber(utf8, out value);
            case FeatureKind.Boolean:
                return Feature.TryParseBoolean(utf8, out value);
            default:
                if (!Feature.TryParseTimestamp(utf8, out var micros))
                    return false;
                value = eventTime == NoTime ? double.NaN : Feature.AgeInDays(micros, eventTime);
                return true;
        }
    }
}

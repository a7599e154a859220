using System.Text;
using StreamScorer.Parquet;

namespace StreamScorer.Sinks.Compaction;

/// <summary>Neighbouring rows of one row group.</summary>
internal readonly record struct RowRun(int RowGroup, int FirstRow, int Rows);

/// <summary>
/// Where the rows of each registered range stand in its file, found once by reading positions only. Proves on the way
/// that the file holds what was registered: a compaction must not make a fault look like order.
/// </summary>
internal sealed class RangeRows
{
    private readonly Dictionary<RangeInFile, List<RowRun>> _runs = [];

    /// <summary>The rows of a range, in order.</summary>
    public IReadOnlyList<RowRun> this[RangeInFile range] => _runs[range];

    /// <summary>Looks through one file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="ranges">All ranges that are registered with it.</param>
    /// <exception cref="InvalidDataException">It holds other rows than were registered.</exception>
    /// <exception cref="ParquetException">It is damaged or of another schema.</exception>
    public void Find(string path, IReadOnlyList<RangeInFile> ranges)
    {
        using var reader = ParquetFileReader.Open(path);
        var (topics, partitions, offsets) = (new ColumnValues(), new ColumnValues(), new ColumnValues());
        var last = new Dictionary<RangeInFile, long>();
        foreach (var range in ranges)
            _runs[range] = [];
        for (int group = 0; group < reader.RowGroupCount; group++)
        {
            reader.ReadColumn(group, reader.ColumnIndex("topic"), topics);
            reader.ReadColumn(group, reader.ColumnIndex("kafka_partition"), partitions);
            reader.ReadColumn(group, reader.ColumnIndex("kafka_offset"), offsets);
            RangeInFile? current = null;
            for (int row = 0; row < offsets.Count; row++)
            {
                long offset = offsets.GetInt64(row);
                if (current is null || !Holds(current, topics.GetBytes(row), partitions.GetInt32(row), offset))
                    current = FindRange(ranges, topics.GetBytes(row), partitions.GetInt32(row), offset) ?? throw NotRegistered(path, group, row);
                if (last.TryGetValue(current, out long before) && before >= offset)
                    throw NotRegistered(path, group, row);
                last[current] = offset;
                Add(_runs[current], group, row);
            }
        }

        foreach (var range in ranges)
        {
            long rows = _runs[range].Sum(run => (long)run.Rows);
            if (rows != range.RowCount)
            {
                throw new InvalidDataException(
                    $"{path} holds {rows} rows of {range.Topic} [{range.Partition}] from offset {range.StartOffset} on, where {range.RowCount} "
                    + "were registered. Nothing was compacted; `audit` says what is wrong.");
            }
        }
    }

    private static void Add(List<RowRun> runs, int group, int row)
    {
        if (runs.Count > 0 && runs[^1] is var run && run.RowGroup == group && run.FirstRow + run.Rows == row)
            runs[^1] = run with { Rows = run.Rows + 1 };
        else
            runs.Add(new RowRun(group, row, 1));
    }

    private static RangeInFile? FindRange(IReadOnlyList<RangeInFile> ranges, ReadOnlySpan<byte> topic, int partition, long offset)
    {
        foreach (var range in ranges)
        {
            if (Holds(range, topic, partition, offset))
                return range;
        }

        return null;
    }

    private static bool Holds(RangeInFile range, ReadOnlySpan<byte> topic, int partition, long offset) =>
        range.Partition == partition && offset >= range.StartOffset && offset < range.EndOffset
        && topic.Length == range.Topic.Length && Encoding.UTF8.GetString(topic) == range.Topic;

    private static InvalidDataException NotRegistered(string path, int group, int row) => new(
        $"{path}, row group {group}, row {row}: the row was not registered with this file, or stands out of order. Nothing was compacted; "
        + "`audit` says what is wrong.");
}

using System.Globalization;
using System.Text;
using StreamScorer.Parquet;
using StreamScorer.Sinks;
using Xunit;

namespace StreamScorer.Tests.Sinks;

public sealed class CheckpointFileWriterTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly SteppingClock _clock = new();
    private readonly CheckpointFolder _folder;
    private readonly CheckpointFileWriter _writer;

    public CheckpointFileWriterTests()
    {
        _folder = new CheckpointFolder(_temporary["archive"]);
        _folder.OpenStorage();
        _writer = new CheckpointFileWriter(_folder, "g", _clock);
    }

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Every_column_of_every_row_comes_back()
    {
        var rows = new ScoreRows();
        rows.BeginBatch("lead-scoring", "m1", 1_000_000);
        var scored = new ScoredEvent
        {
            Offset = 12,
            KafkaTimestampMicros = 1_700_000_000_123_000,
            OccurredAtMicros = -5,
            RawScore = 1.25,
            Probability = Math.BitIncrement(0.7),
            Bucket = 4,
            Tier = 'B',
            Hot = true,
        };
        rows.Append(rows.PartitionSlot("user-events", 3), scored, "héiß"u8, "e-1"u8, "[{}]"u8);
        rows.BeginBatch("lead-scoring", "m2", 2_000_000);
        scored = new ScoredEvent { Offset = 13, Bucket = 1, Tier = 'E' };
        scored.KafkaTimestampMicros = scored.OccurredAtMicros = ScoredEvent.NoTime;
        rows.Append(rows.PartitionSlot("user-events", 3), scored, "b"u8, default, default);

        var staged = _writer.Stage(rows, [new PartitionRange("user-events", 3, 5, 10, 14, 0)]);
        Assert.Equal(2, staged.RowCount);
        Assert.Equal([new PartitionRange("user-events", 3, 5, 10, 14, 2)], staged.Ranges);
        Assert.Equal($"scores/day=1970-01-01/{staged.FileId}.parquet", staged.FinalPath);
        using var reader = ParquetFileReader.Open(_folder.FullPath(staged.StagedPath!));
        Assert.Equal("1", reader.Metadata["streamscorer.format"]);
        Assert.Equal(staged.FileId.ToString(), reader.Metadata["streamscorer.file_id"]);
        Assert.Equal(
            ["user-events 3 12 1700000000123000 e-1 héiß -5 lead-scoring m1 1.25 0.7000000000000001 4 B True [{}] 1000000",
            "user-events 3 13 null null b null lead-scoring m2 0 0 1 E False null 2000000"],
            Cells(reader));
    }

    [Fact]
    public void Rows_of_many_partitions_and_runs_are_ordered_in_the_file()
    {
        var rows = new ScoreRows();
        rows.BeginBatch("m", "id", 0);
        var random = new Random(7);
        var next = new long[5];
        for (int i = 0; i < 10_000; i++)
        {
            int partition = random.Next(0, next.Length);
            var scored = new ScoredEvent { Offset = next[partition]++, Tier = 'E' };
            rows.Append(rows.PartitionSlot("t", partition), scored, "x"u8, default, default);
        }

        var ranges = next.Select((end, partition) => new PartitionRange("t", partition, 1, 0, end, 0)).Reverse().ToList();
        var staged = _writer.Stage(rows, ranges);
        Assert.Equal([0, 1, 2, 3, 4], staged.Ranges.Select(range => range.Partition));
        Assert.All(staged.Ranges, range => Assert.Equal(range.EndOffset, range.RowCount));
        using var reader = ParquetFileReader.Open(_folder.FullPath(staged.StagedPath!));
        var positions = Positions(reader);
        Assert.Equal(10_000, positions.Count);
        Assert.Equal(positions.Order(), positions);
    }

    // Red where a run of equal or of missing values is one too long, too short or of its neighbour's value.
    [Fact]
    public void Rows_of_many_models_with_and_without_times_and_texts_come_back()
    {
        var rows = new ScoreRows();
        var random = new Random(3);
        var expected = new List<string>[] { [], [] };
        for (int i = 0, batch = 0, missing = 0; i < 9_000; i++)
        {
            if (i == 0 || random.Next(50) == 0)
                rows.BeginBatch($"model{++batch % 3}", $"id{batch % 2}", batch);
            missing = random.Next(i < 5_000 ? 5 : 1_000) == 0 ? random.Next(16) : missing;
            int partition = random.Next(i < 3_000 ? 1 : 2);
            var scored = new ScoredEvent
            {
                Offset = i,
                KafkaTimestampMicros = (missing & 1) != 0 ? ScoredEvent.NoTime : i,
                OccurredAtMicros = (missing & 2) != 0 ? ScoredEvent.NoTime : -i,
                RawScore = i % 7,
                Probability = i / 16384.0,
                Bucket = 1 + (i % 5),
                Tier = (char)('A' + random.Next(5)),
                Hot = random.Next(2) == 0,
            };
            string eventId = (missing & 4) != 0 ? "" : $"e{i}";
            string reasons = (missing & 8) != 0 ? "" : $"r{i % 10}";
            rows.Append(
                rows.PartitionSlot("t", partition), scored, Encoding.UTF8.GetBytes($"l{i % 100}"), Encoding.UTF8.GetBytes(eventId),
                Encoding.UTF8.GetBytes(reasons));
            expected[partition].Add(string.Create(
                CultureInfo.InvariantCulture,
                $"t {partition} {i} {TimeCell(scored.KafkaTimestampMicros)} {TextCell(eventId)} l{i % 100} {TimeCell(scored.OccurredAtMicros)} "
                + $"model{batch % 3} id{batch % 2} {scored.RawScore:R} {scored.Probability:R} {scored.Bucket} {scored.Tier} {scored.Hot} "
                + $"{TextCell(reasons)} {batch}"));
        }

        PartitionRange[] ranges = [new("t", 0, 1, 0, 9_000, 0), new("t", 1, 1, 0, 9_000, 0)];
        foreach (var _ in Enumerable.Range(0, 2))
        {
            using var reader = ParquetFileReader.Open(_folder.FullPath(_writer.Stage(rows, ranges).StagedPath!));
            Assert.Equal([.. expected[0], .. expected[1]], Cells(reader));
        }
    }

    // Mutation: only the first or only the last offset is compared, or a dropped partition's first offset is remembered.
    [Theory]
    [InlineData(2, 5, true)]
    [InlineData(3, 5, false)]
    [InlineData(2, 4, false)]
    public void Every_row_of_a_partition_must_lie_in_its_range(long start, long end, bool isInside)
    {
        var rows = new ScoreRows();
        rows.BeginBatch("m", "id", 0);
        void Append(long offset) => rows.Append(
            rows.PartitionSlot("t", 0), new ScoredEvent { Offset = offset, Tier = 'E' }, "x"u8, default, default);
        Append(0);
        Append(7);
        rows.DropPartition("t", 0);
        Append(2);
        Append(3);
        Append(4);
        PartitionRange[] ranges = [new PartitionRange("t", 0, 5, start, end, 0)];
        if (isInside)
            Assert.Equal(3, _writer.Stage(rows, ranges).RowCount);
        else
            Assert.Contains("offsets 2 to 4", Assert.Throws<InvalidOperationException>(() => _writer.Stage(rows, ranges)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_staged_file_has_a_sidecar_with_its_epochs_and_no_parquet_name()
    {
        var staged = _writer.Stage(OneRow(), [new PartitionRange("t", 0, 5, 0, 1, 0)]);
        Assert.Equal([new PartitionEpoch("t", 0, 5)], Assert.Single(_folder.StagedFiles()).Partitions);
        Assert.Empty(Directory.GetFiles(_folder.Root, "*.parquet", SearchOption.AllDirectories));
        Assert.Equal(staged.FileId, _folder.StagedFiles()[0].FileId);
    }

    [Fact]
    public void A_checkpoint_without_rows_has_ranges_and_no_file()
    {
        var staged = _writer.Stage(new ScoreRows(), [new PartitionRange("t", 0, 5, 0, 3, 0)]);
        Assert.Null(staged.StagedPath);
        Assert.Null(staged.FinalPath);
        Assert.Equal(3, Assert.Single(staged.Ranges).EndOffset);
        Assert.Empty(Directory.GetFiles(_folder.FullPath("staging")));
    }

    // Mutation: no check. A row outside its range would be in a file twice, or in one that does not account for it.
    [Theory]
    [InlineData(0, 1, 5)]
    [InlineData(0, -3, 0)]
    [InlineData(1, 0, 5)]
    public void A_row_outside_the_ranges_is_a_fault_and_leaves_nothing(int partition, long start, long end)
    {
        PartitionRange[] ranges = [new PartitionRange("t", partition, 5, start, end, 0)];
        Assert.Throws<InvalidOperationException>(() => _writer.Stage(OneRow(), ranges));
        Assert.Empty(Directory.GetFiles(_folder.FullPath("staging")));
    }

    [Fact]
    [Scenario(57, Means.UnitTest, "a failed attempt leaves nothing behind")]
    public void A_failed_attempt_leaves_nothing_and_the_next_has_a_file_of_its_own()
    {
        var rows = OneRow();
        string staging = _folder.FullPath("staging");
        Directory.Delete(staging);
        File.WriteAllText(staging, "in the way");
        Assert.ThrowsAny<IOException>(() => _writer.Stage(rows, [new PartitionRange("t", 0, 5, 0, 1, 0)]));
        File.Delete(staging);
        Directory.CreateDirectory(staging);
        var first = _writer.Stage(rows, [new PartitionRange("t", 0, 5, 0, 1, 0)]);
        var second = _writer.Stage(rows, [new PartitionRange("t", 0, 5, 0, 1, 0)]);
        Assert.NotEqual(first.FileId, second.FileId);
    }

    private static string TimeCell(long micros) => micros == ScoredEvent.NoTime ? "null" : micros.ToString(CultureInfo.InvariantCulture);

    private static string TextCell(string text) => text.Length == 0 ? "null" : text;

    private static ScoreRows OneRow()
    {
        var rows = new ScoreRows();
        rows.BeginBatch("m", "id", 0);
        rows.Append(rows.PartitionSlot("t", 0), new ScoredEvent { Offset = 0, Tier = 'E' }, "x"u8, default, default);
        return rows;
    }

    private static List<(int Partition, long Offset)> Positions(ParquetFileReader reader)
    {
        var positions = new List<(int, long)>();
        var partitions = new ColumnValues();
        var offsets = new ColumnValues();
        for (int group = 0; group < reader.RowGroupCount; group++)
        {
            reader.ReadColumn(group, reader.Schema.IndexOf("kafka_partition"), partitions);
            reader.ReadColumn(group, reader.Schema.IndexOf("kafka_offset"), offsets);
            for (int i = 0; i < partitions.Count; i++)
                positions.Add((partitions.GetInt32(i), offsets.GetInt64(i)));
        }

        return positions;
    }

    /// <summary>Every row as its cells, separated by spaces.</summary>
    private static List<string> Cells(ParquetFileReader reader)
    {
        var rows = Enumerable.Range(0, reader.RowGroupRows(0)).Select(_ => new List<string>()).ToList();
        var values = new ColumnValues();
        for (int column = 0; column < reader.Schema.Columns.Count; column++)
        {
            reader.ReadColumn(0, column, values);
            for (int i = 0; i < values.Count; i++)
                rows[i].Add(Cell(values, i));
        }

        return [.. rows.Select(row => string.Join(' ', row))];
    }

    private static string Cell(ColumnValues values, int i)
    {
        if (values.IsNull(i))
            return "null";
        return values.Type switch
        {
            ParquetType.Int32 => values.GetInt32(i).ToString(CultureInfo.InvariantCulture),
            ParquetType.Double => values.GetDouble(i).ToString("R", CultureInfo.InvariantCulture),
            ParquetType.Boolean => values.GetBoolean(i).ToString(),
            ParquetType.String => Encoding.UTF8.GetString(values.GetBytes(i)),
            _ => values.GetInt64(i).ToString(CultureInfo.InvariantCulture),
        };
    }
}

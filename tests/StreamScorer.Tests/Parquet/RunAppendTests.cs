using System.Globalization;
using StreamScorer.Parquet;
using Xunit;

namespace StreamScorer.Tests.Parquet;

/// <summary>Runs of equal values and of missing ones: the same file, bit for bit, as value by value.</summary>
public sealed class RunAppendTests : IDisposable
{
    private static readonly ParquetSchema Schema = new(
        new ParquetColumn("int", ParquetType.Int32),
        new ParquetColumn("long", ParquetType.Int64, Nullable: true),
        new ParquetColumn("time", ParquetType.TimestampMicros),
        new ParquetColumn("text", ParquetType.String, Nullable: true),
        new ParquetColumn("flag", ParquetType.Boolean));

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Seeds))]
    public void AFileOfRunsIsThatOfSingleValues(int seed)
    {
        var random = new Random(seed);
        var runs = MakeRuns(random, longest: random.Next(4) switch { 0 => 2, 1 => 40, 2 => 3_000, _ => 50_000 });
        var options = new ParquetWriterOptions
        {
            Codec = CompressionCodec.Uncompressed,
            RowGroupRows = random.Next(2) == 0 ? random.Next(1, 30_000) : 131_072,
            PageBytes = random.Next(3) switch { 0 => 1 << 10, 1 => 1 << random.Next(10, 18), _ => 1 << 20 },
            DictionaryBytes = random.Next(3) switch { 0 => 0, 1 => 2_000, _ => 1 << 20 },
        };
        byte[] expected = Write(runs, options, AppendEach);
        Assert.Equal(expected, Write(runs, options, AppendRuns));
        // Both ways in turns: a run may begin and end anywhere in a page.
        Assert.Equal(expected, Write(runs, options, (writer, run) =>
            (random.Next(2) == 0 ? (Action<ParquetFileWriter, Run>)AppendEach : AppendRuns)(writer, run)));
    }

    [Fact]
    public void ARunOfNoneIsNothingAndOneOfLessIsAFault()
    {
        using ParquetFileWriter writer = ParquetFileWriter.Create(_folder["x.staging"], Schema);
        writer.Column("int").AppendRun(1, 0);
        writer.Column("time").AppendRun(1L, 0);
        writer.Column("long").AppendNulls(0);
        writer.Column("text").AppendRun("a", 0);
        writer.EndRows(0);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Column("int").AppendRun(1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Column("time").AppendRun(1L, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Column("long").AppendNulls(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Column("text").AppendRun("a", -1));
    }

    [Fact]
    public void RunsThatAColumnDoesNotTakeAreRefused()
    {
        using ParquetFileWriter writer = ParquetFileWriter.Create(_folder["x.staging"], Schema);
        Assert.Throws<InvalidOperationException>(() => writer.Column("int").AppendRun("a", 2));
        Assert.Throws<InvalidOperationException>(() => writer.Column("text").AppendRun(1L, 2));
        Assert.Throws<InvalidOperationException>(() => writer.Column("text").AppendRun(1, 2));
        var e = Assert.Throws<InvalidOperationException>(() => writer.Column("time").AppendNulls(2));
        Assert.Contains("'time'", e.Message, StringComparison.Ordinal);
        Assert.Throws<System.Text.EncoderFallbackException>(() => writer.Column("text").AppendRun("\uD800", 2));
        writer.Complete();
        Assert.Throws<InvalidOperationException>(() => writer.Column("int").AppendRun(1, 2));
        Assert.Throws<InvalidOperationException>(() => writer.Column("text").AppendRun("a", 2));
        Assert.Throws<InvalidOperationException>(() => writer.Column("text").AppendNulls(2));
    }

    private static List<Run> MakeRuns(Random random, int longest)
    {
        int distinct = random.Next(3) switch { 0 => 1, 1 => 4, _ => 100_000 };
        double nullShare = random.Next(3) switch { 0 => 0, 1 => 0.5, _ => 1 };
        var runs = new List<Run>();
        for (int rows = 0; rows < 3 * Math.Min(longest, 30_000);)
        {
            int value = random.Next(distinct);
            string text = value.ToString(CultureInfo.InvariantCulture) + new string('é', value % 3 == 0 ? 100 : 0);
            runs.Add(new Run(random.Next(1, longest + 1), value, random.NextDouble() < nullShare ? null : value,
                random.NextDouble() < nullShare ? null : text));
            rows += runs[^1].Rows;
        }
        return runs;
    }

    private static void AppendEach(ParquetFileWriter writer, Run run)
    {
        for (int i = 0; i < run.Rows; i++)
        {
            writer.Column(0).Append(run.Number);
            if (run.Long is { } value)
                writer.Column(1).Append(value);
            else
                writer.Column(1).AppendNull();
            writer.Column(2).Append((long)run.Number);
            writer.Column(3).Append(run.Text);
            writer.Column(4).Append(run.Number % 2 == 0);
        }
        writer.EndRows(run.Rows);
    }

    private static void AppendRuns(ParquetFileWriter writer, Run run)
    {
        writer.Column(0).AppendRun(run.Number, run.Rows);
        if (run.Long is { } value)
            writer.Column(1).AppendRun(value, run.Rows);
        else
            writer.Column(1).AppendNulls(run.Rows);
        writer.Column(2).AppendRun((long)run.Number, run.Rows);
        writer.Column(3).AppendRun(run.Text, run.Rows);
        writer.Column(4).AppendRange(Enumerable.Repeat(run.Number % 2 == 0, run.Rows).ToArray());
        writer.EndRows(run.Rows);
    }

    private byte[] Write(List<Run> runs, ParquetWriterOptions options, Action<ParquetFileWriter, Run> append)
    {
        using (ParquetFileWriter writer = ParquetFileWriter.Create(_folder["x.staging"], Schema, options))
        {
            foreach (Run run in runs)
                append(writer, run);
            writer.Complete();
        }
        return File.ReadAllBytes(_folder["x.staging"]);
    }

    private sealed record Run(int Rows, int Number, long? Long, string? Text);
}

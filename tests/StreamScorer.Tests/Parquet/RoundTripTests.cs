using StreamScorer.Parquet;
using Xunit;

namespace StreamScorer.Tests.Parquet;

public sealed class RoundTripTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Seeds))]
    public void RandomTablesComeBackBitForBit(int seed)
    {
        var random = new Random(seed);
        int rows = random.Next(6) switch { 0 => random.Next(20), 1 => 7 + random.Next(3), 2 => 50_000, _ => random.Next(3_000) };
        RandomTable table = RandomTable.Make(random, rows, random.Next(1, 9));
        var options = new ParquetWriterOptions
        {
            Codec = (CompressionCodec)random.Next(4),
            RowGroupRows = random.Next(3) == 0 ? random.Next(1, 2_000) : 131_072,
            PageBytes = random.Next(2) == 0 ? 1 << random.Next(10, 18) : 1 << 20,
            DictionaryBytes = random.Next(3) switch { 0 => 0, 1 => 2_000, _ => 1 << 20 },
        };
        AssertRoundTrip(table, options, random);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(19_999)]
    [InlineData(20_000)]
    [InlineData(20_001)]
    [InlineData(131_073)]
    public void EdgeRowCountsComeBack(int rows)
    {
        var random = new Random(rows);
        AssertRoundTrip(RandomTable.Make(random, rows, 12), new ParquetWriterOptions(), random);
    }

    [Fact]
    public void AMillionRowsComeBack()
    {
        const int rows = 1_000_000;
        using (ParquetFileWriter writer = ParquetFileWriter.Create(_folder["million.staging"], new ParquetSchema(
            new ParquetColumn("offset", ParquetType.Int64), new ParquetColumn("score", ParquetType.Double),
            new ParquetColumn("lead", ParquetType.String))))
        {
            for (int i = 0; i < rows; i++)
            {
                writer.Column(0).Append((long)i);
                writer.Column(1).Append(i * 0.5);
                writer.Column(2).Append($"lead-{i % 50_000}");
                writer.EndRow();
            }
            writer.CompleteAs(_folder["million.parquet"]);
        }

        using ParquetFileReader reader = ParquetFileReader.Open(_folder["million.parquet"]);
        var values = new ColumnValues();
        int row = 0;
        for (int g = 0; g < reader.RowGroupCount; g++)
        {
            reader.ReadColumn(g, 0, values);
            for (int i = 0; i < values.Count; i++)
                Assert.True(values.GetInt64(i) == row + i);
            reader.ReadColumn(g, 1, values);
            for (int i = 0; i < values.Count; i++)
                Assert.True(values.GetDouble(i) == (row + i) * 0.5);
            reader.ReadColumn(g, 2, values);
            for (int i = 0; i < values.Count; i += 997)
                Assert.Equal($"lead-{(row + i) % 50_000}", values.GetString(i));
            row += values.Count;
        }
        Assert.Equal(rows, row);
        Assert.Equal(8, reader.RowGroupCount);
    }

    [Fact]
    public void RangesComeBack()
    {
        long[] longs = [.. Enumerable.Range(0, 45_000).Select(i => (long)i * i)];
        double[] doubles = [.. longs.Select(v => v / 3.0)];
        int[] ints = [.. longs.Select(v => (int)(v % 1_000))];
        bool[] bools = [.. longs.Select(v => v % 3 == 0)];
        var schema = new ParquetSchema(new ParquetColumn("l", ParquetType.TimestampMicros, Nullable: true),
            new ParquetColumn("d", ParquetType.Double), new ParquetColumn("i", ParquetType.Int32),
            new ParquetColumn("b", ParquetType.Boolean));
        using (ParquetFileWriter writer = ParquetFileWriter.Create(_folder["x.staging"], schema))
        {
            writer.Column("l").AppendRange(longs);
            writer.Column("d").AppendRange(doubles);
            writer.Column("i").AppendRange(ints);
            writer.Column("b").AppendRange(bools);
            writer.EndRows(longs.Length);
            writer.CompleteAs(_folder["x.parquet"]);
        }

        using ParquetFileReader reader = ParquetFileReader.Open(_folder["x.parquet"]);
        var values = new ColumnValues();
        reader.ReadColumn(0, 0, values);
        Assert.Equal(longs, values.Int64s.ToArray());
        reader.ReadColumn(0, 1, values);
        Assert.Equal(doubles, values.Doubles.ToArray());
        reader.ReadColumn(0, 2, values);
        Assert.Equal(ints, values.Int32s.ToArray());
        reader.ReadColumn(0, 3, values);
        Assert.Equal(bools, Enumerable.Range(0, bools.Length).Select(values.GetBoolean));
    }

    [Fact]
    public void MetadataComesBack()
    {
        var options = new ParquetWriterOptions { Metadata = new Dictionary<string, string> { ["streamscorer.format"] = "1" } };
        using (ParquetFileWriter writer = ParquetFileWriter.Create(_folder["x.staging"],
            new ParquetSchema(new ParquetColumn("a", ParquetType.Int32)), options))
        {
            writer.CompleteAs(_folder["x.parquet"]);
        }
        using ParquetFileReader reader = ParquetFileReader.Open(_folder["x.parquet"]);
        Assert.Equal(options.Metadata, reader.Metadata);
        Assert.Matches(@"^streamscorer-parquet version \d+\.\d+\.\d+ \(build \w+\)$", reader.Writer);
    }

    private void AssertRoundTrip(RandomTable table, ParquetWriterOptions options, Random random)
    {
        string final = _folder["table.parquet"];
        using (ParquetFileWriter writer = ParquetFileWriter.Create(_folder["table.staging"], table.Schema, options))
        {
            table.Write(writer, random);
            Assert.Equal(table.Rows, writer.RowCount);
            writer.CompleteAs(final);
        }
        using ParquetFileReader reader = ParquetFileReader.Open(final);
        table.AssertEqual(reader);
    }
}

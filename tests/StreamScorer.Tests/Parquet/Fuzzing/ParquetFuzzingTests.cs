using StreamScorer.Parquet;
using StreamScorer.Parquet.Format;
using Xunit;

namespace StreamScorer.Tests.Parquet.Fuzzing;

/// <summary>A sample of what <c>bench fuzz-parquet</c> runs by the million.</summary>
public sealed class ParquetFuzzingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Spoilt_files_are_refused_or_read_right()
    {
        using var fuzzing = new ParquetFuzzing();
        for (int seed = 1; seed <= 1_500; seed++)
            fuzzing.Run(seed);
        Assert.True(fuzzing.Refused > 500 && fuzzing.Read > 50, $"{fuzzing.Refused} refused, {fuzzing.Read} read");
    }

    [Fact]
    public void Every_cut_is_refused()
    {
        byte[] whole = SmallFile();
        string path = _folder["cut.parquet"];
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole.AsSpan(0, length));
            var e = Assert.Throws<ParquetException>(() => ParquetFileReader.Open(path).Dispose());
            Assert.Equal(path, e.File);
        }
    }

    [Fact]
    public void A_flipped_bit_is_refused_or_changes_no_value()
    {
        byte[] whole = SmallFile();
        string path = _folder["flipped.parquet"];
        var probe = new ReaderProbe();
        File.WriteAllBytes(path, whole);
        long digest = probe.Read(path, true)!.Value;
        // Every third: of each byte two or three, and over three bytes all eight.
        for (int bit = 0; bit < whole.Length * 8; bit += 3)
        {
            whole[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(path, whole);
            long? found = probe.Read(path, true);
            Assert.True(found is null || found == digest, $"bit {bit % 8} of byte {bit / 8}: other values than were written");
            whole[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void An_encoding_that_turned_into_another_is_refused()
    {
        // Page headers have no checksum, and these bytes are a valid BYTE_STREAM_SPLIT page too.
        var schema = new ParquetSchema(new ParquetColumn("n", ParquetType.Int64));
        using (ParquetFileWriter writer = ParquetFileWriter.Create(_folder["x.staging"], schema, new ParquetWriterOptions { DictionaryBytes = 0 }))
        {
            for (long row = 0; row < 100; row++)
                writer.Column(0).Append(row * 1_000);
            writer.EndRows(100);
            writer.CompleteAs(_folder["x.parquet"]);
        }
        byte[] bytes = File.ReadAllBytes(_folder["x.parquet"]);
        // Fields 2 to 4 of the data page's header: encodings PLAIN, RLE and RLE.
        ReadOnlySpan<byte> encodings = [0x15, 0x00, 0x15, 0x06, 0x15, 0x06];
        int encoding = bytes.AsSpan().IndexOf(encodings) + 1;
        Assert.True(encoding > 0);
        bytes[encoding] = 9 * 2;
        File.WriteAllBytes(_folder["x.parquet"], bytes);

        using ParquetFileReader reader = ParquetFileReader.Open(_folder["x.parquet"]);
        var e = Assert.Throws<ParquetException>(() => reader.ReadColumn(0, 0, new ColumnValues()));
        Assert.Contains("BYTE_STREAM_SPLIT", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_footer_that_ends_early_is_refused()
    {
        var footer = new ByteBuffer();
        var thrift = new ThriftCompactWriter(footer);
        thrift.BeginStruct();
        thrift.I32Field(1, 1);
        thrift.BeginListField(2, ThriftType.Struct, 2);
        thrift.BeginStruct();
        thrift.StringField(4, "root");
        thrift.I32Field(5, 1);
        thrift.EndStruct();
        thrift.BeginStruct();
        thrift.I32Field(1, 1);
        thrift.StringField(4, "n");
        thrift.EndStruct();
        thrift.EndStruct();
        File.WriteAllBytes(
            _folder["x.parquet"], [.. "PAR1"u8, .. footer.Written, .. BitConverter.GetBytes(footer.Length), .. "PAR1"u8]);

        var e = Assert.Throws<ParquetException>(() => ParquetFileReader.Open(_folder["x.parquet"]));

        Assert.Contains("lacks", e.Message, StringComparison.Ordinal);
    }

    private byte[] SmallFile()
    {
        var schema = new ParquetSchema(
            new ParquetColumn("n", ParquetType.Int32), new ParquetColumn("d", ParquetType.Double, Nullable: true));
        using (ParquetFileWriter writer = ParquetFileWriter.Create(_folder["x.staging"], schema, new ParquetWriterOptions { PageBytes = 1 << 10 }))
        {
            for (int row = 0; row < 400; row++)
            {
                writer.Column(0).Append(row % 9);
                if (row % 5 == 0)
                    writer.Column(1).AppendNull();
                else
                    writer.Column(1).Append(row % 11 * 0.5);
                writer.EndRow();
            }
            writer.CompleteAs(_folder["x.parquet"]);
        }
        return File.ReadAllBytes(_folder["x.parquet"]);
    }
}

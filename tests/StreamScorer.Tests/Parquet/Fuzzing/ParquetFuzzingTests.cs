using StreamScorer.Parquet;
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

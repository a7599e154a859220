using StreamScorer.Parquet;
using Xunit;

namespace StreamScorer.Tests.Parquet;

public sealed class ParquetFileWriterTests : IDisposable
{
    private static readonly ParquetSchema OneColumn = new(new ParquetColumn("a", ParquetType.Int32));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AStagingNameThatReadersWouldSeeIsRefused()
    {
        var e = Assert.Throws<ArgumentException>(() => ParquetFileWriter.Create(_folder["x.parquet"], OneColumn));
        Assert.Contains("CompleteAs", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DisposeWithoutCompleteLeavesNothing()
    {
        using (ParquetFileWriter writer = ParquetFileWriter.Create(_folder["x.staging"], OneColumn))
        {
            writer.Column(0).Append(1);
            writer.EndRow();
        }
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void CompleteLeavesTheStagedFileWhole()
    {
        using (ParquetFileWriter writer = ParquetFileWriter.Create(_folder["x.staging"], OneColumn))
        {
            writer.Column(0).Append(1);
            writer.EndRow();
            writer.Complete();
        }
        using ParquetFileReader reader = ParquetFileReader.Open(_folder["x.staging"]);
        Assert.Equal(1, reader.RowCount);
    }

    [Fact]
    public void CompleteAsReplacesNothing()
    {
        File.WriteAllText(_folder["x.parquet"], "earlier");
        using (ParquetFileWriter writer = ParquetFileWriter.Create(_folder["x.staging"], OneColumn))
        {
            var e = Assert.Throws<IOException>(() => writer.CompleteAs(_folder["x.parquet"]));
            Assert.Contains("x.parquet", e.Message, StringComparison.Ordinal);
        }
        Assert.Equal("earlier", File.ReadAllText(_folder["x.parquet"]));
        Assert.Equal([_folder["x.parquet"]], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void AColumnWithTooFewValuesIsNamed()
    {
        var schema = new ParquetSchema(new ParquetColumn("a", ParquetType.Int32), new ParquetColumn("b", ParquetType.Int32));
        using ParquetFileWriter writer = ParquetFileWriter.Create(_folder["x.staging"], schema);
        writer.Column("a").Append(1);
        var e = Assert.Throws<InvalidOperationException>(writer.EndRow);
        Assert.Contains("'b'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ARowThatWasNotEndedStopsComplete()
    {
        using ParquetFileWriter writer = ParquetFileWriter.Create(_folder["x.staging"], OneColumn);
        writer.Column(0).Append(1);
        Assert.Throws<InvalidOperationException>(writer.Complete);
    }

    [Fact]
    public void NoValueIsTakenAfterComplete()
    {
        using ParquetFileWriter writer = ParquetFileWriter.Create(_folder["x.staging"], OneColumn);
        ColumnWriter column = writer.Column(0);
        writer.Complete();
        Assert.Throws<InvalidOperationException>(() => column.Append(1));
        Assert.Throws<InvalidOperationException>(writer.EndRow);
    }

    [Fact]
    public void ValuesOfAnotherTypeAreRefused()
    {
        using ParquetFileWriter writer = ParquetFileWriter.Create(_folder["x.staging"], OneColumn);
        var e = Assert.Throws<InvalidOperationException>(() => writer.Column(0).Append(1.5));
        Assert.Contains("'a'", e.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => writer.Column(0).Append("text"));
        Assert.Throws<InvalidOperationException>(writer.Column(0).AppendNull);
    }

    [Fact]
    public void TextMustBeUtf8()
    {
        var schema = new ParquetSchema(new ParquetColumn("s", ParquetType.String));
        using ParquetFileWriter writer = ParquetFileWriter.Create(_folder["x.staging"], schema);
        Assert.Throws<ArgumentException>(() => writer.Column(0).Append([0x61, 0xC3]));
        Assert.ThrowsAny<ArgumentException>(() => writer.Column(0).Append("\uD83D"));
    }

    [Fact]
    public void DecimalsKeepTheirDigits()
    {
        var schema = new ParquetSchema(new ParquetColumn("d", ParquetType.Decimal, Precision: 4, Scale: 2));
        using ParquetFileWriter writer = ParquetFileWriter.Create(_folder["x.staging"], schema);
        writer.Column(0).Append(9_999);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Column(0).Append(10_000));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Column(0).Append(-10_000L));
    }

    [Fact]
    public void SchemasThatReadersWouldMisreadAreRefused()
    {
        Refused(new ParquetSchema());
        Refused(new ParquetSchema(new ParquetColumn("", ParquetType.Int32)));
        Refused(new ParquetSchema(new ParquetColumn("a", ParquetType.Int32), new ParquetColumn("a", ParquetType.Int64)));
        Refused(new ParquetSchema(new ParquetColumn("a", ParquetType.Decimal, Precision: 19)));
        Refused(new ParquetSchema(new ParquetColumn("a", ParquetType.Decimal, Precision: 3, Scale: 4)));
        Refused(new ParquetSchema(new ParquetColumn("a", ParquetType.Int32, Precision: 3)));

        void Refused(ParquetSchema schema) =>
            Assert.Throws<ArgumentException>(() => ParquetFileWriter.Create(_folder["x.staging"], schema));
    }

    [Fact]
    public void AMissingFolderIsAnError() => Assert.ThrowsAny<IOException>(
        () => ParquetFileWriter.Create(_folder["no/such/x.staging"], OneColumn));
}

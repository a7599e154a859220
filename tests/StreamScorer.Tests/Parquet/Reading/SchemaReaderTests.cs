using System.Runtime.InteropServices;
using StreamScorer.Parquet;
using StreamScorer.Parquet.Format;
using Xunit;

namespace StreamScorer.Tests.Parquet.Reading;

public sealed class SchemaReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void NestedColumnsAreRefusedByNameWhileFlatOnesStayReadable()
    {
        var file = new HandMadeFile(2,
            HandMadeFile.Leaf("before", PhysicalType.Int32),
            new SchemaElement { Name = "list", Repetition = Repetition.Optional, ChildCount = 1 },
            new SchemaElement { Name = "items", Repetition = Repetition.Repeated, ChildCount = 1 },
            HandMadeFile.Leaf("element", PhysicalType.Int64, nullable: true),
            HandMadeFile.Leaf("after", PhysicalType.Int32));
        // The root has three children; the two inner nodes are the list's.
        file.Footer.Schema[0] = file.Footer.Schema[0] with { ChildCount = 3 };
        file.AddChunk(PhysicalType.Int32);
        file.AddValues(PageEncoding.Plain, 2, MemoryMarshal.AsBytes<int>([1, 2]));
        file.AddChunk(PhysicalType.Int64).ValueCount = 5;
        file.AddChunk(PhysicalType.Int32);
        file.AddValues(PageEncoding.Plain, 2, MemoryMarshal.AsBytes<int>([3, 4]));

        using ParquetFileReader reader = file.Open(_folder);
        Assert.Equal(["before", "after"], reader.Schema.Columns.Select(column => column.Name));
        var values = new ColumnValues();
        reader.ReadColumn(0, reader.ColumnIndex("after"), values);
        Assert.Equal([3, 4], values.Int32s.ToArray());
        var e = Assert.Throws<ParquetException>(() => reader.ColumnIndex("list"));
        Assert.Contains("not supported", e.Message, StringComparison.Ordinal);
        Assert.Equal("list", e.Column);
    }

    [Fact]
    public void UnknownColumnsAreNamedWithTheKnownOnes()
    {
        var file = new HandMadeFile(0, HandMadeFile.Leaf("city", PhysicalType.ByteArray));
        file.AddChunk(PhysicalType.ByteArray);
        using ParquetFileReader reader = file.Open(_folder);
        var e = Assert.Throws<ParquetException>(() => reader.ColumnIndex("town"));
        Assert.Contains("'town'", e.Message, StringComparison.Ordinal);
        Assert.Contains("city", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DecimalsOfMoreThanEighteenDigitsAreRefusedByName()
    {
        SchemaElement wide = HandMadeFile.Leaf("amount", PhysicalType.FixedLenByteArray) with
        {
            TypeLength = 16,
            Converted = ConvertedType.Decimal,
            Precision = 38,
        };
        var file = new HandMadeFile(0, wide, HandMadeFile.Leaf("a", PhysicalType.Int32));
        file.AddChunk(PhysicalType.FixedLenByteArray);
        file.AddChunk(PhysicalType.Int32);
        using ParquetFileReader reader = file.Open(_folder);
        Assert.Contains("(38, 0)", reader.UnsupportedColumns["amount"], StringComparison.Ordinal);
        Assert.Equal(["a"], reader.Schema.Columns.Select(column => column.Name));
    }

    [Fact]
    public void ASchemaThatIsNoTreeIsRefused()
    {
        var file = new HandMadeFile(0, HandMadeFile.Leaf("a", PhysicalType.Int32));
        file.Footer.Schema[0] = file.Footer.Schema[0] with { ChildCount = 2 };
        file.AddChunk(PhysicalType.Int32);
        Assert.Throws<ParquetException>(() => file.Open(_folder));
    }
}

using System.Buffers.Binary;
using StreamScorer.Parquet;
using StreamScorer.Parquet.Format;
using Xunit;

namespace StreamScorer.Tests.Parquet;

/// <summary>Forms of values that older and other writers use and our writer never does.</summary>
public sealed class OtherFormsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(2_440_588, 0L, 0L)]
    [InlineData(2_440_587, 86_399_999_999_999L, -1L)]
    [InlineData(2_461_366, 3_723_000_004_567L, 1_795_222_923_000_004L)]
    public void Int96_timestamps_are_nanoseconds_of_a_Julian_day(int julianDay, long nanos, long micros)
    {
        byte[] value = new byte[12];
        BinaryPrimitives.WriteInt64LittleEndian(value, nanos);
        BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(8), julianDay);

        ColumnValues values = Read(HandMadeFile.Leaf("a", PhysicalType.Int96), 1, file => file.AddValues(PageEncoding.Plain, 1, value));

        Assert.Equal((ParquetType.TimestampMicros, micros), (values.Type, values.GetInt64(0)));
    }

    [Fact]
    public void Decimals_in_fixed_bytes_are_big_endian_and_signed()
    {
        SchemaElement leaf = HandMadeFile.Leaf("a", PhysicalType.FixedLenByteArray) with
        {
            TypeLength = 9,
            Converted = ConvertedType.Decimal,
            Precision = 18,
            Scale = 2,
        };
        byte[] minusTwo = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE];

        ColumnValues values = Read(leaf, 2, file => file.AddValues(PageEncoding.Plain, 2, [.. minusTwo, 0, 0, 0, 0, 0, 0, 0, 1, 2]));

        Assert.Equal((ParquetType.Decimal, -2L, 258L), (values.Type, values.GetInt64(0), values.GetInt64(1)));
    }

    [Fact]
    public void The_older_name_of_dictionary_encoding_is_understood()
    {
        ColumnValues values = Read(HandMadeFile.Leaf("a", PhysicalType.Int32), 4, file =>
        {
            file.AddPage(new PageHeader { Type = PageType.Dictionary, ValueCount = 2 }, [7, 0, 0, 0, 9, 0, 0, 0]);
            file.AddValues(PageEncoding.PlainDictionary, 4, [1, 3, 0b0110]);
        });

        Assert.Equal([7, 9, 9, 7], values.Int32s.ToArray());
    }

    [Fact]
    public void Millis_and_nanos_become_micros_and_nanos_round_towards_the_past()
    {
        SchemaElement millis = HandMadeFile.Leaf("a", PhysicalType.Int64) with { Converted = ConvertedType.TimestampMillis };
        SchemaElement nanos = HandMadeFile.Leaf("a", PhysicalType.Int64) with
        {
            Logical = new LogicalType(LogicalKind.Timestamp) { IsAdjustedToUtc = true, Unit = TimeUnit.Nanos },
        };
        byte[] minusOne = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];

        Assert.Equal(-1_000, Read(millis, 1, file => file.AddValues(PageEncoding.Plain, 1, minusOne)).GetInt64(0));
        Assert.Equal(-1, Read(nanos, 1, file => file.AddValues(PageEncoding.Plain, 1, minusOne)).GetInt64(0));
    }

    [Fact]
    public void A_version_two_page_may_leave_its_values_uncompressed()
    {
        ColumnValues values = Read(HandMadeFile.Leaf("a", PhysicalType.Int32, nullable: true), 8, file => file.AddPage(
            new PageHeader
            {
                Type = PageType.DataV2,
                ValueCount = 8,
                NullCount = 6,
                Encoding = PageEncoding.Plain,
                DefinitionLevelBytes = 2,
                IsCompressed = false,
            },
            [3, 0b1000_0001, 5, 0, 0, 0, 6, 0, 0, 0]), FileCodec.Snappy);

        Assert.Equal((6, 5, 6), (values.NullCount, values.GetInt32(0), values.GetInt32(7)));
    }

    private ColumnValues Read(SchemaElement leaf, int rows, Action<HandMadeFile> fill, FileCodec codec = FileCodec.Uncompressed)
    {
        var file = new HandMadeFile(rows, leaf);
        file.AddChunk(leaf.Type!.Value, codec);
        fill(file);
        using ParquetFileReader reader = file.Open(_folder);
        var values = new ColumnValues();
        reader.ReadColumn(0, 0, values);
        return values;
    }
}

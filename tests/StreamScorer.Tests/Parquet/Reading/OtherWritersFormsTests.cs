using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using StreamScorer.Parquet;
using StreamScorer.Parquet.Format;
using StreamScorer.Tests.Parquet.Encodings;
using Xunit;

namespace StreamScorer.Tests.Parquet.Reading;

/// <summary>Forms of pages and types that other writers use and ours does not.</summary>
public sealed class OtherWritersFormsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Int96TimestampsAreMicroseconds()
    {
        // 2001-02-03 04:05:06.789012 is Julian day 2451944 and 14,706,789,012,345 ns; the last three digits are lost.
        var body = new byte[24];
        BinaryPrimitives.WriteInt64LittleEndian(body, 14_706_789_012_345);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(8), 2_451_944);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(20), 2_440_588);
        var file = new HandMadeFile(2, HandMadeFile.Leaf("t", PhysicalType.Int96));
        file.AddChunk(PhysicalType.Int96);
        file.AddValues(PageEncoding.Plain, 2, body);

        ColumnValues values = ReadOnly(file);
        Assert.Equal(ParquetType.TimestampMicros, values.Type);
        var expected = new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc).AddMicroseconds(789_012);
        Assert.Equal((expected - DateTime.UnixEpoch).Ticks / 10, values.GetInt64(0));
        Assert.Equal(0, values.GetInt64(1));
    }

    [Theory]
    [InlineData(TimeUnit.Millis, 5, 5_000)]
    [InlineData(TimeUnit.Millis, -5, -5_000)]
    [InlineData(TimeUnit.Micros, 5, 5)]
    [InlineData(TimeUnit.Nanos, 5_999, 5)]
    [InlineData(TimeUnit.Nanos, -1, -1)]
    [InlineData(TimeUnit.Nanos, -1_000, -1)]
    internal void TimestampsOfAnyUnitAreMicroseconds(TimeUnit unit, long stored, long micros)
    {
        SchemaElement leaf = HandMadeFile.Leaf("t", PhysicalType.Int64) with
        {
            Logical = new LogicalType(LogicalKind.Timestamp) { Unit = unit, IsAdjustedToUtc = true },
        };
        Assert.Equal(micros, ReadOnly(OneValue(leaf, BitConverter.GetBytes(stored))).GetInt64(0));
    }

    [Fact]
    public void AMillisecondTimestampBeyondMicrosecondsIsRefused()
    {
        SchemaElement leaf = HandMadeFile.Leaf("t", PhysicalType.Int64) with { Converted = ConvertedType.TimestampMillis };
        ParquetException e = Refused(OneValue(leaf, BitConverter.GetBytes(long.MaxValue / 10)));
        Assert.Equal("t", e.Column);
    }

    [Fact]
    public void UnsignedNumbersKeepTheirValue()
    {
        SchemaElement narrow = HandMadeFile.Leaf("u", PhysicalType.Int32) with
        {
            Logical = new LogicalType(LogicalKind.Integer) { BitWidth = 32 },
        };
        Assert.Equal(uint.MaxValue, ReadOnly(OneValue(narrow, BitConverter.GetBytes(-1))).GetInt64(0));
        SchemaElement wide = HandMadeFile.Leaf("u", PhysicalType.Int64) with { Converted = ConvertedType.UInt64 };
        Assert.Equal(7, ReadOnly(OneValue(wide, BitConverter.GetBytes(7L))).GetInt64(0));
        Refused(OneValue(wide, BitConverter.GetBytes(-1L)));
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0x85 }, -123)]
    [InlineData(new byte[] { 0x00, 0x7B }, 123)]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x00 }, 256)]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, -1)]
    public void DecimalsInBytesAreNumbers(byte[] bigEndian, long unscaled)
    {
        SchemaElement leaf = HandMadeFile.Leaf("d", PhysicalType.FixedLenByteArray) with
        {
            TypeLength = bigEndian.Length,
            Converted = ConvertedType.Decimal,
            Precision = 9,
            Scale = 2,
        };
        ColumnValues values = ReadOnly(OneValue(leaf, bigEndian));
        Assert.Equal(ParquetType.Decimal, values.Type);
        Assert.Equal(unscaled, values.GetInt64(0));
    }

    [Fact]
    public void HalfFloatsAreFloats()
    {
        SchemaElement leaf = HandMadeFile.Leaf("h", PhysicalType.FixedLenByteArray) with
        {
            TypeLength = 2,
            Logical = new LogicalType(LogicalKind.Float16),
        };
        Assert.Equal(1.5f, ReadOnly(OneValue(leaf, [0x00, 0x3E])).GetFloat(0));
    }

    [Fact]
    public void VersionTwoPagesWithNullsAreRead()
    {
        byte[] levels = [(1 << 1) | 1, 0b00101101];
        byte[] body = [.. levels, .. MemoryMarshal.AsBytes<long>([10, 20, 30, 40])];
        var file = new HandMadeFile(8, HandMadeFile.Leaf("n", PhysicalType.Int64, nullable: true));
        file.AddChunk(PhysicalType.Int64, FileCodec.Snappy);
        file.AddPage(new PageHeader
        {
            Type = PageType.DataV2,
            ValueCount = 8,
            NullCount = 4,
            Encoding = PageEncoding.Plain,
            DefinitionLevelBytes = levels.Length,
            IsCompressed = false,
        }, body);

        ColumnValues values = ReadOnly(file);
        Assert.Equal(4, values.NullCount);
        Assert.Equal([10, 0, 20, 30, 0, 40, 0, 0], values.Int64s.ToArray());
        Assert.Equal([false, true, false, false, true, false, true, true], Enumerable.Range(0, 8).Select(values.IsNull));
    }

    [Fact]
    public void DeltaNumbersAreRead()
    {
        long[] numbers = [5, -3, long.MaxValue, long.MinValue, 0, 1_000];
        Assert.Equal(numbers, ReadOnly(Values("d", PhysicalType.Int64, PageEncoding.DeltaBinaryPacked, numbers.Length,
            DeltaEncoder.Encode(numbers))).Int64s.ToArray());
        int[] small = [5, -3, int.MaxValue, int.MinValue, 0, 1_000];
        Assert.Equal(small, ReadOnly(Values("d", PhysicalType.Int32, PageEncoding.DeltaBinaryPacked, small.Length,
            DeltaEncoder.Encode([.. small.Select(v => (long)v)]))).Int32s.ToArray());
    }

    [Fact]
    public void DeltaStringsAreRead()
    {
        byte[] lengths = [.. DeltaEncoder.Encode([5, 0, 3]), .. "Helloabc"u8];
        Assert.Equal(["Hello", "", "abc"], Strings(ReadOnly(Values("s", PhysicalType.ByteArray,
            PageEncoding.DeltaLengthByteArray, 3, lengths))));
        byte[] prefixes = [.. DeltaEncoder.Encode([0, 4, 0, 2]), .. DeltaEncoder.Encode([4, 1, 3, 0]), .. "axisswax"u8];
        Assert.Equal(["axis", "axiss", "wax", "wa"], Strings(ReadOnly(Values("s", PhysicalType.ByteArray,
            PageEncoding.DeltaByteArray, 4, prefixes))));
    }

    [Fact]
    public void SplitStreamsAreJoined()
    {
        double[] numbers = [1.5, -2.25, double.NaN];
        byte[] plain = MemoryMarshal.AsBytes<double>(numbers).ToArray();
        byte[] split = [.. Enumerable.Range(0, 24).Select(i => plain[(i % 3 * 8) + (i / 3)])];
        Assert.Equal(numbers, ReadOnly(Values("b", PhysicalType.Double, PageEncoding.ByteStreamSplit, 3, split)).Doubles.ToArray());
    }

    [Fact]
    public void RunLengthBooleansAreRead()
    {
        byte[] body = [2, 0, 0, 0, 3 << 1, 1];
        ColumnValues values = ReadOnly(Values("b", PhysicalType.Boolean, PageEncoding.Rle, 3, body));
        Assert.All(Enumerable.Range(0, 3), row => Assert.True(values.GetBoolean(row)));
    }

    [Fact]
    public void OldDictionaryPagesAreRead()
    {
        var file = new HandMadeFile(3, HandMadeFile.Leaf("d", PhysicalType.Int32));
        file.AddChunk(PhysicalType.Int32);
        file.AddPage(new PageHeader { Type = PageType.Dictionary, ValueCount = 2, Encoding = PageEncoding.PlainDictionary },
            MemoryMarshal.AsBytes<int>([70, 80]));
        file.AddValues(PageEncoding.PlainDictionary, 3, [1, (1 << 1) | 1, 0b101]);
        Assert.Equal([80, 70, 80], ReadOnly(file).Int32s.ToArray());
    }

    private ColumnValues ReadOnly(HandMadeFile file)
    {
        using ParquetFileReader reader = file.Open(_folder);
        var values = new ColumnValues();
        reader.ReadColumn(0, 0, values);
        return values;
    }

    private ParquetException Refused(HandMadeFile file)
    {
        using ParquetFileReader reader = file.Open(_folder);
        return Assert.Throws<ParquetException>(() => reader.ReadColumn(0, 0, new ColumnValues()));
    }

    private static HandMadeFile OneValue(SchemaElement leaf, byte[] plain)
    {
        var file = new HandMadeFile(1, leaf);
        file.AddChunk(leaf.Type!.Value);
        return file.AddValues(PageEncoding.Plain, 1, plain);
    }

    private static HandMadeFile Values(string name, PhysicalType type, PageEncoding encoding, int count, byte[] body)
    {
        var file = new HandMadeFile(count, HandMadeFile.Leaf(name, type));
        file.AddChunk(type);
        return file.AddValues(encoding, count, body);
    }

    private static string[] Strings(ColumnValues values) =>
        [.. Enumerable.Range(0, values.Count).Select(row => Encoding.UTF8.GetString(values.GetBytes(row)))];
}

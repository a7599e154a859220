using StreamScorer.Parquet;
using StreamScorer.Parquet.Compression;
using StreamScorer.Parquet.Format;
using Xunit;

namespace StreamScorer.Tests.Parquet;

/// <summary>Files that lie about lengths and counts, and bombs: refused by name of file, row group, column and page, before they have
/// cost more memory than allowed.</summary>
public sealed class HostileFileTests : IDisposable
{
    private const long MostAllocatedBytes = 32 << 20;

    private static readonly ParquetReaderOptions Bounds = new() { MaxPageBytes = 1 << 20, MaxColumnBytes = 4 << 20 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void More_rows_than_memory_allows() => AssertRefused("pass the 4194304 bytes allowed", page: 0,
        new HandMadeFile(int.MaxValue, Leaf(PhysicalType.Int64)), file =>
        {
            file.AddChunk(PhysicalType.Int64);
            file.AddValues(PageEncoding.Plain, int.MaxValue, new byte[16]);
        });

    [Fact]
    public void A_page_of_two_billion_nulls() => AssertRefused("bytes allowed for one column", page: 0,
        new HandMadeFile(int.MaxValue, Leaf(PhysicalType.Int32, nullable: true)), file =>
        {
            file.AddChunk(PhysicalType.Int32);
            // One RLE run of 2^30 zeros takes six bytes.
            file.AddValues(PageEncoding.Plain, int.MaxValue, [6, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0]);
        });

    [Fact]
    public void A_page_that_grows_more_than_its_codec_can() => AssertRefused("cannot hold the 1000000 bytes", page: 0,
        new HandMadeFile(4, Leaf(PhysicalType.Int32)), file =>
        {
            file.AddChunk(PhysicalType.Int32, FileCodec.Snappy);
            file.AddPage(new PageHeader { Type = PageType.Data, ValueCount = 4, UncompressedBytes = 1_000_000 }, [16, 0]);
        });

    [Fact]
    public void A_bomb_that_tells_its_size() => AssertRefused("1048576 are allowed", page: 0,
        new HandMadeFile(4, Leaf(PhysicalType.Int32)), file =>
        {
            file.AddChunk(PhysicalType.Int32, FileCodec.Zstd);
            file.AddPage(new PageHeader { Type = PageType.Data, ValueCount = 4, UncompressedBytes = 64 << 20 }, Zstd(new byte[64 << 20]));
        });

    [Fact]
    public void A_bomb_that_understates_its_size() => AssertRefused("Zstandard", page: 0,
        new HandMadeFile(4, Leaf(PhysicalType.Int32)), file =>
        {
            file.AddChunk(PhysicalType.Int32, FileCodec.Zstd);
            file.AddPage(new PageHeader { Type = PageType.Data, ValueCount = 4, UncompressedBytes = 16 }, Zstd(new byte[64 << 20]));
        });

    [Fact]
    public void A_gzip_page_that_goes_on() => AssertRefused("does not hold the 16 bytes", page: 0,
        new HandMadeFile(4, Leaf(PhysicalType.Int32)), file =>
        {
            var packed = new ByteBuffer();
            Gzip.Compress(new byte[8 << 20], packed);
            file.AddChunk(PhysicalType.Int32, FileCodec.Gzip);
            file.AddPage(new PageHeader { Type = PageType.Data, ValueCount = 4, UncompressedBytes = 16 }, packed.Written);
        });

    [Fact]
    public void Many_pages_that_fit_each_and_not_together() => AssertRefused("pass the 4194304 bytes allowed", page: 4,
        new HandMadeFile(10, Leaf(PhysicalType.ByteArray)), file =>
        {
            file.AddChunk(PhysicalType.ByteArray);
            for (int page = 0; page < 10; page++)
                file.AddValues(PageEncoding.Plain, 1, [.. BitConverter.GetBytes((1 << 20) - 4), .. new byte[(1 << 20) - 4]]);
        });

    [Fact]
    public void Values_that_repeat_their_neighbours_without_end() => AssertRefused("pass the 4194304 bytes allowed", page: 0,
        new HandMadeFile(10_000, Leaf(PhysicalType.ByteArray)), file =>
        {
            file.AddChunk(PhysicalType.ByteArray);
            // 10,000 values, each one byte longer than the last and repeating all of it: 50 MB from 10 kB.
            byte[] prefixes = [0x80, 0x01, 4, 0x90, 0x4E, 0, .. Blocks(minDelta: 2)];
            byte[] rests = [0x80, 0x01, 4, 0x90, 0x4E, 2, .. Blocks(minDelta: 0)];
            file.AddValues(PageEncoding.DeltaByteArray, 10_000, [.. prefixes, .. rests, .. new byte[10_000]]);
        });

    [Fact]
    public void A_dictionary_that_claims_more_than_it_holds() => AssertRefused("cannot hold its 1000000 values", page: 0,
        new HandMadeFile(4, Leaf(PhysicalType.ByteArray)), file =>
        {
            file.AddChunk(PhysicalType.ByteArray);
            file.AddPage(new PageHeader { Type = PageType.Dictionary, ValueCount = 1_000_000 }, new byte[100]);
        });

    [Fact]
    public void An_index_beyond_the_dictionary() => AssertRefused("Dictionary index 3 is beyond", page: 1,
        new HandMadeFile(4, Leaf(PhysicalType.Int32)), file =>
        {
            file.AddChunk(PhysicalType.Int32);
            file.AddPage(new PageHeader { Type = PageType.Dictionary, ValueCount = 2 }, new byte[8]);
            file.AddValues(PageEncoding.RleDictionary, 4, [2, 3, 0xFF, 0]);
        });

    [Fact]
    public void A_chunk_that_claims_to_lie_in_the_footer() => AssertRefused("do not lie between", page: null,
        new HandMadeFile(4, Leaf(PhysicalType.Int32)), file =>
        {
            ColumnChunkMetadata chunk = file.AddChunk(PhysicalType.Int32);
            file.AddValues(PageEncoding.Plain, 4, new byte[16]);
            chunk.CompressedBytes = 1_000_000_000_000;
        });

    [Fact]
    public void A_page_that_claims_more_values_than_there_are_rows() => AssertRefused("pass the row group's 4 rows", page: 0,
        new HandMadeFile(4, Leaf(PhysicalType.Int32)), file =>
        {
            file.AddChunk(PhysicalType.Int32);
            file.AddValues(PageEncoding.Plain, 5, new byte[20]);
        });

    [Fact]
    public void A_nested_column_is_refused_by_name_and_the_flat_ones_stay_readable()
    {
        var list = new SchemaElement { Name = "tags", ChildCount = 1, Repetition = Repetition.Optional };
        var file = new HandMadeFile(2, Leaf(PhysicalType.Int32), list, HandMadeFile.Leaf("element", PhysicalType.Int32) with { Repetition = Repetition.Repeated });
        file.Footer.Schema[0] = file.Footer.Schema[0] with { ChildCount = 2 };
        file.AddChunk(PhysicalType.Int32);
        file.AddValues(PageEncoding.Plain, 2, [7, 0, 0, 0, 8, 0, 0, 0]);
        file.AddChunk(PhysicalType.Int32);
        file.AddValues(PageEncoding.Plain, 2, new byte[8]);

        using ParquetFileReader reader = file.Open(_folder);

        var values = new ColumnValues();
        reader.ReadColumn(0, reader.ColumnIndex("a"), values);
        Assert.Equal(8, values.GetInt32(1));
        var e = Assert.Throws<ParquetException>(() => reader.ColumnIndex("tags"));
        Assert.Contains("not supported", e.Message, StringComparison.Ordinal);
        Assert.Equal("tags", e.Column);
    }

    private static SchemaElement Leaf(PhysicalType type, bool nullable = false) => HandMadeFile.Leaf("a", type, nullable);

    // The blocks of 128 deltas that 9,999 more values need, all of them the least delta: miniblocks of no bits.
    private static IEnumerable<byte> Blocks(byte minDelta) => Enumerable.Range(0, (9_999 + 127) / 128).SelectMany(_ => new byte[] { minDelta, 0, 0, 0, 0 });

    private static byte[] Zstd(byte[] bytes)
    {
        ZstdLibrary library = ZstdLibrary.Instance;
        nint state = library.CreateCompressor();
        try
        {
            var packed = new byte[library.MaxCompressedLength(bytes.Length)];
            return packed[..library.Compress(state, bytes, packed, 1)];
        }
        finally
        {
            library.FreeCompressor(state);
        }
    }

    private void AssertRefused(string words, int? page, HandMadeFile file, Action<HandMadeFile> fill)
    {
        fill(file);
        using ParquetFileReader reader = file.Open(_folder, Bounds);
        var values = new ColumnValues();
        long before = GC.GetAllocatedBytesForCurrentThread();

        var e = Assert.Throws<ParquetException>(() => reader.ReadColumn(0, 0, values));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostAllocatedBytes);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
        Assert.Equal((_folder["hand-made.parquet"], 0, "a", page), (e.File, e.RowGroup, e.Column, e.Page));
    }
}

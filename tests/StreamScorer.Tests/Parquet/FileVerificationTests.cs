using System.Buffers.Binary;
using StreamScorer.Parquet;
using StreamScorer.Parquet.Format;
using Xunit;

namespace StreamScorer.Tests.Parquet;

/// <summary>A verification passes what our writer makes and names the place of every false saying.</summary>
public sealed class FileVerificationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 25)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Files_of_our_writer_are_whole(int seed)
    {
        var random = new Random(seed);
        RandomTable table = RandomTable.Make(random, random.Next(4_000), random.Next(1, 9));
        string path = Write(table, random, new ParquetWriterOptions
        {
            Codec = (CompressionCodec)random.Next(4),
            RowGroupRows = random.Next(1, 2_000),
            PageBytes = 1 << random.Next(10, 14),
        });

        FileVerification verified = FileVerification.Run(path);

        Assert.Equal(table.Rows, verified.Rows);
        Assert.True(verified.Pages >= verified.RowGroups * verified.Columns);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Some_rows_are_the_same_as_those_of_the_whole_column(int seed)
    {
        var random = new Random(seed);
        RandomTable table = RandomTable.Make(random, random.Next(1, 4_000), random.Next(1, 6));
        using var reader = ParquetFileReader.Open(Write(table, random, new ParquetWriterOptions { PageBytes = 1 << 10 }));
        var some = new ColumnValues();
        for (int i = 0; i < 20; i++)
        {
            int group = random.Next(reader.RowGroupCount);
            int first = random.Next(reader.RowGroupRows(group) + 1);
            int rows = random.Next(reader.RowGroupRows(group) - first + 1);
            for (int c = 0; c < table.Schema.Columns.Count; c++)
            {
                reader.ReadRows(group, c, first, rows, some);
                table.AssertRows(some, c, first, rows);
            }
        }
    }

    [Fact]
    public void The_page_index_tells_which_pages_a_search_can_skip()
    {
        using ParquetFileReader reader = ParquetFileReader.Open(WriteSorted(50_000));

        IReadOnlyList<PageInfo> pages = reader.Pages(0, 0)!;

        Assert.True(pages.Count > 10);
        Assert.Equal(50_000, pages.Sum(page => page.RowCount));
        PageInfo hit = Assert.Single(pages, page => page.Statistics.MightContain(31_337, 31_337));
        Assert.InRange(31_337, hit.FirstRow, hit.FirstRow + hit.RowCount - 1);
    }

    [Fact]
    public void Reading_some_rows_reads_no_other_pages()
    {
        string path = WriteSorted(50_000);
        IReadOnlyList<PageInfo> pages;
        using (ParquetFileReader whole = ParquetFileReader.Open(path))
            pages = whole.Pages(0, 0)!;
        // All pages but the wanted one are spoilt: who reads one notices by its checksum.
        byte[] bytes = File.ReadAllBytes(path);
        foreach (PageInfo page in pages.Where(page => page.FirstRow != pages[7].FirstRow))
            bytes[page.Offset + page.Bytes - 1] ^= 1;
        File.WriteAllBytes(path, bytes);

        using ParquetFileReader reader = ParquetFileReader.Open(path);
        var values = new ColumnValues();
        reader.ReadRows(0, 0, pages[7].FirstRow + 5, 10, values);
        Assert.Equal(pages[7].FirstRow + 5, values.GetInt64(0));
        var e = Assert.Throws<ParquetException>(() => reader.ReadRows(0, 0, pages[8].FirstRow, 1, values));
        Assert.Equal((0, "n", 8), (e.RowGroup, e.Column, e.Page));
    }

    [Fact]
    public void A_false_bound_of_the_footer_is_found() => AssertFault("bound does not hold", page: null, file =>
        file.AddValues(PageEncoding.Plain, 2, Ints(5, 9)),
        chunk => chunk.Statistics = new Statistics { Min = Ints(6), Max = Ints(9) });

    [Fact]
    public void A_bound_that_calls_itself_exact_must_be_met() => AssertFault("exact", page: null, file =>
        file.AddValues(PageEncoding.Plain, 2, Ints(5, 9)),
        chunk => chunk.Statistics = new Statistics { Min = Ints(4), Max = Ints(9), IsMinExact = true });

    [Fact]
    public void A_false_null_count_is_found() => AssertFault("counts 1 nulls, there are 0", page: null, file =>
        file.AddValues(PageEncoding.Plain, 2, Ints(5, 9)),
        chunk => chunk.Statistics = new Statistics { NullCount = 1 });

    [Fact]
    public void A_false_bound_of_a_page_is_found_with_the_page() => AssertFault("page header", page: 1, file =>
        file.AddValues(PageEncoding.Plain, 1, Ints(5)).AddPage(new PageHeader
        {
            Type = PageType.Data,
            ValueCount = 1,
            Encoding = PageEncoding.Plain,
            Statistics = new Statistics { Min = Ints(8), Max = Ints(8) },
        }, Ints(9)));

    [Fact]
    public void A_false_size_is_found() => AssertFault("bytes without compression", page: null, file =>
        file.AddValues(PageEncoding.Plain, 2, Ints(5, 9)), chunk => chunk.UncompressedBytes++);

    [Fact]
    public void A_false_page_count_is_found() => AssertFault("counts 2 Data pages", page: null, file =>
        file.AddValues(PageEncoding.Plain, 2, Ints(5, 9)),
        chunk => chunk.EncodingCounts.Add(new PageEncodingCount(PageType.Data, PageEncoding.Plain, 2)));

    [Fact]
    public void A_false_page_place_is_found() => AssertFault("places the page at", page: 1, TwoPages,
        offsetIndex: Index([(0, 1), (-1, 1)]));

    [Fact]
    public void A_missing_page_of_the_index_is_found() => AssertFault("lists 1 data pages, the chunk has 2", page: null, TwoPages,
        offsetIndex: Index([(0, 1)]));

    [Fact]
    public void A_false_bound_of_the_column_index_is_found() => AssertFault("The column index's upper bound", page: 1, file =>
    {
        TwoPages(file);
        file.AddColumnIndex([Bounds(5, 5), Bounds(6, 8)], BoundaryOrder.Unordered);
    }, offsetIndex: Index([(0, 1), (0, 1)]));

    [Fact]
    public void Bounds_that_are_called_rising_must_rise() => AssertFault("calls its bounds Ascending", page: null, file =>
    {
        TwoPages(file);
        file.AddColumnIndex([Bounds(5, 12), Bounds(6, 9)], BoundaryOrder.Ascending);
    }, offsetIndex: Index([(0, 1), (0, 1)]));

    [Fact]
    public void Chunks_that_share_bytes_are_found()
    {
        HandMadeFile file = new(2, HandMadeFile.Leaf("a", PhysicalType.Int32), HandMadeFile.Leaf("b", PhysicalType.Int32));
        ColumnChunkMetadata first = file.AddChunk(PhysicalType.Int32);
        file.AddValues(PageEncoding.Plain, 2, Ints(5, 9));
        ColumnChunkMetadata second = file.AddChunk(PhysicalType.Int32);
        file.AddValues(PageEncoding.Plain, 2, Ints(6, 7));
        second.DataPageOffset = first.DataPageOffset;

        var e = Assert.Throws<ParquetException>(() => FileVerification.Run(Save(file)));

        Assert.Contains("shares bytes", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_none_is_found() => AssertFault("not valid UTF-8", page: 0,
        file => file.AddValues(PageEncoding.Plain, 2, [1, 0, 0, 0, 0x61, 1, 0, 0, 0, 0xC3]), type: PhysicalType.ByteArray);

    private static Statistics Bounds(int min, int max) => new() { Min = Ints(min), Max = Ints(max), NullCount = 0 };

    private static void TwoPages(HandMadeFile file) =>
        file.AddValues(PageEncoding.Plain, 1, Ints(5)).AddValues(PageEncoding.Plain, 1, Ints(9));

    // The entries' places relative to where the pages are; every page of TwoPages takes as many bytes as the other.
    private static Func<ColumnChunkMetadata, List<PageLocation>> Index((int Shift, int Pages)[] entries) => chunk =>
    {
        int bytes = (int)chunk.CompressedBytes / 2;
        return [.. entries.Select((entry, i) => new PageLocation(
            chunk.DataPageOffset + (i * bytes) - entry.Shift, (bytes * entry.Pages) + entry.Shift, i))];
    };

    private void AssertFault(
        string words, int? page, Action<HandMadeFile> pages, Action<ColumnChunkMetadata>? spoil = null,
        Func<ColumnChunkMetadata, List<PageLocation>>? offsetIndex = null, PhysicalType type = PhysicalType.Int32)
    {
        SchemaElement leaf = HandMadeFile.Leaf("a", type);
        HandMadeFile file = new(2, type == PhysicalType.ByteArray ? leaf with { Converted = ConvertedType.Utf8 } : leaf);
        ColumnChunkMetadata chunk = file.AddChunk(type);
        pages(file);
        if (offsetIndex is not null)
            file.AddOffsetIndex(offsetIndex(chunk));
        else
            spoil?.Invoke(chunk);

        var e = Assert.Throws<ParquetException>(() => FileVerification.Run(Save(file)));

        Assert.Contains(words, e.Message, StringComparison.Ordinal);
        Assert.Equal((0, "a", page), (e.RowGroup, e.Column, e.Page));
    }

    private string Save(HandMadeFile file)
    {
        File.WriteAllBytes(_folder["x.parquet"], file.ToBytes());
        return _folder["x.parquet"];
    }

    private string Write(RandomTable table, Random random, ParquetWriterOptions options)
    {
        using ParquetFileWriter writer = ParquetFileWriter.Create(_folder["x.staging"], table.Schema, options);
        table.Write(writer, random);
        writer.CompleteAs(_folder["x.parquet"]);
        return _folder["x.parquet"];
    }

    private string WriteSorted(int rows)
    {
        var schema = new ParquetSchema(new ParquetColumn("n", ParquetType.Int64));
        using ParquetFileWriter writer = ParquetFileWriter.Create(_folder["x.staging"], schema, new ParquetWriterOptions { PageBytes = 1 << 14 });
        for (long i = 0; i < rows; i++)
            writer.Column(0).Append(i);
        writer.EndRows(rows);
        writer.CompleteAs(_folder["x.parquet"]);
        return _folder["x.parquet"];
    }

    private static byte[] Ints(params int[] values)
    {
        var bytes = new byte[values.Length * 4];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * 4), values[i]);
        return bytes;
    }
}

using StreamScorer.Parquet.Format;
using StreamScorer.Parquet.Reading;
using StreamScorer.Parquet.Writing;

namespace StreamScorer.Parquet;

/// <summary>Reads one Parquet file of flat columns, ours or another writer's, column by column: only the columns asked for are
/// read and decoded. A damaged or hostile file is a <see cref="ParquetException"/> that names the place. One thread at a time.
/// </summary>
public sealed class ParquetFileReader : IDisposable
{
    private readonly string _path;
    private readonly FileInput _input;
    private readonly FileMetadata _metadata;
    private readonly List<LeafColumn> _leaves;
    private readonly Dictionary<string, string> _unsupported;
    private readonly ChunkReader _chunks;
    private readonly PageIndex _pageIndex;

    private ParquetFileReader(string path, FileInput input, ParquetReaderOptions options)
    {
        _path = path;
        _input = input;
        byte[] footer = input.ReadFooter(options.MaxFooterBytes);
        _metadata = MetadataReader.ReadFooter(footer);
        bool isOurs = options.VerifiesChecksums && IsOurs(footer);
        if (isOurs)
            FooterChecksum.Check(footer);
        SchemaReader schema = SchemaReader.Read(_metadata.Schema);
        _leaves = schema.Columns;
        _unsupported = schema.Unsupported;
        Schema = new ParquetSchema([.. _leaves.Select(leaf => leaf.Column)]);
        var keyValues = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string value) in _metadata.KeyValues)
            keyValues[key] = value;
        keyValues.Remove(FooterChecksum.Key);
        Metadata = keyValues;
        CheckRowGroups(schema.LeafCount);
        _chunks = new ChunkReader(input, options) { TrustsEncodingCounts = isOurs };
        _pageIndex = new PageIndex(input, options);
    }

    /// <summary>The flat columns in file order; nested ones are left out, see <see cref="UnsupportedColumns"/>.</summary>
    public ParquetSchema Schema { get; }

    /// <summary>By name: why a column of the file is not in <see cref="Schema"/>.</summary>
    public IReadOnlyDictionary<string, string> UnsupportedColumns => _unsupported;

    /// <summary>Rows in all.</summary>
    public long RowCount => _metadata.RowCount;

    /// <summary>Row groups.</summary>
    public int RowGroupCount => _metadata.RowGroups.Count;

    /// <summary>Key-value metadata of the footer; of a key that occurs twice the last value.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>What wrote the file, null where it does not say.</summary>
    public string? Writer => _metadata.CreatedBy;

    /// <summary>Opens a file and reads its footer.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The bounds within which it is believed; null for the defaults.</param>
    /// <exception cref="ParquetException">The file is no whole Parquet file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ParquetFileReader Open(string path, ParquetReaderOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var input = new FileInput(path);
        try
        {
            return new ParquetFileReader(path, input, options ?? new ParquetReaderOptions());
        }
        catch (ParquetException e)
        {
            input.Dispose();
            throw e.At(path);
        }
        catch
        {
            input.Dispose();
            throw;
        }
    }

    /// <summary>Rows of one row group.</summary>
    public int RowGroupRows(int rowGroup) => (int)_metadata.RowGroups[rowGroup].RowCount;

    /// <summary>The position of a column in <see cref="Schema"/>.</summary>
    /// <exception cref="ParquetException">The file has no such column, or has one that cannot be read; the message says which.
    /// </exception>
    public int ColumnIndex(string name)
    {
        int index = Schema.IndexOf(name);
        if (index >= 0)
            return index;
        string problem = _unsupported.TryGetValue(name, out string? why)
            ? $"the column cannot be read: {why}."
            : $"the file has no such column; it has {string.Join(", ", Schema.Columns.Select(c => c.Name))}.";
        throw new ParquetException(problem).At(_path, column: name);
    }

    /// <summary>What the footer says about the values of one column of one row group, so that row groups can be passed over.
    /// </summary>
    /// <param name="rowGroup">0 to <see cref="RowGroupCount"/> - 1.</param>
    /// <param name="column">A position in <see cref="Schema"/>.</param>
    public ColumnStatistics Statistics(int rowGroup, int column)
    {
        LeafColumn leaf = _leaves[column];
        return BoundsReader.Read(Chunk(rowGroup, column).Statistics, leaf, HasTypeOrder(leaf), RowGroupRows(rowGroup));
    }

    /// <summary>How one column of one row group is stored.</summary>
    /// <param name="rowGroup">0 to <see cref="RowGroupCount"/> - 1.</param>
    /// <param name="column">A position in <see cref="Schema"/>.</param>
    public ColumnChunkInfo ColumnChunk(int rowGroup, int column)
    {
        ColumnChunkMetadata chunk = Chunk(rowGroup, column);
        return new ColumnChunkInfo
        {
            PhysicalType = FormatNames.Of(chunk.Type),
            Codec = FormatNames.Of(chunk.Codec),
            Encodings = [.. chunk.Encodings.Select(FormatNames.Of)],
            Offset = PageIndex.StartOf(chunk),
            CompressedBytes = chunk.CompressedBytes,
            UncompressedBytes = chunk.UncompressedBytes,
            HasDictionary = chunk.DictionaryPageOffset > 0,
            HasColumnIndex = chunk.ColumnIndexOffset is not null,
            HasOffsetIndex = chunk.OffsetIndexOffset is not null,
        };
    }

    /// <summary>The data pages of one column of one row group in row order, so that pages can be passed over; null where the file
    /// has no page index for it.</summary>
    /// <param name="rowGroup">0 to <see cref="RowGroupCount"/> - 1.</param>
    /// <param name="column">A position in <see cref="Schema"/>.</param>
    /// <exception cref="ParquetException">The page index is damaged or contradicts the footer.</exception>
    public IReadOnlyList<PageInfo>? Pages(int rowGroup, int column)
    {
        ColumnChunkMetadata chunk = Chunk(rowGroup, column);
        LeafColumn leaf = _leaves[column];
        int rows = RowGroupRows(rowGroup);
        try
        {
            if (_pageIndex.ReadLocations(chunk, rows) is not { } places)
                return null;
            ColumnIndex? bounds = _pageIndex.ReadBounds(chunk, places.Count);
            var pages = new PageInfo[places.Count];
            for (int i = 0; i < pages.Length; i++)
            {
                int firstRow = (int)places[i].FirstRow;
                int nextRow = i + 1 < pages.Length ? (int)places[i + 1].FirstRow : rows;
                pages[i] = new PageInfo(places[i].Offset, places[i].Bytes, firstRow,
                    BoundsReader.Read(PageIndex.StatisticsOf(bounds, i), leaf, HasTypeOrder(leaf), nextRow - firstRow));
            }
            return pages;
        }
        catch (ParquetException e)
        {
            throw e.At(_path, rowGroup, leaf.Column.Name);
        }
    }

    /// <summary>Reads the values of one column of one row group.</summary>
    /// <param name="rowGroup">0 to <see cref="RowGroupCount"/> - 1.</param>
    /// <param name="column">A position in <see cref="Schema"/>.</param>
    /// <param name="into">Gets the values; what it held before is gone, also where this throws.</param>
    /// <exception cref="ParquetException">The chunk is damaged, asks for more memory than allowed, or uses a codec or encoding that
    /// is not supported.</exception>
    public void ReadColumn(int rowGroup, int column, ColumnValues into) => Read(rowGroup, column, null, into);

    /// <summary>Reads some rows of one column of one row group: with a page index only the pages that hold them.</summary>
    /// <param name="rowGroup">0 to <see cref="RowGroupCount"/> - 1.</param>
    /// <param name="column">A position in <see cref="Schema"/>.</param>
    /// <param name="firstRow">The first row, counted within the row group.</param>
    /// <param name="rows">How many; they must be there.</param>
    /// <param name="into">Gets the values, the first row as row 0; what it held before is gone, also where this throws.</param>
    /// <exception cref="ParquetException">As for <see cref="ReadColumn"/>, or the page index is damaged.</exception>
    public void ReadRows(int rowGroup, int column, int firstRow, int rows, ColumnValues into)
    {
        ArgumentNullException.ThrowIfNull(into);
        int groupRows = RowGroupRows(rowGroup);
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, groupRows - firstRow);
        PageSelection? selected = null;
        try
        {
            if (rows > 0 && rows < groupRows && _pageIndex.ReadLocations(Chunk(rowGroup, column), groupRows) is { } pages)
                selected = PageSelection.Of(pages, groupRows, firstRow, rows);
        }
        catch (ParquetException e)
        {
            throw e.At(_path, rowGroup, _leaves[column].Column.Name);
        }
        Read(rowGroup, column, selected, into);
        into.Keep(firstRow - (selected?.FirstRow ?? 0), rows);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _input.Dispose();

    /// <summary>Checks that no two column chunks share bytes: one column would be shown as another.</summary>
    internal void VerifyPlaces()
    {
        var chunks = new List<(long Start, long End, int RowGroup, string Column)>();
        for (int g = 0; g < _metadata.RowGroups.Count; g++)
        {
            chunks.AddRange(_metadata.RowGroups[g].Columns
                .Select(chunk => (PageIndex.StartOf(chunk), PageIndex.StartOf(chunk) + chunk.CompressedBytes, g, chunk.Path[^1])));
        }
        chunks.Sort();
        for (int i = 1; i < chunks.Count; i++)
        {
            if (chunks[i].Start < chunks[i - 1].End)
            {
                throw new ParquetException($"The chunk shares bytes with column '{chunks[i - 1].Column}' of row group "
                    + $"{chunks[i - 1].RowGroup}.").At(_path, chunks[i].RowGroup, chunks[i].Column);
            }
        }
    }

    /// <summary>Decodes a chunk and checks what file and page index say about it.</summary>
    /// <returns>Its data pages.</returns>
    internal int VerifyColumn(int rowGroup, int column, ColumnValues into)
    {
        LeafColumn leaf = _leaves[column];
        var pages = new List<PageRead>();
        _chunks.Pages = pages;
        try
        {
            Read(rowGroup, column, null, into);
            ColumnChunkMetadata chunk = Chunk(rowGroup, column);
            List<PageLocation>? places = _pageIndex.ReadLocations(chunk, into.Count);
            ColumnIndex? bounds = places is null ? null : _pageIndex.ReadBounds(chunk, places.Count);
            return new ChunkVerification(chunk, leaf, HasTypeOrder(leaf), pages, into).Check(places, bounds);
        }
        catch (ParquetException e)
        {
            throw e.At(_path, rowGroup, leaf.Column.Name);
        }
        finally
        {
            _chunks.Pages = null;
        }
    }

    private void Read(int rowGroup, int column, PageSelection? selected, ColumnValues into)
    {
        ArgumentNullException.ThrowIfNull(into);
        LeafColumn leaf = _leaves[column];
        ColumnChunkMetadata chunk = Chunk(rowGroup, column);
        into.Count = 0;
        into.NullCount = 0;
        into.Type = leaf.Column.Type;
        try
        {
            int rows = selected?.Rows ?? RowGroupRows(rowGroup);
            ValueDecoder decoder = into.Storage.DecoderFor(leaf);
            int nulls = selected is PageSelection some
                ? _chunks.ReadSelected(chunk, leaf, some, decoder, into.Storage.Levels)
                : _chunks.Read(chunk, leaf, rows, decoder, into.Storage.Levels);
            ChunkConversion.Apply(leaf.Conversion, into.Storage, rows, nulls > 0);
            into.Storage.Kind = ColumnStorage.KindOf(leaf.Column.Type);
            into.NullCount = nulls;
            into.Count = rows;
        }
        catch (ParquetException e)
        {
            int? page = _chunks.Page >= 0 ? _chunks.Page : null;
            throw e.At(_path, rowGroup, leaf.Column.Name, page);
        }
    }

    // Others may copy our metadata, checksum included, into files of their own; but they sign them. A footer that carries the checksum
    // and no signature at all is one of ours that ends too early.
    private bool IsOurs(byte[] footer) => _metadata.CreatedBy is string writer
        ? writer.StartsWith(CreatedBy.Application, StringComparison.Ordinal)
        : FooterChecksum.IsIn(footer);

    private ColumnChunkMetadata Chunk(int rowGroup, int column) => _metadata.RowGroups[rowGroup].Columns[_leaves[column].Ordinal];

    private bool HasTypeOrder(LeafColumn leaf) =>
        leaf.Ordinal < _metadata.HasTypeOrder.Count && _metadata.HasTypeOrder[leaf.Ordinal];

    private void CheckRowGroups(int leafCount)
    {
        long rows = 0;
        for (int i = 0; i < _metadata.RowGroups.Count; i++)
        {
            RowGroupMetadata group = _metadata.RowGroups[i];
            if (group.Columns.Count != leafCount)
                throw new ParquetException($"It has {group.Columns.Count} column chunks, the schema {leafCount}.").At(rowGroup: i);
            if (group.RowCount is < 0 or > int.MaxValue)
                throw new ParquetException($"It claims {group.RowCount} rows.").At(rowGroup: i);
            rows += group.RowCount;
        }
        if (rows != _metadata.RowCount)
            throw new ParquetException($"The footer claims {_metadata.RowCount} rows, its row groups hold {rows}.");
    }
}

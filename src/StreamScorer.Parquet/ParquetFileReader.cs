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

    private ParquetFileReader(string path, FileInput input, ParquetReaderOptions options)
    {
        _path = path;
        _input = input;
        byte[] footer = input.ReadFooter(options.MaxFooterBytes);
        _metadata = MetadataReader.ReadFooter(footer);
        if (options.VerifiesChecksums && _metadata.CreatedBy?.StartsWith(CreatedBy.Application, StringComparison.Ordinal) == true)
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
        _chunks = new ChunkReader(input, options);
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
        RowGroupMetadata group = _metadata.RowGroups[rowGroup];
        bool hasTypeOrder = leaf.Ordinal < _metadata.HasTypeOrder.Count && _metadata.HasTypeOrder[leaf.Ordinal];
        return BoundsReader.Read(group.Columns[leaf.Ordinal].Statistics, leaf, hasTypeOrder, (int)group.RowCount);
    }

    /// <summary>Reads the values of one column of one row group.</summary>
    /// <param name="rowGroup">0 to <see cref="RowGroupCount"/> - 1.</param>
    /// <param name="column">A position in <see cref="Schema"/>.</param>
    /// <param name="into">Gets the values; what it held before is gone, also where this throws.</param>
    /// <exception cref="ParquetException">The chunk is damaged, asks for more memory than allowed, or uses a codec or encoding that
    /// is not supported.</exception>
    public void ReadColumn(int rowGroup, int column, ColumnValues into)
    {
        ArgumentNullException.ThrowIfNull(into);
        LeafColumn leaf = _leaves[column];
        RowGroupMetadata group = _metadata.RowGroups[rowGroup];
        into.Count = 0;
        into.NullCount = 0;
        into.Type = leaf.Column.Type;
        try
        {
            int rows = (int)group.RowCount;
            ValueDecoder decoder = into.Storage.DecoderFor(leaf);
            int nulls = _chunks.Read(group.Columns[leaf.Ordinal], leaf, rows, decoder, into.Storage.Levels);
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

    /// <summary>Closes the file.</summary>
    public void Dispose() => _input.Dispose();

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

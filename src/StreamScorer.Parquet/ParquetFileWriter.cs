using System.Buffers.Binary;
using StreamScorer.Parquet.Format;
using StreamScorer.Parquet.Writing;

namespace StreamScorer.Parquet;

/// <summary>Writes one Parquet file, row group by row group, under a staging name. Nothing is visible under the final name before
/// <see cref="CompleteAs"/>; a writer disposed of before <see cref="Complete"/> deletes what it staged.
/// <para>Memory: finished pages up to <see cref="ParquetWriterOptions.RowGroupBytes"/>, and for each column an unfinished page of
/// up to <see cref="ParquetWriterOptions.PageBytes"/> plus one value and a dictionary of up to
/// <see cref="ParquetWriterOptions.DictionaryBytes"/> with its lookup table of about 24 bytes per entry. What one call of
/// <see cref="EndRows"/> ends comes on top, so append in batches. One thread at a time.</para></summary>
public sealed class ParquetFileWriter : IDisposable
{
    private static ReadOnlySpan<byte> Magic => "PAR1"u8;

    private readonly ParquetSchema _schema;
    private readonly ParquetWriterOptions _options;
    private readonly FileOutput _output;
    private readonly PageAssembler _assembler;
    private readonly ColumnWriter[] _columns;
    private readonly FileMetadata _metadata;
    private readonly List<WrittenChunk> _chunks = [];
    private int _rowsInGroup;
    private long _rowsInClosedGroups;
    private State _state = State.Writing;

    private ParquetFileWriter(string stagingPath, ParquetSchema schema, ParquetWriterOptions options)
    {
        _schema = schema;
        _options = options;
        _assembler = new PageAssembler(options);
        _columns = [.. schema.Columns.Select(column => Create(column, _assembler))];
        _metadata = new FileMetadata { CreatedBy = CreatedBy.Text };
        _metadata.Schema.AddRange(FooterSchema.Of(schema));
        _metadata.HasTypeOrder.AddRange(schema.Columns.Select(_ => true));
        _metadata.KeyValues.AddRange(options.Metadata);
        _metadata.KeyValues.Add(new KeyValuePair<string, string>(FooterChecksum.Key, FooterChecksum.Placeholder));
        _output = new FileOutput(stagingPath);
    }

    private enum State
    {
        Writing,
        Failed,
        Complete,
        Disposed,
    }

    /// <summary>Rows ended so far.</summary>
    public long RowCount => _rowsInClosedGroups + _rowsInGroup;

    /// <summary>Starts a file.</summary>
    /// <param name="stagingPath">Where it grows; must not end in .parquet, so that no reader's glob ever sees it. What stands
    /// there is overwritten; the folder must exist.</param>
    /// <param name="schema">Its columns: at least one, names unique.</param>
    /// <param name="options">Its layout; null for the defaults.</param>
    /// <exception cref="ArgumentException">The staging name ends in .parquet, or the schema or an option breaks a rule.</exception>
    /// <exception cref="ParquetException">The codec's library is not on this machine.</exception>
    /// <exception cref="IOException">The file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static ParquetFileWriter Create(string stagingPath, ParquetSchema schema, ParquetWriterOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(stagingPath);
        ArgumentNullException.ThrowIfNull(schema);
        if (stagingPath.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"The staging name {stagingPath} ends in .parquet, so readers would see the file half "
                + "written. Give it another ending and CompleteAs the final name.", nameof(stagingPath));
        }
        options ??= new ParquetWriterOptions();
        options.Check();
        schema.CheckWritable();
        var writer = new ParquetFileWriter(stagingPath, schema, options);
        try
        {
            writer._output.Write(Magic);
            return writer;
        }
        catch
        {
            writer._state = State.Failed;
            writer.Dispose();
            throw;
        }
    }

    /// <summary>The writer of the column at this position of the schema.</summary>
    public ColumnWriter Column(int index) => _columns[index];

    /// <summary>The writer of the column with this name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public ColumnWriter Column(string name)
    {
        int index = _schema.IndexOf(name);
        return index >= 0 ? _columns[index] : throw new ArgumentException($"The schema has no column '{name}'.", nameof(name));
    }

    /// <summary>Ends a row: every column must have got exactly one value since the last call. May write a row group.</summary>
    /// <exception cref="InvalidOperationException">A column has got none or several; the message names it.</exception>
    /// <exception cref="IOException">The disk refused.</exception>
    public void EndRow() => EndRows(1);

    /// <summary>Ends rows: every column must have got exactly that many values since the last call. May write a row group.
    /// </summary>
    /// <exception cref="InvalidOperationException">A column has got fewer or more; the message names it.</exception>
    /// <exception cref="IOException">The disk refused.</exception>
    public void EndRows(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        int expected = checked(_rowsInGroup + rows);
        foreach (ColumnWriter column in _columns)
        {
            if (column.Rows != expected)
                throw WrongCount(column, rows);
        }
        _rowsInGroup = expected;
        if (expected >= _options.RowGroupRows || _assembler.BufferedBytes >= _options.RowGroupBytes)
            WriteRowGroup();
    }

    /// <summary>Writes the footer and syncs file and folder: the staged file is then whole and durable.</summary>
    /// <exception cref="InvalidOperationException">A row was begun and not ended, or an earlier write failed.</exception>
    /// <exception cref="IOException">The disk refused.</exception>
    public void Complete()
    {
        if (_state == State.Complete)
            return;
        CheckWriting();
        ColumnWriter? ahead = Array.Find(_columns, column => column.Rows != _rowsInGroup);
        if (ahead is not null)
            throw new InvalidOperationException($"Column '{ahead.Column.Name}' has values after the last ended row.");
        if (_rowsInGroup > 0)
            WriteRowGroup();
        Guarded(() =>
        {
            WriteFooter();
            _output.Sync();
            DurableFile.SyncDirectory(DurableFile.FolderOf(_output.Path));
        });
        Close();
        _state = State.Complete;
    }

    /// <summary><see cref="Complete"/>, then the final name by put-if-absent with its folder synced; the staging name is gone
    /// then. Both names must lie on one file system.</summary>
    /// <exception cref="IOException">Another file stands under the final name, which is left alone, or the disk refused. The
    /// staged file then goes with <see cref="Dispose"/>.</exception>
    public void CompleteAs(string finalPath)
    {
        Complete();
        try
        {
            if (!DurableFile.PutIfAbsent(_output.Path, finalPath))
                throw new IOException($"{finalPath} exists already; nothing was replaced.");
        }
        catch
        {
            _state = State.Failed;
            throw;
        }
    }

    /// <summary>Closes the file; without <see cref="Complete"/> before, deletes it.</summary>
    public void Dispose()
    {
        if (_state == State.Disposed)
            return;
        State last = _state;
        _state = State.Disposed;
        if (last == State.Complete)
            return;
        Close();
        try
        {
            File.Delete(_output.Path);
        }
        catch (Exception e) when (last == State.Failed && e is (IOException or UnauthorizedAccessException))
        {
            // The disk has refused before, and that error is on its way up; this one would take its place. What is left has a staging
            // name, which no reader sees.
        }
    }

    private static ColumnWriter Create(ParquetColumn column, PageAssembler assembler) => column.Type switch
    {
        ParquetType.Boolean => new BooleanColumnWriter(column, assembler),
        ParquetType.Int32 or ParquetType.Date => new Int32ColumnWriter(column, assembler),
        ParquetType.Int64 or ParquetType.TimestampMicros => new Int64ColumnWriter(column, assembler),
        ParquetType.Float => new FloatColumnWriter(column, assembler),
        ParquetType.Double => new DoubleColumnWriter(column, assembler),
        ParquetType.Decimal when column.Precision <= 9 => new SmallDecimalColumnWriter(column, assembler),
        ParquetType.Decimal => new LargeDecimalColumnWriter(column, assembler),
        _ => new BytesColumnWriter(column, assembler),
    };

    private void WriteRowGroup() => Guarded(() =>
    {
        var group = new RowGroupMetadata { RowCount = _rowsInGroup, FileOffset = _output.Position };
        foreach (ColumnWriter column in _columns)
        {
            WrittenChunk chunk = column.WriteChunk(_output);
            _chunks.Add(chunk);
            group.Columns.Add(chunk.Metadata);
            group.UncompressedBytes += chunk.Metadata.UncompressedBytes;
            group.CompressedBytes += chunk.Metadata.CompressedBytes;
        }
        _metadata.RowGroups.Add(group);
        _rowsInClosedGroups += _rowsInGroup;
        _rowsInGroup = 0;
        _assembler.BufferedBytes = 0;
    });

    private void WriteFooter()
    {
        var buffer = new ByteBuffer();
        WritePageIndex(buffer);
        _metadata.RowCount = RowCount;
        int start = buffer.Length;
        new MetadataWriter(buffer).WriteFooter(_metadata);
        FooterChecksum.Fill(buffer.Slice(start, buffer.Length - start));
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, buffer.Length - start);
        buffer.Append(length);
        buffer.Append(Magic);
        _output.Write(buffer.Written);
        buffer.ReturnMemory();
    }

    // All column indexes, then all offset indexes, so that a reader that prunes by bounds reads no places it will not use.
    private void WritePageIndex(ByteBuffer buffer)
    {
        foreach (WrittenChunk chunk in _chunks)
        {
            int start = buffer.Length;
            chunk.Index.AppendColumnIndex(buffer);
            if (buffer.Length == start)
                continue;
            chunk.Metadata.ColumnIndexOffset = _output.Position + start;
            chunk.Metadata.ColumnIndexBytes = buffer.Length - start;
        }
        foreach (WrittenChunk chunk in _chunks)
        {
            int start = buffer.Length;
            chunk.Index.AppendOffsetIndex(buffer);
            chunk.Metadata.OffsetIndexOffset = _output.Position + start;
            chunk.Metadata.OffsetIndexBytes = buffer.Length - start;
        }
    }

    private void CheckWriting()
    {
        ObjectDisposedException.ThrowIf(_state == State.Disposed, this);
        if (_state == State.Failed)
            throw new InvalidOperationException($"An earlier write to {_output.Path} failed; the file cannot be completed.");
        if (_state == State.Complete)
            throw new InvalidOperationException($"{_output.Path} is complete and takes no more rows.");
    }

    // After a failed write nobody knows what stands in the file, so nothing may complete it.
    private void Guarded(Action write)
    {
        CheckWriting();
        _state = State.Failed;
        write();
        _state = State.Writing;
    }

    private void Close()
    {
        foreach (ColumnWriter column in _columns)
            column.Close();
        _assembler.Dispose();
        _output.Dispose();
    }

    private InvalidOperationException WrongCount(ColumnWriter column, int rows)
    {
        CheckWriting();
        return new InvalidOperationException($"Column '{column.Column.Name}' has got {column.Rows - _rowsInGroup} values since row "
            + $"{RowCount}, where {rows} were ended.");
    }
}

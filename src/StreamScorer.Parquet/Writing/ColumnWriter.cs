using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using StreamScorer.Parquet.Encodings;
using StreamScorer.Parquet.Format;
using StreamScorer.Parquet.Writing;

namespace StreamScorer.Parquet;

/// <summary>Takes the values of one column, in row order. Which overloads apply follows from the column's type; the others throw
/// <see cref="InvalidOperationException"/>. Not for use by several threads at once.</summary>
public abstract class ColumnWriter
{
    /// <summary>A page never holds more rows than this, so that the page index lets a reader skip in useful steps.</summary>
    internal const int MaxPageRows = 20_000;

    private readonly ChunkBuffer _chunk;
    private byte[] _levels = [];
    private int _nulls;
    private int _rowsInClosedPages;
    private bool _closed;

    private protected ColumnWriter(ParquetColumn column, PhysicalType type, PageAssembler assembler)
    {
        Column = column;
        Assembler = assembler;
        PageRowLimit = MaxPageRows;
        _chunk = new ChunkBuffer(column.Name, type, assembler);
    }

    /// <summary>The column this writes.</summary>
    public ParquetColumn Column { get; }

    /// <summary>Rows appended to the current row group.</summary>
    internal int Rows => _rowsInClosedPages + PageRows;

    /// <summary>The tools this writer shares with its file's other columns.</summary>
    private protected PageAssembler Assembler { get; }

    /// <summary>Rows of the page that is being filled, nulls included.</summary>
    private protected int PageRows { get; private set; }

    /// <summary>The page is closed before a row that would make it longer than this. A subclass lowers it where the page's bytes
    /// say so; the next page starts with the subclass's own limit.</summary>
    private protected int PageRowLimit { get; set; }

    /// <summary>Adds one value to a Boolean column.</summary>
    public virtual void Append(bool value) => throw WrongType("bool");

    /// <summary>Adds one value to an Int32 or Date (days since 1970-01-01) column; Int64, TimestampMicros and Decimal columns take
    /// it too.</summary>
    public virtual void Append(int value) => throw WrongType("int");

    /// <summary>Adds one value to an Int64, TimestampMicros (microseconds since 1970-01-01T00:00:00Z) or Decimal (unscaled)
    /// column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number has more digits than the decimal column's precision.</exception>
    public virtual void Append(long value) => throw WrongType("long");

    /// <summary>Adds one value to a Float column.</summary>
    public virtual void Append(float value) => throw WrongType("float");

    /// <summary>Adds one value to a Double column.</summary>
    public virtual void Append(double value) => throw WrongType("double");

    /// <summary>Adds one value to a String (valid UTF-8) or Binary column. The bytes are copied.</summary>
    /// <exception cref="ArgumentException">The bytes are no valid UTF-8, and the column is of type String.</exception>
    public virtual void Append(ReadOnlySpan<byte> value) => throw WrongType("bytes");

    /// <summary>Adds one value to a String column; null is <see cref="AppendNull"/>.</summary>
    /// <exception cref="ArgumentException">The text holds half a surrogate pair.</exception>
    public virtual void Append(string? value) => throw WrongType("string");

    /// <summary>Adds a missing value.</summary>
    /// <exception cref="InvalidOperationException">The column is not nullable.</exception>
    public void AppendNull()
    {
        if (!Column.Nullable)
            throw new InvalidOperationException($"Column '{Column.Name}' is not nullable and takes no missing values.");
        StartRow();
        CountNulls(1);
    }

    /// <summary>Adds missing values: as many calls of <see cref="AppendNull"/> would, at the cost of one.</summary>
    /// <param name="count">How many, 0 or more.</param>
    /// <exception cref="InvalidOperationException">The column is not nullable.</exception>
    public void AppendNulls(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        while (count > 0)
        {
            AppendNull();
            int more = Math.Min(count - 1, PageRowLimit - PageRows);
            CountNulls(more);
            count -= 1 + more;
        }
    }

    /// <summary>Adds one value several times to an Int32 or Date column: as many calls of <see cref="Append(int)"/> would, at the
    /// cost of one.</summary>
    /// <param name="value">The value.</param>
    /// <param name="count">How many times, 0 or more.</param>
    public virtual void AppendRun(int value, int count) => throw WrongType("int");

    /// <summary>Adds one value several times to an Int64 or TimestampMicros column: as many calls of <see cref="Append(long)"/>
    /// would, at the cost of one.</summary>
    /// <param name="value">The value.</param>
    /// <param name="count">How many times, 0 or more.</param>
    public virtual void AppendRun(long value, int count) => throw WrongType("long");

    /// <summary>Adds one text several times to a String column: as many calls of <see cref="Append(string)"/> would, at the cost of
    /// one.</summary>
    /// <param name="value">The text; null adds missing values.</param>
    /// <param name="count">How many times, 0 or more.</param>
    /// <exception cref="ArgumentException">The text holds half a surrogate pair.</exception>
    public virtual void AppendRun(string? value, int count) => throw WrongType("string");

    /// <summary>Adds many values to an Int64, TimestampMicros or Decimal column.</summary>
    public virtual void AppendRange(ReadOnlySpan<long> values) => throw WrongType("long");

    /// <summary>Adds many values to a Double column.</summary>
    public virtual void AppendRange(ReadOnlySpan<double> values) => throw WrongType("double");

    /// <summary>Adds many values to an Int32 or Date column.</summary>
    public virtual void AppendRange(ReadOnlySpan<int> values) => throw WrongType("int");

    /// <summary>Adds many values to a Boolean column.</summary>
    public virtual void AppendRange(ReadOnlySpan<bool> values) => throw WrongType("bool");

    /// <summary>Writes the chunk to the file and starts the next one.</summary>
    internal WrittenChunk WriteChunk(FileOutput output)
    {
        if (PageRows > 0)
            ClosePage();
        AddDictionaryPage(_chunk);
        WrittenChunk written = _chunk.WriteTo(output, TakeChunkStatistics());
        _rowsInClosedPages = 0;
        return written;
    }

    /// <summary>Gives the memory back; no value is taken from now on.</summary>
    internal void Close()
    {
        _closed = true;
        // A page that takes no row leads the next append to StartPage, which says what is wrong; so no append pays for a check.
        PageRowLimit = 0;
        PageRows = 0;
        PooledArray.Return(ref _levels);
        _chunk.ReturnMemory();
        ReturnMemory();
    }

    /// <summary>Appends the page's values, encoded.</summary>
    private protected abstract PageEncoding EncodeValues(ByteBuffer body);

    /// <summary>The bounds of the page's values, which are folded into the chunk's; the next page starts without.</summary>
    private protected abstract Statistics TakePageStatistics(out BoundsStep step);

    /// <summary>The bounds of the chunk's values; the next chunk starts without.</summary>
    private protected abstract Statistics TakeChunkStatistics();

    /// <summary>Adds the dictionary, if any page uses one; the next chunk starts without.</summary>
    private protected abstract void AddDictionaryPage(ChunkBuffer chunk);

    private protected abstract void ReturnMemory();

    /// <summary>Closes the page where it is full, before the row that comes next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected void StartRow()
    {
        if (PageRows >= PageRowLimit)
            StartPage();
    }

    /// <summary>Counts a value that is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected void CountValue()
    {
        if (_nulls > 0)
            SetLevels(PageRows, 1, 1);
        PageRows++;
    }

    /// <summary>Counts values that are there; they fit the page.</summary>
    private protected void CountValues(int count)
    {
        if (_nulls > 0)
            SetLevels(PageRows, count, 1);
        PageRows += count;
    }

    private protected InvalidOperationException WrongType(string given) =>
        new($"Column '{Column.Name}' is of type {Column.Type} and takes no {given} values.");

    private void CountNulls(int count)
    {
        // Levels are kept from the first null on; most pages have none.
        if (_nulls == 0)
            SetLevels(0, PageRows, 1);
        SetLevels(PageRows, count, 0);
        _nulls += count;
        PageRows += count;
    }

    private void SetLevels(int start, int count, byte level)
    {
        if (_levels.Length < start + count)
            PooledArray.Grow(ref _levels, start, Math.Max(start + count, MaxPageRows));
        _levels.AsSpan(start, count).Fill(level);
    }

    private void StartPage()
    {
        if (_closed)
            throw new InvalidOperationException($"Column '{Column.Name}' takes no values: its file is complete or closed.");
        ClosePage();
    }

    /// <summary>Finishes the page that is being filled, which must have rows.</summary>
    private protected void ClosePage()
    {
        ByteBuffer body = Assembler.Body;
        body.Clear();
        if (Column.Nullable)
            EncodeLevels(body);
        PageEncoding encoding = EncodeValues(body);
        Statistics statistics = TakePageStatistics(out BoundsStep step);
        statistics.NullCount = _nulls;
        _chunk.AddDataPage(body.Written, encoding, PageRows, statistics, step);
        _rowsInClosedPages += PageRows;
        PageRows = 0;
        _nulls = 0;
    }

    private void EncodeLevels(ByteBuffer body)
    {
        int lengthAt = body.Length;
        body.Append([0, 0, 0, 0]);
        if (_nulls == 0)
            RleEncoder.AppendRun(1, PageRows, 1, body);
        else
            RleEncoder.EncodeLevels(_levels.AsSpan(0, PageRows), body);
        BinaryPrimitives.WriteInt32LittleEndian(body.Slice(lengthAt, 4), body.Length - lengthAt - 4);
    }
}

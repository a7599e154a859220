using StreamScorer.Parquet;

namespace StreamScorer.Sinks.Compaction;

/// <summary>Writes compacted files: the rows of ranges, bit for bit, in the order of the ranges. Memory: one run of rows of one column
/// beside the writer's own.</summary>
internal sealed class RowCopy(string folder, RangeRows places)
{
    private readonly ColumnValues _values = new();

    /// <summary>Writes one file under its final name, durably.</summary>
    /// <param name="file">What it holds.</param>
    /// <param name="sourceOf">The path of an input file.</param>
    /// <param name="path">The path to write to, ending in .parquet.</param>
    /// <param name="copied">Is told how many rows were copied.</param>
    /// <param name="ct">Ends the work between two ranges.</param>
    public void Write(CompactedFile file, Func<Guid, string> sourceOf, string path, Action<long> copied, CancellationToken ct)
    {
        var metadata = new Dictionary<string, string>
        {
            [ScoreRowSchema.FormatKey] = ScoreRowSchema.FormatVersion,
            [ScoreRowSchema.FileIdKey] = file.FileId.ToString(),
        };
        using var writer = ParquetFileWriter.Create(
            Path.Combine(folder, $"{file.FileId}.staging"), ScoreRowSchema.Schema, new ParquetWriterOptions { Metadata = metadata });
        foreach (var range in file.Ranges.Where(range => range.RowCount > 0))
        {
            ct.ThrowIfCancellationRequested();
            using var source = ParquetFileReader.Open(sourceOf(range.FileId));
            CheckSchema(source, sourceOf(range.FileId));
            foreach (var run in places[range])
                CopyRun(source, run, writer);
            copied(range.RowCount);
        }

        if (writer.RowCount != file.RowCount)
            throw new InvalidDataException($"{path} got {writer.RowCount} rows, {file.RowCount} were registered.");
        writer.CompleteAs(path);
    }

    private void CopyRun(ParquetFileReader source, RowRun run, ParquetFileWriter writer)
    {
        for (int c = 0; c < ScoreRowSchema.Schema.Columns.Count; c++)
        {
            var target = writer.Column(c);
            int column = source.Schema.IndexOf(target.Column.Name);
            if (column < 0)
            {
                for (int row = 0; row < run.Rows; row++)
                    target.AppendNull();
                continue;
            }

            source.ReadRows(run.RowGroup, column, run.FirstRow, run.Rows, _values);
            Append(target);
        }

        writer.EndRows(run.Rows);
    }

    private void Append(ColumnWriter target)
    {
        for (int row = 0; row < _values.Count; row++)
        {
            if (_values.IsNull(row))
            {
                target.AppendNull();
                continue;
            }

            switch (_values.Type)
            {
                case ParquetType.Boolean: target.Append(_values.GetBoolean(row)); break;
                case ParquetType.Int32 or ParquetType.Date: target.Append(_values.GetInt32(row)); break;
                case ParquetType.Float: target.Append(_values.GetFloat(row)); break;
                case ParquetType.Double: target.Append(_values.GetDouble(row)); break;
                case ParquetType.String or ParquetType.Binary: target.Append(_values.GetBytes(row)); break;
                default: target.Append(_values.GetInt64(row)); break;
            }
        }
    }

    // Columns are only ever added, nullable: an older file lacks some, a newer one has some that this program would lose.
    private static void CheckSchema(ParquetFileReader source, string path)
    {
        foreach (var column in source.Schema.Columns)
        {
            int known = ScoreRowSchema.Schema.IndexOf(column.Name);
            if (known < 0 || ScoreRowSchema.Schema.Columns[known].Type != column.Type)
            {
                throw new InvalidDataException(
                    $"{path} has a column '{column.Name}' of type {column.Type} that this program does not know. Compact with a newer StreamScorer.");
            }
        }
    }
}

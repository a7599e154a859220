using StreamScorer.Parquet;

namespace StreamScorer.Tests.Parquet.Fuzzing;

/// <summary>Reads everything a file offers, in every way the reader has.</summary>
internal sealed class ReaderProbe
{
    private static readonly ParquetReaderOptions Bounds = new() { MaxPageBytes = 1 << 20, MaxColumnBytes = 4 << 20, MaxFooterBytes = 1 << 20 };

    private readonly ColumnValues _values = new();

    /// <summary>The most bytes that reading one file may allocate, whatever it claims to hold: what the bounds allow for one column,
    /// and what its footer takes in memory.</summary>
    public const long MostAllocatedBytes = 64 << 20;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="verifiesChecksums">Off, damage reaches the decoders; on, it must not reach the values.</param>
    /// <returns>A digest of all values; null where the file was refused.</returns>
    /// <exception cref="InvalidOperationException">The refusal does not name the file.</exception>
    public long? Read(string path, bool verifiesChecksums)
    {
        try
        {
            using ParquetFileReader reader = ParquetFileReader.Open(path, Bounds with { VerifiesChecksums = verifiesChecksums });
            long digest = reader.RowCount;
            for (int group = 0; group < reader.RowGroupCount; group++)
            {
                for (int column = 0; column < reader.Schema.Columns.Count; column++)
                {
                    reader.ReadColumn(group, column, _values);
                    digest = (digest * 1_000_003) ^ DigestOf(_values);
                    _ = reader.Statistics(group, column);
                    _ = reader.Pages(group, column);
                    int rows = reader.RowGroupRows(group);
                    reader.ReadRows(group, column, rows / 3, rows / 2, _values);
                    digest = (digest * 1_000_003) ^ DigestOf(_values);
                }
            }
            return digest;
        }
        catch (ParquetException e) when (e.File == path)
        {
            return null;
        }
        catch (ParquetException e)
        {
            throw new InvalidOperationException("The error does not name its file.", e);
        }
    }

    private static long DigestOf(ColumnValues values)
    {
        var hash = new HashCode();
        hash.Add(values.Type);
        hash.Add(values.Count);
        for (int row = 0; row < values.Count; row++)
        {
            if (values.IsNull(row))
                hash.Add(row);
            else if (values.Type is ParquetType.String or ParquetType.Binary)
                hash.AddBytes(values.GetBytes(row));
            else
                hash.Add(NumberOf(values, row));
        }
        return hash.ToHashCode();
    }

    private static long NumberOf(ColumnValues values, int row) => values.Type switch
    {
        ParquetType.Boolean => values.GetBoolean(row) ? 1 : 0,
        ParquetType.Float or ParquetType.Double => BitConverter.DoubleToInt64Bits(values.GetDouble(row)),
        _ => values.GetInt64(row),
    };
}

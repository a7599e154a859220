using System.Text;
using StreamScorer.Parquet;
using Xunit;

namespace StreamScorer.Tests.Parquet;

/// <summary>Rows of random columns for round trips: what was written, to compare with what is read.</summary>
internal sealed class RandomTable
{
    private static readonly double[] OddDoubles =
        [0.0, -0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, double.MaxValue, 0.7];

    private readonly object?[][] _columns;

    private RandomTable(ParquetSchema schema, object?[][] columns, int rows)
    {
        Schema = schema;
        _columns = columns;
        Rows = rows;
    }

    public ParquetSchema Schema { get; }

    public int Rows { get; }

    /// <summary>Makes a table whose columns differ in type, share of nulls, number of distinct values and length of runs.</summary>
    /// <param name="random">Makes the same table from the same state.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columnCount">Columns.</param>
    /// <param name="forPeers">Keeps to values that others can hold: dates and times of the calendar, decimals that a double tells
    /// apart.</param>
    public static RandomTable Make(Random random, int rows, int columnCount, bool forPeers = false)
    {
        var columns = new ParquetColumn[columnCount];
        var values = new object?[columnCount][];
        for (int c = 0; c < columnCount; c++)
        {
            var type = (ParquetType)random.Next(Enum.GetValues<ParquetType>().Length);
            int precision = type == ParquetType.Decimal ? random.Next(1, forPeers ? 15 : 19) : 0;
            int scale = type == ParquetType.Decimal ? random.Next(0, precision + 1) : 0;
            columns[c] = new ParquetColumn($"c{c} {type}", type, random.Next(2) == 0, precision, scale);
            values[c] = MakeColumn(random, columns[c], rows, forPeers);
        }
        return new RandomTable(new ParquetSchema(columns), values, rows);
    }

    /// <summary>Writes rows one by one or in blocks, as the generator falls.</summary>
    public void Write(ParquetFileWriter writer, Random random)
    {
        for (int from = 0; from < Rows;)
        {
            int block = random.Next(3) == 0 ? Math.Min(Rows - from, random.Next(1, 5_000)) : 1;
            for (int c = 0; c < _columns.Length; c++)
            {
                for (int row = from; row < from + block; row++)
                    Append(writer.Column(c), Schema.Columns[c].Type, _columns[c][row]);
            }
            writer.EndRows(block);
            from += block;
        }
    }

    /// <summary>Compares everything a reader gives with what was written.</summary>
    public void AssertEqual(ParquetFileReader reader)
    {
        Assert.Equal(Schema.Columns, reader.Schema.Columns);
        Assert.Equal(Rows, reader.RowCount);
        var values = new ColumnValues();
        int from = 0;
        for (int g = 0; g < reader.RowGroupCount; g++)
        {
            for (int c = 0; c < _columns.Length; c++)
            {
                reader.ReadColumn(g, c, values);
                Assert.Equal(reader.RowGroupRows(g), values.Count);
                Assert.Equal(Schema.Columns[c].Type, values.Type);
                AssertColumn(values, Schema.Columns[c], _columns[c].AsSpan(from, values.Count));
            }
            from += reader.RowGroupRows(g);
        }
    }

    /// <summary>Compares some rows of one column, read from a file of one row group, with what was written.</summary>
    public void AssertRows(ColumnValues values, int column, int firstRow, int rows)
    {
        Assert.Equal(rows, values.Count);
        AssertColumn(values, Schema.Columns[column], _columns[column].AsSpan(firstRow, rows));
    }

    private static void AssertColumn(ColumnValues values, ParquetColumn column, ReadOnlySpan<object?> expected)
    {
        int nulls = 0;
        for (int row = 0; row < expected.Length; row++)
        {
            nulls += expected[row] is null ? 1 : 0;
            object? found = values.IsNull(row) ? null : Get(values, column.Type, row);
            if (!Same(expected[row], found))
                Assert.Fail($"column '{column.Name}', row {row}: expected {expected[row] ?? "null"}, found {found ?? "null"}");
        }
        Assert.Equal(nulls, values.NullCount);
    }

    // Bits, not values: a NaN's payload and the sign of zero must survive.
    private static bool Same(object? expected, object? found) => (expected, found) switch
    {
        (double a, double b) => BitConverter.DoubleToInt64Bits(a) == BitConverter.DoubleToInt64Bits(b),
        (float a, float b) => BitConverter.SingleToInt32Bits(a) == BitConverter.SingleToInt32Bits(b),
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        _ => Equals(expected, found),
    };

    private static object? Get(ColumnValues values, ParquetType type, int row) => type switch
    {
        ParquetType.Boolean => values.GetBoolean(row),
        ParquetType.Int32 or ParquetType.Date => values.GetInt32(row),
        ParquetType.Int64 or ParquetType.TimestampMicros or ParquetType.Decimal => values.GetInt64(row),
        ParquetType.Float => values.GetFloat(row),
        ParquetType.Double => values.GetDouble(row),
        ParquetType.String => values.GetString(row),
        _ => values.GetBytes(row).ToArray(),
    };

    private static void Append(ColumnWriter writer, ParquetType type, object? value)
    {
        switch (value)
        {
            case null: writer.AppendNull(); break;
            case bool v: writer.Append(v); break;
            case int v: writer.Append(v); break;
            case long v: writer.Append(v); break;
            case float v: writer.Append(v); break;
            case double v: writer.Append(v); break;
            case string v when v.Length % 2 == 0: writer.Append(v); break;
            case string v: writer.Append(Encoding.UTF8.GetBytes(v)); break;
            case byte[] v: writer.Append(v); break;
            default: throw new InvalidOperationException($"{type}");
        }
    }

    private static object?[] MakeColumn(Random random, ParquetColumn column, int rows, bool forPeers)
    {
        int distinct = random.Next(4) switch { 0 => 1, 1 => 5, 2 => 3_000, _ => int.MaxValue };
        double nullShare = column.Nullable ? random.Next(4) switch { 0 => 0, 1 => 1, 2 => 0.01, _ => 0.5 } : 0;
        int longestRun = random.Next(3) switch { 0 => 1, 1 => 20, _ => 30_000 };
        object[] pool = [.. Enumerable.Range(0, Math.Min(distinct, rows)).Select(_ => MakeValue(random, column, forPeers))];
        var values = new object?[rows];
        for (int row = 0; row < rows;)
        {
            int run = Math.Min(rows - row, random.Next(1, longestRun + 1));
            object? value = random.NextDouble() < nullShare ? null : pool[random.Next(pool.Length)];
            values.AsSpan(row, run).Fill(value);
            row += run;
        }
        return values;
    }

    private static object MakeValue(Random random, ParquetColumn column, bool forPeers)
    {
        switch (column.Type)
        {
            case ParquetType.Date when forPeers:
                return random.Next(-100_000, 100_000);
            case ParquetType.TimestampMicros when forPeers:
                return random.NextInt64(-1_000_000_000_000_000, 4_000_000_000_000_000);
            case ParquetType.Boolean:
                return random.Next(2) == 0;
            case ParquetType.Int32 or ParquetType.Date:
                return random.Next(8) == 0 ? int.MinValue : random.Next(int.MinValue, int.MaxValue) >> random.Next(32);
            case ParquetType.Int64 or ParquetType.TimestampMicros:
                return random.Next(8) == 0 ? long.MaxValue : random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);
            case ParquetType.Decimal:
                long bound = (long)Math.Pow(10, column.Precision);
                return random.NextInt64(-bound + 1, bound);
            case ParquetType.Float:
                return random.Next(4) == 0 ? (float)OddDoubles[random.Next(OddDoubles.Length)] : random.NextSingle();
            case ParquetType.Double:
                return random.Next(4) == 0 ? OddDoubles[random.Next(OddDoubles.Length)] : random.NextDouble();
            case ParquetType.String:
                return MakeText(random);
            default:
                var bytes = new byte[random.Next(8) == 0 ? random.Next(300) : random.Next(20)];
                random.NextBytes(bytes);
                return bytes;
        }
    }

    private static string MakeText(Random random)
    {
        var text = new StringBuilder();
        int length = random.Next(8) == 0 ? random.Next(200) : random.Next(12);
        for (int i = 0; i < length; i++)
        {
            text.Append(random.Next(8) switch
            {
                0 => "é",
                1 => "漢",
                2 => "\U0001F600",
                _ => ((char)random.Next('a', 'z' + 1)).ToString(),
            });
        }
        return text.ToString();
    }
}

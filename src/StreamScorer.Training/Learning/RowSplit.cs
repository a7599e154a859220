using System.Globalization;
using System.Text;
using StreamScorer.Forests;
using StreamScorer.Training.Generation;
using StreamScorer.Training.Schemas;
using StreamScorer.Training.Preparation;
using StreamScorer.Training.Tables;

namespace StreamScorer.Training.Learning;

/// <summary>Which labelled rows train and which validate: 80 % and 20 %, each side in table order.</summary>
/// <param name="Training">Positions among the labelled rows.</param>
/// <param name="Validation">Positions among the labelled rows.</param>
internal sealed record RowSplit(int[] Training, int[] Validation)
{
    private const int TrainingNumerator = 4, TrainingDenominator = 5;

    /// <summary>Keeps the split's random sequence apart from those that other parts draw from the same seed.</summary>
    private const long Stream = 0x5917;

    public static RowSplit Random(int count, long seed)
    {
        var order = Enumerable.Range(0, count).ToArray();
        new SeededRandom(seed, Stream).Shuffle<int>(order);
        return Cut(order);
    }

    /// <summary>The rows with the lowest values of the order column train. Equal values keep table order.</summary>
    /// <param name="table">The table.</param>
    /// <param name="rows">The labelled rows.</param>
    /// <param name="schema">Names the order column.</param>
    /// <exception cref="DataFileException">No order column, or a cell that is neither number nor time.</exception>
    public static RowSplit ByTime(TextTable table, int[] rows, TrainingSchema schema)
    {
        var column = TableColumns.Find(table.Cells, schema.OrderColumn, PreparedLayout.LeadNumberColumn)
            ?? throw new DataFileException(table.Source, "no column says which rows are older",
                "Name one that rises with time with --order, or split at random.");
        var cells = table.Cells.Column(column);
        var times = rows.Select(row => Time(table.Source, column, row, cells[row])).ToArray();
        return Cut([.. Enumerable.Range(0, rows.Length).OrderBy(position => times[position])]);
    }

    private static RowSplit Cut(int[] order)
    {
        var count = (int)((long)order.Length * TrainingNumerator / TrainingDenominator);
        return new RowSplit([.. order.Take(count).Order()], [.. order.Skip(count).Order()]);
    }

    private static double Time(string source, string column, int row, string? cell)
    {
        if (double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            return number;
        if (cell is not null && Feature.TryParseTimestamp(Encoding.UTF8.GetBytes(cell), out var micros)) return micros;
        throw new DataFileException(source, FormattableString.Invariant(
            $"row {row + 1} has {(cell is null ? "nothing" : $"'{cell}'")} where a number or a time should say how old it is"),
            "Order by another column (--order), or split at random.", columnName: column);
    }
}

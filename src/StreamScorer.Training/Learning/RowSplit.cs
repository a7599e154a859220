using System.Globalization;
using System.Text;
using StreamScorer.Forests;
using StreamScorer.Training.Generation;
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

    /// <summary>Deals whole groups by chance.</summary>
    public static RowSplit Random(RowGroups groups, long seed)
    {
        var order = groups.Shuffled(new SeededRandom(seed, Stream));
        var trains = new bool[groups.Count];
        foreach (var group in order.AsSpan(0, TrainingShare(order.Length))) trains[group] = true;
        return new RowSplit(groups.Rows(group => trains[group]), groups.Rows(group => !trains[group]));
    }

    /// <summary>The rows with the lowest values of the order column train. Equal values keep table order.</summary>
    /// <exception cref="DataFileException">No order column, or a cell that is neither number nor time.</exception>
    public static RowSplit ByTime(LabelledTable table)
    {
        var cells = table.Order ?? throw new DataFileException(table.Source, "no column says which rows are older",
            "Name one that rises with time with --order or --event-time, or split at random.");
        var times = cells.Select((cell, row) => Time(table, row, cell)).ToArray();
        var order = Enumerable.Range(0, times.Length).OrderBy(row => times[row]).ToArray();
        var count = TrainingShare(order.Length);
        return new RowSplit([.. order.Take(count).Order()], [.. order.Skip(count).Order()]);
    }

    private static int TrainingShare(int count) => (int)((long)count * TrainingNumerator / TrainingDenominator);

    private static double Time(LabelledTable table, int row, string? cell)
    {
        if (double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            return number;
        if (cell is not null && Feature.TryParseTimestamp(Encoding.UTF8.GetBytes(cell), out var micros)) return micros;
        var found = cell is null ? "nothing" : $"'{cell}'";
        throw table.Fault(row, table.OrderColumn!, $"{found} where a number or a time should say how old the row is",
            "Order by another column (--order), or split at random.");
    }
}

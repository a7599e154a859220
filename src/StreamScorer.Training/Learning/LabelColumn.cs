using StreamScorer.Training.Tables;

namespace StreamScorer.Training.Learning;

/// <summary>Labels of a table, and which rows have one.</summary>
internal sealed class LabelColumn
{
    private const int ValuesToList = 10;

    /// <summary>Pairs of texts whose second needs no one to say that it is the positive one.</summary>
    private static readonly (string Negative, string Positive)[] PlainPairs =
    [
        ("0", "1"), ("false", "true"), ("no", "yes"), ("n", "y"), ("f", "t"),
    ];

    private LabelColumn(string positiveValue, bool[] labels, int[] rows, int unlabelledRows)
    {
        PositiveValue = positiveValue;
        Labels = labels;
        Rows = rows;
        UnlabelledRows = unlabelledRows;
    }

    /// <summary>The text that stands for yes.</summary>
    public string PositiveValue { get; }

    /// <summary>One per labelled row.</summary>
    public bool[] Labels { get; }

    /// <summary>Positions of the labelled rows in the table, ascending.</summary>
    public int[] Rows { get; }

    public int UnlabelledRows { get; }

    /// <param name="table">The table.</param>
    /// <param name="column">Name of the label column; it exists.</param>
    /// <param name="positive">The positive text, null to recognise a plain yes/no column.</param>
    /// <exception cref="DataFileException">No labels, one class only, or no way to know which text is positive.</exception>
    public static LabelColumn Read(TextTable table, string column, string? positive)
    {
        var cells = table.Cells.Column(column);
        var rows = Enumerable.Range(0, cells.Length).Where(row => !string.IsNullOrEmpty(cells[row])).ToArray();
        var values = rows.Select(row => cells[row]!).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        if (rows.Length == 0)
            throw new DataFileException(table.Source, "no row has a label", "Give a table with outcomes.", columnName: column);
        positive ??= PlainPositive(values) ?? throw new DataFileException(table.Source,
            $"it is not clear which value is the positive one; there are {List(values)}", "Say it with --positive.",
            columnName: column);
        if (!values.Contains(positive, StringComparer.Ordinal))
            throw new DataFileException(table.Source, $"no row has the positive label '{positive}'; there are {List(values)}",
                "Say which value is positive with --positive.", columnName: column);
        if (values.Length == 1)
            throw new DataFileException(table.Source, $"all rows have the label '{positive}', so there is nothing to tell apart",
                "Give a table in which both outcomes occur.", columnName: column);
        return new LabelColumn(positive, [.. rows.Select(row => cells[row] == positive)], rows, cells.Length - rows.Length);
    }

    private static string? PlainPositive(string[] values)
    {
        foreach (var (negative, positive) in PlainPairs)
        {
            var yes = values.Where(value => value.Equals(positive, StringComparison.OrdinalIgnoreCase)).ToArray();
            var no = values.Count(value => value.Equals(negative, StringComparison.OrdinalIgnoreCase));
            if (yes.Length <= 1 && yes.Length + no == values.Length) return yes.Length == 1 ? yes[0] : positive;
        }

        return null;
    }

    private static string List(string[] values)
        => string.Join(", ", values.Take(ValuesToList).Select(value => $"'{value}'"))
            + (values.Length > ValuesToList ? FormattableString.Invariant($" and {values.Length - ValuesToList} more") : "");
}

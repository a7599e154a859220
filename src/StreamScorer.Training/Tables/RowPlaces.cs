using StreamScorer.Forests;

namespace StreamScorer.Training.Tables;

/// <summary>Where the rows of a table stand in its file, so that a message can name the place.</summary>
/// <param name="Source">The file or folder.</param>
/// <param name="ColumnNames">In the file's order.</param>
/// <param name="Lines">1-based line of each row in a text file; null for files without lines.</param>
public sealed record RowPlaces(string Source, IReadOnlyList<string> ColumnNames, IReadOnlyList<int>? Lines)
{
    /// <summary>An error about one cell.</summary>
    /// <param name="row">0-based row of the table.</param>
    /// <param name="columnName">Its column.</param>
    /// <param name="problem">What is wrong, without a full stop.</param>
    /// <param name="remedy">What to do about it, a full sentence.</param>
    /// <param name="inner">The lower-level error, if there was one.</param>
    public DataFileException Fault(int row, string columnName, string problem, string remedy, Exception? inner = null)
    {
        var column = ColumnNames.ToList().IndexOf(columnName) + 1;
        return Lines is null
            ? new DataFileException(
                Source, FormattableString.Invariant($"row {row + 1}: {problem}"), remedy, columnName: columnName, inner: inner)
            : new DataFileException(Source, problem, remedy, Lines[row], column, columnName, inner);
    }

    /// <summary>Runs something that turns rows of the table into numbers, and gives faults their place.</summary>
    /// <param name="rows">The table's rows that it works on, in its order; null for all of them.</param>
    /// <param name="encode">Throws <see cref="CellException"/> for a cell that is not as it should be.</param>
    /// <exception cref="DataFileException">In place of the <see cref="CellException"/>.</exception>
    public T Locate<T>(int[]? rows, Func<T> encode)
    {
        try
        {
            return encode();
        }
        catch (CellException fault)
        {
            throw Fault(rows is null ? fault.Row : rows[fault.Row], fault.ColumnName, fault.Problem, fault.Remedy, fault);
        }
    }
}

namespace StreamScorer.Forests;

/// <summary>A cell of a table that contradicts the schema. Whoever read the table can tell the place in its file.</summary>
public sealed class CellException : ForestException
{
    /// <param name="columnName">Column of the cell, as the schema calls it.</param>
    /// <param name="row">0-based row of the table that was encoded.</param>
    /// <param name="problem">What is wrong, without a full stop.</param>
    /// <param name="remedy">What to do about it, a full sentence.</param>
    public CellException(string columnName, int row, string problem, string remedy)
        : base(FormattableString.Invariant($"Column '{columnName}', data row {row + 1}: {problem}. {remedy}"))
        => (ColumnName, Row, Problem, Remedy) = (columnName, row, problem, remedy);

    public string ColumnName { get; }

    /// <summary>0-based.</summary>
    public int Row { get; }

    public string Problem { get; }

    public string Remedy { get; }
}

using System.Text;

namespace StreamScorer.Training.Tables;

/// <summary>
/// A fault in a file the user gave: names the file, the place in it as far as it is known, what is wrong there, and
/// what to do about it. The message is complete and made for a person; no stack trace is needed to act on it.
/// </summary>
public sealed class DataFileException : Exception
{
    /// <param name="file">Path as the user gave it.</param>
    /// <param name="problem">What is wrong, without a full stop.</param>
    /// <param name="remedy">What to do about it, a full sentence; null when the problem says it already.</param>
    /// <param name="line">1-based line of the file where the fault is; 0 when it is not tied to a line.</param>
    /// <param name="column">1-based field within the row; 0 when it is not tied to a field.</param>
    /// <param name="columnName">The name of that field in the header, when it has one.</param>
    /// <param name="inner">The lower-level error, if there was one.</param>
    public DataFileException(
        string file, string problem, string? remedy = null, long line = 0, int column = 0, string? columnName = null,
        Exception? inner = null)
        : base(Compose(file, problem, remedy, line, column, columnName), inner)
    {
        File = file;
        Line = line;
        Column = column;
        ColumnName = columnName;
        Problem = problem;
        Remedy = remedy;
    }

    public string File { get; }

    /// <summary>1-based, 0 when unknown.</summary>
    public long Line { get; }

    /// <summary>1-based, 0 when unknown.</summary>
    public int Column { get; }

    public string? ColumnName { get; }

    public string Problem { get; }

    public string? Remedy { get; }

    private static string Compose(string file, string problem, string? remedy, long line, int column, string? columnName)
    {
        var text = new StringBuilder(file);
        if (line > 0) text.Append(FormattableString.Invariant($", line {line}"));
        if (column > 0) text.Append(FormattableString.Invariant($", column {column}"));
        if (columnName is not null) text.Append(" (").Append(columnName).Append(')');
        text.Append(": ").Append(problem).Append('.');
        if (remedy is not null) text.Append(' ').Append(remedy);
        return text.ToString();
    }
}

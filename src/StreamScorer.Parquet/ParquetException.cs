using System.Globalization;

namespace StreamScorer.Parquet;

/// <summary>A file that cannot be read or written as Parquet. The message names as much of file, row group, column and page as is
/// known; the same stands in the properties.</summary>
public sealed class ParquetException : Exception
{
    /// <summary>Makes an exception without a place.</summary>
    public ParquetException() : this("Parquet failure.")
    {
    }

    /// <summary>Makes an exception without a place.</summary>
    public ParquetException(string message) : base(message) => Problem = message;

    /// <summary>Makes an exception without a place.</summary>
    public ParquetException(string message, Exception? innerException) : base(message, innerException) => Problem = message;

    private ParquetException(string problem, string? file, int? rowGroup, string? column, int? page, Exception? inner)
        : base(Describe(problem, file, rowGroup, column, page), inner)
    {
        Problem = problem;
        File = file;
        RowGroup = rowGroup;
        Column = column;
        Page = page;
    }

    /// <summary>What is wrong, without the place.</summary>
    public string Problem { get; }

    /// <summary>The path of the file, null where unknown.</summary>
    public string? File { get; }

    /// <summary>The row group, counted from 0; null where the failure is not within one.</summary>
    public int? RowGroup { get; }

    /// <summary>The column's name, null where the failure is not within one.</summary>
    public string? Column { get; }

    /// <summary>The page of the column chunk, counted from 0 in file order, a dictionary page included; null where the failure is
    /// not within one.</summary>
    public int? Page { get; }

    /// <summary>The same failure with the parts of its place that it does not name yet.</summary>
    internal ParquetException At(string? file = null, int? rowGroup = null, string? column = null, int? page = null) =>
        new(Problem, File ?? file, RowGroup ?? rowGroup, Column ?? column, Page ?? page, InnerException);

    private static string Describe(string problem, string? file, int? rowGroup, string? column, int? page)
    {
        var place = new List<string>(4);
        if (file is not null)
            place.Add(file);
        if (rowGroup is int group)
            place.Add(string.Create(CultureInfo.InvariantCulture, $"row group {group}"));
        if (column is not null)
            place.Add($"column '{column}'");
        if (page is int number)
            place.Add(string.Create(CultureInfo.InvariantCulture, $"page {number}"));
        return place.Count == 0 ? problem : $"{string.Join(", ", place)}: {problem}";
    }
}

using System.Globalization;
using Spectre.Console;

namespace StreamScorer.App.Terminal;

/// <summary>A small table for a person: a title, columns, rows of text; the first column left, the others right.</summary>
internal sealed class ReportTable
{
    private readonly string _title;
    private readonly Table _table;

    public ReportTable(string title, params string[] columns)
    {
        _title = title;
        _table = new Table { Border = TableBorder.Simple };
        for (var i = 0; i < columns.Length; i++)
        {
            var column = new TableColumn(Markup.Escape(columns[i])) { NoWrap = true };
            _table.AddColumn(i == 0 ? column : column.RightAligned());
        }
    }

    /// <summary>Makes the last column one of text: left, and wrapped where the terminal is narrow.</summary>
    public ReportTable TextAtEnd()
    {
        _table.Columns[^1].NoWrap = false;
        _table.Columns[^1].Alignment = Justify.Left;
        return this;
    }

    /// <summary>Adds a row; numbers are written invariant, fractions with four digits, counts with thousands' commas.</summary>
    public ReportTable Row(params object?[] cells)
    {
        _table.AddRow([.. cells.Select(cell => Markup.Escape(Text(cell)))]);
        return this;
    }

    public void WriteTo(IAnsiConsole console)
    {
        console.WriteLine(_title);
        console.Write(_table);
    }

    /// <summary>A share as a percentage with two digits.</summary>
    public static string Percent(double share) => share.ToString("P2", CultureInfo.InvariantCulture);

    private static string Text(object? cell) => cell switch
    {
        null => "",
        double number => number.ToString("F4", CultureInfo.InvariantCulture),
        int or long => string.Format(CultureInfo.InvariantCulture, "{0:N0}", cell),
        _ => Convert.ToString(cell, CultureInfo.InvariantCulture) ?? "",
    };
}

using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;
using StreamScorer.App.ParquetFiles;
using StreamScorer.App.Terminal;
using StreamScorer.Parquet;

namespace StreamScorer.App.Commands;

/// <summary><c>parquet head</c>: the first rows. Reads only the pages that hold them.</summary>
internal static class ParquetHeadCommand
{
    private const int DefaultRows = 10;
    private const int MostRows = 100_000;

    public static Command Create()
    {
        var file = ParquetCommand.FileArgument();
        var rows = BoundedOption.Int("-n", "How many rows.", 1, MostRows, DefaultRows);
        var json = new Option<bool>("--json") { Description = "One JSON object per row and line instead of the table." };
        var command = new Command("head", "The first rows of a file.") { file, rows, json };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(file), parsed.GetValue(rows) ?? DefaultRows, parsed.GetValue(json)));
        return command;
    }

    private static int Run(string file, int most, bool json)
    {
        using var reader = ParquetFileReader.Open(file);
        foreach (var (name, why) in reader.UnsupportedColumns)
            Console.Error.WriteLine($"Column '{name}' is left out: {why}.");
        var columns = reader.Schema.Columns;
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in columns)
            table.AddColumn(new TableColumn(Markup.Escape(column.Name)));
        foreach (var row in Rows(reader, most))
        {
            if (json)
                WriteJson(columns, row);
            else
                table.AddRow([.. row.Select(value => Markup.Escape(ValueText.Cell(value)))]);
        }

        if (!json)
            StandardOutput.Console.Write(table);
        return ExitCode.Done;
    }

    private static IEnumerable<string?[]> Rows(ParquetFileReader reader, int most)
    {
        var columns = reader.Schema.Columns;
        var values = columns.Select(_ => new ColumnValues()).ToArray();
        for (var group = 0; group < reader.RowGroupCount && most > 0; group++)
        {
            var rows = Math.Min(most, reader.RowGroupRows(group));
            for (var i = 0; i < values.Length; i++)
                reader.ReadRows(group, i, 0, rows, values[i]);
            for (var row = 0; row < rows; row++)
                yield return [.. values.Select((column, i) => ValueText.Of(column, columns[i], row))];
            most -= rows;
        }
    }

    // All values are text: a long passes what many readers of JSON keep exact.
    private static void WriteJson(IReadOnlyList<ParquetColumn> columns, string?[] row)
    {
        var line = new JsonObject();
        for (var i = 0; i < row.Length; i++)
            line[columns[i].Name] = row[i];
        JsonOutput.Write(line);
    }
}

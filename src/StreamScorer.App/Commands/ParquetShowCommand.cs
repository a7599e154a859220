using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using StreamScorer.App.ParquetFiles;
using StreamScorer.App.Terminal;
using StreamScorer.Parquet;

namespace StreamScorer.App.Commands;

/// <summary><c>parquet show</c>: how a file is made. Reads the footer and the page index, no values.</summary>
internal static class ParquetShowCommand
{
    public static Command Create()
    {
        var file = ParquetCommand.FileArgument();
        var json = new Option<bool>("--json") { Description = "One JSON object instead of the tables." };
        var command = new Command(
            "show", "How a file is made: schema, row groups, encodings, sizes, statistics, metadata.") { file, json };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(file), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string file, bool json)
    {
        using var reader = ParquetFileReader.Open(file);
        var groups = Enumerable.Range(0, reader.RowGroupCount).Select(group => Describe(reader, group)).ToList();
        if (json)
        {
            WriteJson(file, reader, groups);
            return ExitCode.Done;
        }

        WriteSchema(file, reader);
        for (var group = 0; group < groups.Count; group++)
            WriteRowGroup(group, reader.RowGroupRows(group), groups[group]);
        return ExitCode.Done;
    }

    private static List<ShownChunk> Describe(ParquetFileReader reader, int group)
    {
        var chunks = new List<ShownChunk>();
        for (var i = 0; i < reader.Schema.Columns.Count; i++)
        {
            var column = reader.Schema.Columns[i];
            var statistics = reader.Statistics(group, i);
            var (min, max) = ValueText.Bounds(statistics, column);
            chunks.Add(new ShownChunk(
                column.Name, reader.ColumnChunk(group, i), reader.Pages(group, i)?.Count, statistics.NullCount, min, max));
        }

        return chunks;
    }

    private static void WriteSchema(string file, ParquetFileReader reader)
    {
        var console = StandardOutput.Console;
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{file}: {reader.RowCount:N0} rows, {reader.RowGroupCount:N0} row groups, {new FileInfo(file).Length:N0} bytes"));
        console.WriteLine($"written by {reader.Writer ?? "(unknown)"}");
        foreach (var (key, value) in reader.Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            console.WriteLine($"metadata {key} = {ValueText.Cell(value)}");
        console.WriteLine("");
        var schema = new ReportTable("Schema (? may be null)", "column", "type");
        foreach (var column in reader.Schema.Columns)
            schema.Row(column.Name, ValueText.TypeOf(column));
        foreach (var (name, why) in reader.UnsupportedColumns)
            schema.Row(name, $"({why})");
        schema.WriteTo(console);
    }

    private static void WriteRowGroup(int group, int rows, IReadOnlyList<ShownChunk> chunks)
    {
        var title = string.Create(
            CultureInfo.InvariantCulture,
            $"Row group {group}: {rows:N0} rows, {chunks.Sum(chunk => chunk.Stored.CompressedBytes):N0} bytes, "
            + $"{chunks.Sum(chunk => chunk.Stored.UncompressedBytes):N0} without compression");
        var table = new ReportTable(title, "column", "stored as", "codec", "encodings", "pages", "bytes", "uncompressed", "nulls", "min", "max");
        foreach (var chunk in chunks)
        {
            var encodings = string.Join(" ", chunk.Stored.Encodings);
            table.Row(
                chunk.Column, chunk.Stored.PhysicalType, chunk.Stored.Codec, encodings, (object?)chunk.Pages ?? "-",
                chunk.Stored.CompressedBytes, chunk.Stored.UncompressedBytes, (object?)chunk.Nulls ?? "-",
                chunk.Min is null ? "-" : ValueText.Cell(chunk.Min), chunk.Max is null ? "-" : ValueText.Cell(chunk.Max));
        }

        table.WriteTo(StandardOutput.Console);
    }

    private static void WriteJson(string file, ParquetFileReader reader, List<List<ShownChunk>> groups) => JsonOutput.Write(new
    {
        File = file,
        Bytes = new FileInfo(file).Length,
        Rows = reader.RowCount,
        reader.Writer,
        reader.Metadata,
        Schema = reader.Schema.Columns.Select(column => new { column.Name, Type = ValueText.TypeOf(column) }),
        reader.UnsupportedColumns,
        RowGroups = groups.Select((chunks, group) => new
        {
            Rows = reader.RowGroupRows(group),
            Columns = chunks.Select(chunk => new
            {
                Name = chunk.Column,
                chunk.Stored.PhysicalType,
                chunk.Stored.Codec,
                chunk.Stored.Encodings,
                chunk.Pages,
                chunk.Stored.CompressedBytes,
                chunk.Stored.UncompressedBytes,
                chunk.Nulls,
                chunk.Min,
                chunk.Max,
            }),
        }),
    });

    private sealed record ShownChunk(string Column, ColumnChunkInfo Stored, int? Pages, long? Nulls, string? Min, string? Max);
}

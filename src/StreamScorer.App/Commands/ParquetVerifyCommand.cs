using System.CommandLine;
using System.Globalization;
using StreamScorer.App.ParquetFiles;
using StreamScorer.App.Terminal;
using StreamScorer.Parquet;
using StreamScorer.Training.Preparation;

namespace StreamScorer.App.Commands;

/// <summary><c>parquet verify</c>: decodes everything and compares it with what the files say about themselves.</summary>
internal static class ParquetVerifyCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description = "Parquet files, and folders whose *.parquet files are verified.",
            Arity = ArgumentArity.OneOrMore,
        };
        var json = new Option<bool>("--json") { Description = "One JSON object per file and line." };
        var command = new Command(
            "verify",
            "Decode every value and check counts, checksums, statistics and page index. Exit code 1 if a file is not whole; what is "
            + "wrong names file, row group, column and page.")
        {
            paths, json,
        };
        command.SetAction((parsed, ct) => Task.Run(
            () => Run(parsed.GetRequiredValue(paths), parsed.GetValue(json), ct), ct));
        return command;
    }

    private static int Run(string[] paths, bool json, CancellationToken ct)
    {
        var files = ParquetPaths.Find(paths);
        var results = WorkProgress.Run(progress => Verify(files, progress, ct));
        foreach (var result in results)
            Write(result, json);
        var faults = results.Count(result => result.Fault is not null);
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{files.Count} files, {results.Sum(result => result.Verified?.Rows ?? 0):N0} rows verified, {faults} files not whole"));
        return faults == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private static List<VerifiedFile> Verify(IReadOnlyList<string> files, IProgress<StageProgress> progress, CancellationToken ct)
    {
        var results = new List<VerifiedFile>();
        foreach (var file in files)
        {
            try
            {
                results.Add(new VerifiedFile(file, FileVerification.Run(file, ct: ct), null));
            }
            catch (Exception fault) when (fault is ParquetException or IOException or UnauthorizedAccessException)
            {
                // The other files are worth a look all the same; the exit code tells.
                results.Add(new VerifiedFile(file, null, fault));
            }

            progress.Report(new StageProgress("Verifying", (double)results.Count / files.Count));
        }

        return results;
    }

    private static void Write(VerifiedFile result, bool json)
    {
        var place = result.Fault as ParquetException;
        if (json)
        {
            JsonOutput.Write(new
            {
                result.File,
                Whole = result.Fault is null,
                result.Verified?.Rows,
                result.Verified?.RowGroups,
                result.Verified?.Pages,
                result.Verified?.UnsupportedColumns,
                Problem = place?.Problem ?? result.Fault?.Message,
                place?.RowGroup,
                place?.Column,
                place?.Page,
            });
        }
        else if (result.Verified is { } verified)
        {
            var leftOut = verified.UnsupportedColumns.Count == 0 ? "" : $"; not readable: {string.Join(", ", verified.UnsupportedColumns.Keys)}";
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"whole    {result.File}: {verified.Rows} rows, {verified.RowGroups} row groups, {verified.Pages} pages{leftOut}"));
        }
        else
        {
            Console.Out.WriteLine($"damaged  {result.Fault!.Message}");
        }
    }

    private sealed record VerifiedFile(string File, FileVerification? Verified, Exception? Fault);
}

using System.CommandLine;
using System.Globalization;
using Npgsql;
using StreamScorer.App.Terminal;
using StreamScorer.Sinks;
using StreamScorer.Sinks.Compaction;

namespace StreamScorer.App.Commands;

/// <summary><c>parquet compact</c>: makes large sorted files of a closed day's small checkpoints.</summary>
internal static class ParquetCompactCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR")
        {
            Description = "An archive root (setting Checkpoint:Folder), for every closed day of it, or one day's folder in it.",
        };
        var defaults = new CompactionOptions();
        var maxRows = BoundedOption.Int("--max-rows", "Most rows of a large file.", 1, int.MaxValue, (int)defaults.MaxRows);
        var closedFor = BoundedOption.Int(
            "--closed-for", "Minutes that a day must have been over.", 0, 100_000, (int)defaults.ClosedFor.TotalMinutes);
        var keep = BoundedOption.Int(
            "--keep", "Minutes that the replaced files are kept beside, for readers that began before; a later run deletes them.", 0, 100_000,
            (int)defaults.KeepReplaced.TotalMinutes);
        var command = new Command(
            "compact",
            "Rewrite the small checkpoint files of closed days into large ones, sorted, and swap them in one step. Safe while workers run "
            + "and wherever it is stopped: run it again. JSON on the last line.")
        {
            folder, maxRows, closedFor, keep,
        };
        OperatorSettings.Accept(command);
        command.SetAction((parsed, ct) => RunAsync(
            parsed,
            parsed.GetRequiredValue(folder),
            new CompactionOptions
            {
                MaxRows = parsed.GetValue(maxRows) ?? defaults.MaxRows,
                ClosedFor = TimeSpan.FromMinutes(parsed.GetValue(closedFor) ?? defaults.ClosedFor.TotalMinutes),
                KeepReplaced = TimeSpan.FromMinutes(parsed.GetValue(keep) ?? defaults.KeepReplaced.TotalMinutes),
            },
            ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, string folder, CompactionOptions compaction, CancellationToken ct)
    {
        if (!OperatorSettings.TryRead(parsed, out var options))
            return ExitCode.BadUsage;
        var (root, days) = CompactionFolders.Find(folder);
        if (!File.Exists(Path.Combine(root, "storage_id")))
            throw new FileNotFoundException($"{root} has no storage_id file: no worker has used it as an archive root (setting Checkpoint:Folder).");
        try
        {
            await using var dataSource = NpgsqlDataSource.Create(options.ConnectionStrings.HotLeads);
            var storageId = new CheckpointFolder(root).OpenStorage();
            await new ProgressLedger(dataSource, options.Kafka.GroupId, storageId, TimeProvider.System).EnterStorageAsync(root, ct);
            var ledger = new CompactionLedger(dataSource, options.Kafka.GroupId, storageId, TimeProvider.System);
            return await RunAsync(ledger, root, days, compaction, ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            await Console.Error.WriteLineAsync("error: the manifest is busy (a long transaction holds checkpoint_files); run this again later.");
            return ExitCode.Failed;
        }
        catch (NpgsqlException e) when (e is not PostgresException || e.IsTransient)
        {
            throw ServiceMissingException.PostgreSql(options.ConnectionStrings, e.Message);
        }
    }

    private static async Task<int> RunAsync(
        CompactionLedger ledger, string root, IReadOnlyList<string> days, CompactionOptions options, CancellationToken ct)
    {
        await using var turn = await ledger.TryEnterAsync(ct);
        if (turn is null)
        {
            await Console.Error.WriteLineAsync($"error: another compaction of {root} is at work.");
            return ExitCode.Failed;
        }

        var compaction = new DayCompaction(ledger, root, options, TimeProvider.System);
        var results = new List<DayResult>();
        foreach (var day in days)
        {
            var progress = new Progress<double>(share => ShowShare(day, share));
            var result = await compaction.RunAsync(day, turn, progress, ct);
            results.Add(result);
            await Console.Error.WriteLineAsync(result.IsCompacted
                ? string.Create(CultureInfo.InvariantCulture, $"{day}: {result.Inputs:N0} files to {result.Outputs:N0}, {result.Rows:N0} rows")
                : $"{day}: {result.Outcome}");
        }

        JsonOutput.Write(new { Root = root, Days = results });
        return ExitCode.Done;
    }

    // A line that is written over makes sense on a terminal only.
    private static void ShowShare(string day, double share)
    {
        if (!Console.IsErrorRedirected)
            Console.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{day}: {share:P0}  "));
    }
}

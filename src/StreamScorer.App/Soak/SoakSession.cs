using System.Diagnostics;
using System.Globalization;
using Npgsql;
using StreamScorer.App.Audit;
using StreamScorer.App.Demo;
using StreamScorer.App.LocalServices;

namespace StreamScorer.App.Soak;

/// <summary>
/// One soak: load at a steady rate on two or more workers, faults in two lanes, then everything is healed and drained, and
/// the deep audit has the last word.
/// </summary>
internal sealed class SoakSession(SoakOptions options, string folder, Action<string> print)
{
    private static readonly TimeSpan DrainPatience = TimeSpan.FromMinutes(3);

    // Ctrl-C: the whole rest must fit into what a stopped verb is given, or it would end without account, its workers running.
    private static readonly TimeSpan StoppedDrainPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(45);

    private readonly Stopwatch _elapsed = Stopwatch.StartNew();
    private readonly List<string> _leftOut = [];
    private int _endedByThemselves;

    /// <summary>Runs it to its end. Cancelled: load and faults end now, the rest follows as ever.</summary>
    /// <exception cref="LocalServiceException">Kafka or PostgreSQL is not installed or does not start.</exception>
    public async Task<SoakSummary> RunAsync(CancellationToken ct)
    {
        SoakWorker.KillLeft(folder);
        await SoakServices.ClearAsync(folder);
        Directory.CreateDirectory(folder);
        Tell($"seed {options.Seed}; starting Kafka and PostgreSQL in {folder}");
        await using var services = await SoakServices.StartAsync(folder, options, ct);
        if (services.Disk is null)
            LeaveOut("a full disk: no file system could be mounted for the checkpoints (root only, and at most 2 GiB)");
        var models = new SoakModels(folder);
        var settings = services.WorkerSettings();
        settings["Scoring__ModelPath"] = models.Folder;
        var workers = Enumerable.Range(1, options.Workers).Select(number => new SoakWorker(number, folder, settings)).ToList();
        var lanes = new[] { FaultSchedule.Workers(options.Seed), FaultSchedule.Services(options.Seed, services.Disk is not null) }
            .Select(schedule => new FaultLane(schedule, services, workers, models, Tell)).ToList();
        await using var load = SteadyLoad.Start(services.ProxiedKafka, SoakServices.Topic, options.EventsPerSecond, new EventMix(options.Seed));
        try
        {
            workers.ForEach(worker => worker.Start());
            await CauseFaultsAsync(services, workers, lanes, load, ct);
            var drained = await DrainAsync(services, workers, load, ct.IsCancellationRequested ? StoppedDrainPatience : DrainPatience);
            foreach (var worker in workers)
                if (!await worker.StopAsync(StopPatience))
                    Tell($"worker {worker.Number} did not end within {StopPatience.TotalSeconds} s of SIGTERM");
            return Summary(lanes, load, services.Commits.Cuts, drained, ct.IsCancellationRequested, await AuditAsync(settings));
        }
        finally
        {
            foreach (var worker in workers)
                await worker.KillAsync();
        }
    }

    private async Task CauseFaultsAsync(
        SoakServices services, List<SoakWorker> workers, List<FaultLane> lanes, SteadyLoad load, CancellationToken ct)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        end.CancelAfter(options.Duration);
        var causing = Task.WhenAll(lanes.Select(lane => lane.RunAsync(end.Token)));
        while (!causing.IsCompleted)
        {
            await Task.WhenAny(causing, Task.Delay(options.Interval, CancellationToken.None));
            load.ThrowIfEnded();
            await TellProgressAsync(services, workers, load);
        }

        await causing;
        Tell(ct.IsCancellationRequested ? "stopped early: healing everything and draining" : "load and faults end: healing everything and draining");
        await services.HealAsync();
    }

    private async Task<bool> DrainAsync(SoakServices services, List<SoakWorker> workers, SteadyLoad load, TimeSpan patience)
    {
        await load.StopAsync();
        var end = DemoStatus.EndOffsets(services.ProxiedKafka, SoakServices.Topic);
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < patience;)
        {
            if (await ProgressAsync(services) >= end)
                return true;
            await Task.Delay(options.Interval / 10);
            RestartEnded(workers);
        }

        Tell($"not drained after {patience.TotalSeconds} s");
        await TellProgressAsync(services, workers, load);
        return false;
    }

    private async Task<AuditReport> AuditAsync(Dictionary<string, string> settings)
    {
        Tell("auditing: topic, Parquet files and PostgreSQL against each other");
        var bound = SettingsBinder.Bind(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting =>
                KeyValuePair.Create(setting.Key.Replace("__", ":", StringComparison.Ordinal), (string?)setting.Value)))
            .Build());
        var report = await new AuditRunner(bound).RunAsync(new AuditRequest { Drained = true, Deep = true });
        AuditText.Write(report, Terminal.StandardError.Console);
        return report;
    }

    /// <summary>A worker that is gone without our doing is a defect, told with its last words; the seat is filled again.</summary>
    private void RestartEnded(List<SoakWorker> workers)
    {
        foreach (var worker in workers.Where(worker => worker is { Expected: true, IsAlive: false }))
        {
            _endedByThemselves++;
            Tell($"worker {worker.Number} ended by itself:\n    " + string.Join("\n    ", worker.LogTail(5)));
            worker.Start();
        }
    }

    private async Task TellProgressAsync(SoakServices services, List<SoakWorker> workers, SteadyLoad load)
    {
        RestartEnded(workers);
        var progress = await ProgressAsync(services);
        var accounted = progress < 0 ? "? (PostgreSQL is away)" : progress.ToString("N0", CultureInfo.InvariantCulture);
        Tell(string.Create(CultureInfo.InvariantCulture, $"published {load.Confirmed:N0}  accounted for {accounted}"));
    }

    /// <summary>Sum of next_offset, asked past the proxy; -1 while the database is away, 0 before the first worker made its tables.</summary>
    private static async Task<long> ProgressAsync(SoakServices services)
    {
        try
        {
            var text = new NpgsqlConnectionStringBuilder(services.Postgres.ConnectionString) { Pooling = false, Timeout = 2, CommandTimeout = 5 };
            await using var connection = new NpgsqlConnection(text.ConnectionString);
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("SELECT coalesce(sum(next_offset), 0)::bigint FROM stream_progress", connection);
            return (long)(await command.ExecuteScalarAsync())!;
        }
        catch (PostgresException absent) when (absent.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return 0;
        }
        catch (Exception away) when (away is NpgsqlException or TimeoutException)
        {
            return -1;
        }
    }

    private SoakSummary Summary(
        List<FaultLane> lanes, SteadyLoad load, int commitsCut, bool drained, bool stoppedEarly, AuditReport report)
    {
        var faults = lanes.SelectMany(lane => lane.Caused).ToDictionary(
            caused => char.ToLowerInvariant(caused.Key.ToString()[0]) + caused.Key.ToString()[1..], caused => caused.Value);
        var totals = report.Totals;
        var stuck = lanes.Sum(lane => lane.Stuck);
        if (stuck > 0)
            Tell($"{stuck} workers did not end in time on SIGTERM");
        return new SoakSummary(
            options.Seed, Math.Round(_elapsed.Elapsed.TotalSeconds, 1), stoppedEarly, options.Workers, options.EventsPerSecond,
            load.Sent, load.Confirmed, load.Refused, load.Sent - load.Confirmed - load.Refused, report.Events,
            faults, commitsCut, _leftOut, _endedByThemselves, drained,
            totals.Scored, totals.DeadLetters, totals.Tombstones, totals.RepeatedDeadLetters, report.Checkpoints,
            totals.Lost, totals.Duplicate, totals.Unseen, totals.Mismatch,
            report.IsClean && drained && _endedByThemselves == 0 && stuck == 0 && report.Events >= load.Confirmed);
    }

    private void LeaveOut(string fault)
    {
        _leftOut.Add(fault);
        Tell("left out: " + fault);
    }

    private void Tell(string line) => print(string.Create(CultureInfo.InvariantCulture, $"{_elapsed.Elapsed:hh\\:mm\\:ss} {line}"));
}

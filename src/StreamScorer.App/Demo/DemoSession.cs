using System.Diagnostics;
using System.Text.Json;
using Npgsql;
using StreamScorer.App.Audit;
using StreamScorer.App.Hosting;
using StreamScorer.App.LocalServices;
using StreamScorer.Training.Preparation;
using StreamScorer.Training.Replay;

namespace StreamScorer.App.Demo;

/// <summary>The demo failed; the message says why and what to do.</summary>
internal sealed class DemoException(string message) : Exception(message);

/// <summary>
/// The main job from end to end, in this order: services, data and model, topics, worker, replay, and the account in
/// which every event appears exactly once.
/// </summary>
internal sealed class DemoSession(bool once, double? rate)
{
    private const int TopicPartitions = 12;
    private const int TopLeads = 8;
    private const int TrickleRate = 5;
    private static readonly TimeSpan ViewInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan StallPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(20);

    private readonly Stopwatch _elapsed = Stopwatch.StartNew();
    private long _published;
    private ReplayProgress _replay;

    /// <summary>Runs the demo and returns the exit code.</summary>
    public async Task<int> RunAsync(CancellationToken ct)
    {
        Tell("Starting Kafka and PostgreSQL");
        await using var services = await DemoServices.StartAsync(ct).ConfigureAwait(false);
        var dataset = await Task.Run(() => DemoDataset.Open(Tell, ct), ct).ConfigureAwait(false);
        var runs = InstallationFolder.Local("demo", "runs");
        await DemoCleanup.RemoveOutdatedAsync(runs, services).ConfigureAwait(false);
        using var run = DemoRun.OpenOrBegin(runs, dataset.Folder, dataset.Model, services.Kafka.BootstrapServers);
        Tell(run.IsResumed ? $"Going on with the unfinished run {run.State.Id}" : $"Run {run.State.Id}: {dataset.Description}");

        var database = new NpgsqlConnectionStringBuilder(services.ConnectionString) { SearchPath = run.DatabaseSchema }.ConnectionString;
        await KafkaTopics.CreateAsync(
            services.Kafka, [.. KafkaTopics.ForSource(run.Topic, TopicPartitions), new TopicSpec(run.OutcomeTopic, 1)], ct).ConfigureAwait(false);
        var worker = new DemoWorker(run);
        await worker.StartAsync(services.Kafka, database, ct).ConfigureAwait(false);
        try
        {
            var dashboard = once ? null : await DemoDashboard.OpenAsync(database, DemoWorker.Pages, ct).ConfigureAwait(false);
            if (dashboard is not null)
                Tell($"Dashboard: {await dashboard.LinkAsync(ct).ConfigureAwait(false)} (logs in once)");
            await StreamAsync(services, dataset, run, worker, database, ct).ConfigureAwait(false);
            if (dashboard is not null)
                await StayAsync(services, dataset, run, worker, database, dashboard, ct).ConfigureAwait(false);
        }
        finally
        {
            await worker.StopAsync().ConfigureAwait(false);
            run.NoteWorker(null);
        }

        return await AccountAsync(run, CancellationToken.None).ConfigureAwait(false);
    }

    private async Task StreamAsync(
        DemoServices services, DemoDataset dataset, DemoRun run, DemoWorker worker, string database, CancellationToken ct)
    {
        var prepared = PreparedDataset.Open(dataset.Streaming);
        var skip = run.IsResumed ? PublishedLeads.Read(services.Kafka, run.Topic, ct) : [];
        _published = skip.Count;
        var replaying = ReplayAsync(prepared, run, skip, ct);
        await using var dataSource = NpgsqlDataSource.Create(database);
        var view = new DemoView(prepared.Files.Count, prepared.RowCount);
        var (lastProgress, lastChange) = (-1L, _elapsed.Elapsed);
        var drained = false;
        await view.ShowAsync(
            async () =>
            {
                if (drained)
                    return null;
                RequireAlive(worker);
                if (replaying.IsFaulted)
                    await replaying.ConfigureAwait(false);
                var status = await DemoStatus.ReadAsync(dataSource, run.GroupId, run.Topic, TopLeads, ct).ConfigureAwait(false);
                if (status.Progress != lastProgress || !replaying.IsCompleted)
                    (lastProgress, lastChange) = (status.Progress, _elapsed.Elapsed);
                RequireMoving(_elapsed.Elapsed - lastChange, worker);
                drained = replaying.IsCompleted && status.Progress >= DemoStatus.EndOffsets(services.Kafka, run.Topic);
                return new DemoState(run.Topic, worker.Pid, _replay, _published, status, _elapsed.Elapsed);
            },
            ViewInterval, ct).ConfigureAwait(false);
        await replaying.ConfigureAwait(false);
    }

    private async Task ReplayAsync(PreparedDataset dataset, DemoRun run, HashSet<string> skip, CancellationToken ct)
    {
        var before = skip.Count;
        var options = new ReplayOptions(run.Topic) { EventsPerSecond = rate, SkipLeads = skip, OutcomeTopic = once ? null : run.OutcomeTopic };
        var progress = new ReplayTracker(now =>
        {
            _replay = now;
            _published = before + now.Delivered;
        });
        var summary = await new DatasetReplayer(Settings().Kafka).RunAsync(dataset, options, progress, ct).ConfigureAwait(false);
        ct.ThrowIfCancellationRequested();
        if (!summary.Complete)
            throw new DemoException($"Only {summary.Delivered} of {summary.Events} events were confirmed by the broker. Run the demo again: it goes on.");
        _replay = _replay with { File = dataset.Files.Count };
    }

    /// <summary>Stays for the curious: more leads trickle in, own events can be published, until Ctrl-C.</summary>
    private static async Task StayAsync(
        DemoServices services, DemoDataset dataset, DemoRun run, DemoWorker worker, string database, DemoDashboard dashboard, CancellationToken ct)
    {
        Tell("");
        Tell(FormattableString.Invariant($"Every event of the dataset is scored. Leads go on trickling in, {TrickleRate} a second; publish an event of your own:"));
        Tell($"  echo '{DemoEvent.Example}' | ./streamscorer publish --topic {run.Topic}");
        Tell($"See it arrive: {await dashboard.LinkAsync(ct).ConfigureAwait(false)} (logs in once; after that with the key {dashboard.Key})");
        Tell($"  ConnectionStrings__HotLeads='{database}' ./streamscorer leads --top 10");
        Tell($"Checkpoints: {Path.GetRelativePath(Directory.GetCurrentDirectory(), run.CheckpointFolder)}   worker log: {run.WorkerLog}   Ctrl-C ends the demo.");
        var trickle = TrickleAsync(dataset, run, ct);
        try
        {
            while (!trickle.IsCompleted)
            {
                RequireAlive(worker);
                await Task.Delay(ViewInterval, ct).ConfigureAwait(false);
            }

            await trickle.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            Tell("Stopping: the worker finishes what is in flight.");
            await trickle.ConfigureAwait(false);
            await DrainAsync(services, run, worker, database).ConfigureAwait(false);
        }
    }

    // What leads do later, then the dataset's leads again under other names, so that the pages have something to show.
    private static async Task TrickleAsync(DemoDataset dataset, DemoRun run, CancellationToken ct)
    {
        var replayer = new DatasetReplayer(Settings().Kafka);
        var options = new ReplayOptions(run.Topic) { EventsPerSecond = TrickleRate };
        if (Directory.Exists(dataset.FollowUps))
            await replayer.RunAsync(PreparedDataset.Open(dataset.FollowUps), options, null, ct).ConfigureAwait(false);
        var leads = PreparedDataset.Open(dataset.Streaming);
        for (var round = 2; !ct.IsCancellationRequested; round++)
        {
            var again = options with { LeadSuffix = FormattableString.Invariant($"-{round}"), OutcomeTopic = run.OutcomeTopic };
            await replayer.RunAsync(leads, again, null, ct).ConfigureAwait(false);
        }
    }

    // The account is of everything that was published: a worker that stops leaves what it has not consumed to the next.
    private static async Task DrainAsync(DemoServices services, DemoRun run, DemoWorker worker, string database)
    {
        await using var dataSource = NpgsqlDataSource.Create(database);
        var end = DemoStatus.EndOffsets(services.Kafka, run.Topic);
        for (var waited = Stopwatch.StartNew(); worker.IsAlive && waited.Elapsed < DrainPatience; await Task.Delay(ViewInterval).ConfigureAwait(false))
        {
            var status = await DemoStatus.ReadAsync(dataSource, run.GroupId, run.Topic, 0, CancellationToken.None).ConfigureAwait(false);
            if (status.Progress >= end)
                return;
        }
    }

    private async Task<int> AccountAsync(DemoRun run, CancellationToken ct)
    {
        Tell("Auditing: topic, Parquet files and PostgreSQL against each other");
        var report = await new AuditRunner(Settings()).RunAsync(new AuditRequest { Drained = true, Deep = true }, null, ct).ConfigureAwait(false);
        foreach (var finding in report.Findings)
            Tell($"  {finding}");
        var totals = report.Totals;
        Tell(FormattableString.Invariant($"{report.Events} events: {totals.Scored} scored, {totals.DeadLetters} dead letters, ")
            + FormattableString.Invariant($"{report.HotLeads} hot leads, {report.Checkpoints} checkpoints; ")
            + FormattableString.Invariant($"lost {totals.Lost}, duplicate {totals.Duplicate}, unseen {totals.Unseen}, mismatch {totals.Mismatch}"));
        if (report.IsClean)
            run.Finish();
        Console.WriteLine(JsonSerializer.Serialize(new DemoAccount(
            report.Events, totals.Scored, totals.DeadLetters, report.HotLeads, report.Checkpoints, totals.Lost, totals.Duplicate,
            totals.Unseen, totals.Mismatch, run.Topic, run.DatabaseSchema, run.CheckpointFolder, Math.Round(_elapsed.Elapsed.TotalSeconds, 1)),
            JsonSerializerOptions.Web));
        return report.IsClean ? ExitCode.Done : ExitCode.Failed;
    }

    private static StreamScorerOptions Settings() => SettingsBinder.Bind(WorkerSettings.Configuration([]));

    private static void RequireAlive(DemoWorker worker)
    {
        if (worker.IsAlive)
            return;
        throw new DemoException("The worker has ended. Nothing is lost: run the demo again and it goes on where it stopped.\n"
            + "Its last words:\n  " + string.Join("\n  ", worker.LogTail(8)));
    }

    private static void RequireMoving(TimeSpan still, DemoWorker worker)
    {
        if (still < StallPatience)
            return;
        throw new DemoException($"No progress for {StallPatience.TotalSeconds} s. The worker's last words:\n  "
            + string.Join("\n  ", worker.LogTail(8)));
    }

    private static void Tell(string line) => Console.Error.WriteLine(line);

    /// <summary>Passes each report on at once, on the thread that made it; <see cref="Progress{T}"/> would post it.</summary>
    private sealed class ReplayTracker(Action<ReplayProgress> report) : IProgress<ReplayProgress>
    {
        public void Report(ReplayProgress value) => report(value);
    }
}

/// <summary>The last line of <c>demo --once</c>: what became of every event.</summary>
internal sealed record DemoAccount(
    long Events, long Scored, long DeadLetters, long HotLeads, long Checkpoints, long Lost, long Duplicate, long Unseen, long Mismatch,
    string Topic, string Schema, string CheckpointFolder, double Seconds);

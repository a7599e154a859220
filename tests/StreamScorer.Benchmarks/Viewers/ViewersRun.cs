using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using StreamScorer.App.Leads;
using StreamScorer.App.LocalServices;
using StreamScorer.Benchmarks.Stream;
using StreamScorer.Forests;

namespace StreamScorer.Benchmarks.Viewers;

/// <summary>One turn: what the worker did, and what it and its neighbours took.</summary>
internal sealed record ViewersTurn(bool HasViewers, double EventsPerSecond, CpuShares Cpu)
{
    /// <summary>CPU of worker, broker and PostgreSQL for each event.</summary>
    public double Micros => (Cpu.Worker + Cpu.Broker + Cpu.Postgres) / EventsPerSecond * 1e6;
}

/// <summary>One run of <c>bench viewers</c>.</summary>
internal sealed class ViewersRun(BenchServices services, string modelFolder, WorkloadShape shape)
{
    private const int Partitions = 12;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(2);

    private readonly List<ViewersTurn> _turns = [];
    private readonly List<PageAnswer> _answers = [];
    private long _liveBytes;

    public required int Viewers { get; init; }

    /// <summary>How often each agent opens a lead.</summary>
    public required TimeSpan OpenLeadEvery { get; init; }

    public required int Rounds { get; init; }

    public required TimeSpan Turn { get; init; }

    public async Task RunAsync(CancellationToken ct)
    {
        var topic = await StreamTopic.FillAsync(services, shape, ForestModel.Load(Path.Combine(modelFolder, "model.forest")), Partitions, "none");
        var scope = await services.CreateScopeAsync(topic, "viewers");
        var key = await scope.CreateKeyAsync(["leads:read", "models:read"], ct);
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LoopbackPort.Find()}"));
        using var worker = WorkerRun.Start(
            scope, modelFolder, ["--Api:Enabled=true", $"--Api:Urls={address}", "--Api:ManagementUrls=", "--Api:ModelsFolder=", "--Api:ScoreFolder="]);
        await worker.Ready;
        using var operators = new HttpClient { BaseAddress = address };
        operators.DefaultRequestHeaders.Add("X-API-Key", key);
        await Task.Delay(WarmUp, ct);
        // The first of each is not counted: the runtime compiles what the pages ask for.
        for (var i = 0; i <= Rounds; i++)
        {
            foreach (var hasViewers in i % 2 == 0 ? (bool[])[false, true] : [true, false])
            {
                var turn = await MeasureAsync(worker, operators, hasViewers ? key : null, ct);
                if (i > 0)
                    _turns.Add(turn);
                else
                    _answers.Clear();
            }
        }

        if (await ScoredAsync(operators, ct) >= shape.Events)
            throw new MeasurementException("The worker was through the backlog before the end: more --events.");
        await worker.StopAsync();
        await using var dataSource = NpgsqlDataSource.Create(scope.ConnectionString);
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        WriteFigures(await LeadQuery.CountAsync(connection, ct));
    }

    private async Task<ViewersTurn> MeasureAsync(WorkerRun worker, HttpClient operators, string? key, CancellationToken ct)
    {
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var pages = key is null ? [] : Enumerable.Range(0, Viewers)
            .Select(i => new PageViewer(operators.BaseAddress!, i % 2 == 0 ? ViewedPage.Leads : ViewedPage.Stream, OpenLeadEvery, i)).ToList();
        await Task.WhenAll(pages.Select(page => page.LogInAsync(key!, ct)));
        var open = pages.Select(page => page.LookAsync(closing.Token)).ToList();
        await Task.Delay(Settle, ct);
        var (before, began) = (await ScoredAsync(operators, ct), CpuTimes.Now(services, worker));
        await Task.Delay(Turn, ct);
        var (after, ended) = (await ScoredAsync(operators, ct), CpuTimes.Now(services, worker));
        await closing.CancelAsync();
        await Task.WhenAll(open);
        foreach (var page in pages)
        {
            _answers.AddRange(page.Answers);
            _liveBytes += page.LiveBytes;
            page.Dispose();
        }

        var turn = new ViewersTurn(key is not null, (after - before) / (ended.At - began.At).TotalSeconds, ended - began);
        Say(string.Create(CultureInfo.InvariantCulture, $"{(turn.HasViewers ? $"{Viewers} viewers" : "nobody"),-12}{turn.EventsPerSecond,10:N0} events/s"));
        return turn;
    }

    private static async Task<long> ScoredAsync(HttpClient operators, CancellationToken ct)
    {
        var state = await operators.GetFromJsonAsync<JsonElement>("/api/v1/stream", ct);
        return state.GetProperty("totals").GetProperty("scored").GetInt64();
    }

    private void WriteFigures((long Hot, long Cooled) leads)
    {
        Say(string.Create(
            CultureInfo.InvariantCulture,
            $"\nbench viewers: {Viewers} viewers, {leads.Hot:N0} hot leads and {leads.Cooled:N0} cooled, {Rounds} turns of {Turn.TotalSeconds:F0} s each"));
        Say("              events/s  CPU us/event   cores: worker  broker  PostgreSQL  viewers");
        var (alone, beside) = (Mean(hasViewers: false), Mean(hasViewers: true));
        foreach (var turn in (ViewersTurn[])[alone, beside])
        {
            Say(string.Create(
                CultureInfo.InvariantCulture,
                $"{(turn.HasViewers ? "viewers" : "nobody"),-12}{turn.EventsPerSecond,10:N0}{turn.Micros,14:F2}"
                + $"{turn.Cpu.Worker,16:F2}{turn.Cpu.Broker,8:F2}{turn.Cpu.Postgres,12:F2}{turn.Cpu.Publisher,9:F2}"));
        }

        var pairs = _turns.Where(turn => turn.HasViewers).Zip(
            _turns.Where(turn => !turn.HasViewers), (with, without) => with.EventsPerSecond / without.EventsPerSecond).ToList();
        // What the services took with viewers beyond what as many events take without.
        var extra = (beside.Micros - alone.Micros) * beside.EventsPerSecond / 1e6 / Viewers;
        Say(string.Create(
            CultureInfo.InvariantCulture,
            $"throughput beside viewers: {beside.EventsPerSecond / alone.EventsPerSecond:P1} (pairs {string.Join(", ", pairs.Select(pair => pair.ToString("P1", CultureInfo.InvariantCulture)))})"
            + $"; a viewer costs the services {extra * 1000:F2} ms of CPU a second"));
        Say("answer              count      p50 ms  p95 ms  p99 ms  max ms");
        foreach (var kind in _answers.GroupBy(answer => answer.What).OrderBy(kind => kind.Key, StringComparer.Ordinal))
            Say(string.Create(CultureInfo.InvariantCulture, $"{kind.Key,-16}{kind.Count(),9:N0}      {Percentiles.Of(kind.Select(answer => answer.Milliseconds))}"));
        Say(string.Create(CultureInfo.InvariantCulture, $"live feed: {_liveBytes / 1e6:N0} MB to all viewers"));
    }

    private ViewersTurn Mean(bool hasViewers)
    {
        var turns = _turns.Where(turn => turn.HasViewers == hasViewers).ToList();
        double Of(Func<ViewersTurn, double> figure) => turns.Average(figure);
        return new ViewersTurn(hasViewers, Of(turn => turn.EventsPerSecond), new CpuShares(
            Of(turn => turn.Cpu.Publisher), Of(turn => turn.Cpu.Broker), Of(turn => turn.Cpu.Worker), Of(turn => turn.Cpu.Postgres)));
    }

    private static void Say(string line) => Console.Error.WriteLine(line);
}

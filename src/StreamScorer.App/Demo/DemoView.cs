using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using StreamScorer.Training.Replay;

namespace StreamScorer.App.Demo;

/// <summary>
/// What the demo shows while it runs, on stderr: a live picture on a terminal, a line every few seconds elsewhere.
/// </summary>
internal sealed class DemoView(int files, long events)
{
    private const int LinesOfLeads = 3;
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(2);

    private readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
    private TimeSpan? _firstPublished;
    private long _progressAtFirst;
    private long _progress;
    private TimeSpan _nextLine = TimeSpan.Zero;
    private double? _eventsPerSecond;

    /// <summary>True on a terminal that can be drawn on.</summary>
    public bool IsLive => _console.Profile.Capabilities.Interactive && !Console.IsErrorRedirected;

    /// <summary>Shows states as they come until the work is done.</summary>
    public async Task ShowAsync(Func<Task<DemoState?>> next, TimeSpan interval, CancellationToken ct)
    {
        if (!IsLive)
        {
            DemoState? last = null;
            while (await next().ConfigureAwait(false) is { } state)
            {
                last = state;
                LineWhenDue(state);
                await Task.Delay(interval, ct).ConfigureAwait(false);
            }

            if (last is not null)
                Line(last);
            foreach (var lead in last?.Status.Top.Take(LinesOfLeads) ?? [])
            {
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"hot lead {lead.LeadId}  {lead.Probability:P1}  tier {lead.Tier}  {FirstReasons(lead.Reasons)}"));
            }

            return;
        }

        await _console.Live(new Text("")).AutoClear(false).StartAsync(async live =>
        {
            while (await next().ConfigureAwait(false) is { } state)
            {
                live.UpdateTarget(Picture(state));
                await Task.Delay(interval, ct).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
    }

    private void LineWhenDue(DemoState state)
    {
        Measure(state);
        if (state.Elapsed < _nextLine)
            return;
        _nextLine = state.Elapsed + LineInterval;
        Line(state);
    }

    private void Line(DemoState state) =>
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"partitions {state.Replay.File}/{files}  published {state.Published:N0}/{events:N0}  in checkpoints {state.Status.Progress:N0}  "
            + $"hot leads {state.Status.HotLeads:N0}  checkpoints {state.Status.Checkpoints}  {Rate} events/s"));

    private Rows Picture(DemoState state)
    {
        Measure(state);
        var figures = new Grid().AddColumn().AddColumn().AddColumn().AddColumn().AddColumn();
        figures.AddRow("[grey]published[/]", "[grey]in checkpoints[/]", "[grey]events/s[/]", "[grey]hot leads[/]", "[grey]checkpoints[/]");
        figures.AddRow(
            Number(state.Published) + " of " + Number(events), Number(state.Status.Progress), Rate,
            "[red]" + Number(state.Status.HotLeads) + "[/]", Number(state.Status.Checkpoints));
        return new Rows(
            new Rule($"[bold]StreamScorer demo[/] [grey]topic {state.Topic}, worker {state.WorkerPid}[/]").LeftJustified(),
            Bar("partition files", state.Replay.File, files), Bar("scored and durable", state.Status.Progress, Math.Max(events, state.Published)),
            figures, Leads(state.Status.Top));
    }

    private static Markup Bar(string name, long value, long total)
    {
        const int Width = 50;
        var full = total == 0 ? 0 : (int)(Math.Min(value, total) * Width / total);
        return new Markup(string.Create(CultureInfo.InvariantCulture,
            $"{name,-20}[green]{new string('█', full)}[/][grey]{new string('░', Width - full)}[/] {value:N0}/{total:N0}"));
    }

    private static Table Leads(IReadOnlyList<DemoLead> leads)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("hot lead", "probability", "tier", "source", "why");
        foreach (var lead in leads)
        {
            table.AddRow(
                Markup.Escape(lead.LeadId), lead.Probability.ToString("P1", CultureInfo.InvariantCulture), lead.Tier,
                Markup.Escape(lead.Source ?? ""), Markup.Escape(FirstReasons(lead.Reasons)));
        }

        return table;
    }

    private static string FirstReasons(string? json)
    {
        if (json is null)
            return "";
        using var reasons = JsonDocument.Parse(json);
        return string.Join("; ", reasons.RootElement.EnumerateArray().Take(2)
            .Select(reason => reason.TryGetProperty("text", out var text) ? text.GetString() : null).Where(text => text is not null));
    }

    /// <summary>Durable events per second, from the first event published to the last checkpoint that closed.</summary>
    private string Rate => _eventsPerSecond is { } rate ? Number((long)rate) : "-";

    private void Measure(DemoState state)
    {
        if (_firstPublished is null && state.Published > 0)
            (_firstPublished, _progressAtFirst) = (state.Elapsed, state.Status.Progress);
        if (_firstPublished is not { } first || state.Status.Progress == _progress)
            return;
        _progress = state.Status.Progress;
        if (_progress > _progressAtFirst && state.Elapsed > first)
            _eventsPerSecond = (_progress - _progressAtFirst) / (state.Elapsed - first).TotalSeconds;
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}

/// <summary>Where the demo stands at one moment.</summary>
/// <param name="Topic">The run's topic.</param>
/// <param name="WorkerPid">The worker's process id.</param>
/// <param name="Replay">The publisher's progress.</param>
/// <param name="Published">Events on the topic by now.</param>
/// <param name="Status">What PostgreSQL says.</param>
/// <param name="Elapsed">Since the demo began.</param>
internal sealed record DemoState(
    string Topic, int WorkerPid, ReplayProgress Replay, long Published, DemoStatus Status, TimeSpan Elapsed);

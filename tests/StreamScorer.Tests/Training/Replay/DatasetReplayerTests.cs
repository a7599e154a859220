using StreamScorer.Training.Generation;
using StreamScorer.Training.Preparation;
using StreamScorer.Training.Replay;
using Xunit;

namespace StreamScorer.Tests.Training.Replay;

/// <summary>
/// The replay against the mock cluster inside the Kafka client: no broker is needed to see that files are published in
/// order and confirmed. What arrives on a real broker is an integration test's business.
/// </summary>
public sealed class DatasetReplayerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PreparedDataset _dataset;

    private readonly KafkaOptions _kafka = new()
    {
        Properties = { ["test.mock.num.brokers"] = "1" },
    };

    public DatasetReplayerTests()
    {
        SyntheticDataset.WriteFolder(_folder.Path, new GenerationOptions { Leads = 400, Partitions = 4 });
        _dataset = PreparedDataset.Open(_folder[PreparedLayout.StreamingFolder]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task EveryFileIsConfirmedBeforeTheNext()
    {
        var progress = new Recorder();
        var summary = await Replayer().RunAsync(_dataset, Options(), progress);

        Assert.Equal((4, 120, 120, 0, 0, true),
            (summary.Files, summary.Events, summary.Delivered, summary.Skipped, summary.Outcomes, summary.Complete));
        Assert.Equal([0, 1, 2, 3], progress.Reports.Select(report => report.File));
        Assert.All(progress.Reports, report => Assert.Equal(report.FileEvents, report.FileDelivered));
        Assert.Equal((120, 120), (progress.Reports[^1].Delivered, progress.Reports[^1].Total));
    }

    [Fact]
    public async Task OutcomesGoToATopicOfTheirOwn()
    {
        var summary = await Replayer().RunAsync(_dataset, Options() with { OutcomeTopic = "lead-outcomes" });
        Assert.Equal((120, 120, true), (summary.Delivered, summary.Outcomes, summary.Complete));
    }

    [Fact]
    public async Task LeadsOfAnEarlierReplayAreLeftOut()
    {
        var known = _dataset.Files[1].ReadLeads().Concat(_dataset.Files[2].ReadLeads().Take(5)).Select(lead => lead.LeadId).ToHashSet();
        var progress = new Recorder();
        var summary = await Replayer().RunAsync(
            _dataset, Options() with { SkipLeads = known, OutcomeTopic = "lead-outcomes" }, progress);

        Assert.Equal((35, 85, 85, true), (summary.Skipped, summary.Delivered, summary.Outcomes, summary.Complete));
        Assert.Equal([30, 0, 25, 30], progress.Reports.Select(report => report.FileEvents));
    }

    [Fact]
    public async Task AStopCountsWhatWasDelivered()
    {
        using var stop = new CancellationTokenSource();
        var progress = new Recorder { After = report => stop.CancelAsync() };
        var summary = await Replayer().RunAsync(_dataset, Options(), progress, stop.Token);
        Assert.Equal((1, 30, 30, false), (summary.Files, summary.Events, summary.Delivered, summary.Complete));
    }

    [Fact]
    public async Task ARateIsKept()
    {
        var summary = await Replayer().RunAsync(_dataset, Options() with { EventsPerSecond = 240 });
        // 120 events at 240 a second take half a second; a busy machine takes longer, none takes less.
        Assert.True(summary.Seconds > 0.45, $"{summary.Seconds} s");
        Assert.True(summary.Complete);
    }

    [Fact]
    public async Task ABrokerThatDoesNotAnswerIsNamed()
    {
        var kafka = new KafkaOptions { BootstrapServers = "localhost:1" };
        var failure = await Assert.ThrowsAsync<ReplayException>(() => new DatasetReplayer(kafka).RunAsync(_dataset, Options()));
        Assert.True(failure.BrokerMissing);
        Assert.Contains("localhost:1", failure.Message);
        Assert.Contains("Kafka:BootstrapServers", failure.Message);
    }

    private static ReplayOptions Options() => new("user-events");

    private DatasetReplayer Replayer() => new(_kafka);

    private sealed class Recorder : IProgress<ReplayProgress>
    {
        public List<ReplayProgress> Reports { get; } = [];

        public Func<ReplayProgress, Task>? After { get; init; }

        public void Report(ReplayProgress value)
        {
            Reports.Add(value);
            After?.Invoke(value);
        }
    }
}

using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using StreamScorer.App.Api;
using StreamScorer.Telemetry;
using StreamScorer.Telemetry.Outcomes;
using StreamScorer.Telemetry.Quality;

namespace StreamScorer.Tests.Monitoring;

/// <summary>The metrics that the code has, under the names that Prometheus sees, and those that a file speaks of.</summary>
internal static partial class MetricNames
{
    /// <summary>Prometheus names of every instrument; histograms under their plain name.</summary>
    public static IReadOnlySet<string> InCode { get; } = ReadCode();

    /// <summary>What the rules record.</summary>
    public static IReadOnlySet<string> Recorded { get; } = RecordLine().Matches(Rules).Select(match => match.Groups[1].Value).ToHashSet();

    public static string Rules => File.ReadAllText(Path.Combine(RepositoryFolder.Path, "src", "monitoring", "streamscorer.rules.yml"));

    /// <summary>Metric names in PromQL, without what a histogram's parts add.</summary>
    public static IEnumerable<string> In(string promql) => MetricName().Matches(promql).Select(match => match.Value)
        .Select(name => HistogramPart().Replace(name, "") is var plain && InCode.Contains(plain) ? plain : name).Distinct();

    private static HashSet<string> ReadCode()
    {
        var names = new HashSet<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (!instrument.Meter.Name.StartsWith("StreamScorer", StringComparison.Ordinal))
                    return;
                var isCounter = instrument.GetType().Name.Split('`')[0] is "Counter" or "ObservableCounter";
                lock (names)
                    names.Add(PrometheusWriter.NameOf(instrument.Name, instrument.Unit, isCounter));
            },
        };
        listener.Start();
        using var metrics = new ScorerMetrics();
        using var api = new ApiMetrics();
        api.ObserveWaitingRows(() => 0);
        using var worker = new WorkerMetrics(new StreamScorerOptions(), new Readiness(TimeProvider.System), metrics, TimeProvider.System);
        using var outcomes = new OutcomeMetrics();
        using var quality = new DataQualityMetrics(new DataQuality(TimeProvider.System), TimeProvider.System);
        return names;
    }

    [GeneratedRegex(@"(?m)^ +- record: (\S+)$")]
    private static partial Regex RecordLine();

    [GeneratedRegex(@"(?<![\w:])(streamscorer|messaging|http_server)[a-z0-9_:]+")]
    private static partial Regex MetricName();

    [GeneratedRegex("_(bucket|count|sum)$")]
    private static partial Regex HistogramPart();
}

using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using StreamScorer.App.Api;
using StreamScorer.Scoring;
using StreamScorer.Sinks;
using StreamScorer.Telemetry;
using StreamScorer.Telemetry.Outcomes;
using StreamScorer.Telemetry.Quality;
using StreamScorer.Tests.Repository;
using Xunit;

namespace StreamScorer.Tests;

/// <summary>What dashboards, queries and configuration files of other people rely on, as snapshots.</summary>
public sealed class FrozenSurfaceTests
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        IgnoreReadOnlyProperties = true,
        Converters = { new JsonStringEnumConverter() },
    };

    [Fact]
    public void Settings_and_their_defaults() =>
        Snapshot.Matches("default-settings.json", JsonSerializer.Serialize(new StreamScorerOptions(), Json));

    [Fact]
    public void Columns_of_a_checkpoint()
    {
        var text = new StringBuilder();
        foreach (var column in ScoreRowSchema.Schema.Columns)
            text.Append(column.Name).Append(' ').Append(column.Type).Append(column.Nullable ? "?" : "").Append('\n');
        Snapshot.Matches("checkpoint-schema.txt", text.ToString());
    }

    [Fact]
    public void Names_and_units_of_the_metrics()
    {
        var instruments = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (!instrument.Meter.Name.StartsWith("StreamScorer", StringComparison.Ordinal))
                    return;
                // Two kinds of the same name are one series to whoever reads them.
                var kind = instrument.GetType().Name.Split('`')[0];
                lock (instruments)
                    instruments.Add($"{instrument.Meter.Name} {instrument.Name} {kind} {instrument.Unit ?? "-"}");
            },
        };
        listener.Start();
        using var metrics = new ScorerMetrics();
        using var worker = new WorkerMetrics(new StreamScorerOptions(), new Readiness(TimeProvider.System), metrics, TimeProvider.System);
        using var outcomes = new OutcomeMetrics();
        using var quality = new DataQualityMetrics(new DataQuality(TimeProvider.System), TimeProvider.System);
        using var api = new ApiMetrics();
        api.ObserveWaitingRows(() => 0);
        using var pool = new PredictionEnginePool(HotThreshold.Default);
        metrics.Observe(pool);

        Snapshot.Matches("metrics.txt", string.Join('\n', instruments.Distinct().Order(StringComparer.Ordinal)));
    }
}

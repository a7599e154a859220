using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using StreamScorer.Telemetry;

namespace StreamScorer.App.Api;

/// <summary>
/// The meters as Prometheus text (exposition format 0.0.4), collected by the OpenTelemetry SDK, which bounds the series of
/// each metric. Names follow OpenTelemetry's rules for Prometheus: dots become underscores, units and <c>_total</c> come last.
/// </summary>
internal sealed class PrometheusText : IDisposable
{
    /// <summary>The media type of the text.</summary>
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    private const int MostSeries = 2000;

    private readonly TextExporter _exporter = new();
    private readonly MeterProvider _provider;
    private readonly Lock _gate = new();

    /// <summary>Collects the service's own meters and the runtime's; sends them to an OTLP collector too where one is configured.</summary>
    public PrometheusText()
    {
        // The provider owns the reader and disposes of it.
        var reader = new BaseExportingMetricReader(_exporter) { TemporalityPreference = MetricReaderTemporalityPreference.Cumulative };
        var builder = Sdk.CreateMeterProviderBuilder()
            .AddMeter(ScorerMetrics.MeterName, ApiMetrics.MeterName, "System.Runtime", "Npgsql")
            .AddView(instrument => new MetricStreamConfiguration { CardinalityLimit = MostSeries })
            .AddReader(reader);
        if (OtlpExport.IsConfigured)
            builder.AddOtlpExporter();
        _provider = builder.Build();
    }

    /// <summary>The current values.</summary>
    public ReadOnlyMemory<byte> Collect()
    {
        lock (_gate)
        {
            _exporter.Collect!(Timeout.Infinite);
            return _exporter.Text;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _provider.Dispose();

    [ExportModes(ExportModes.Pull)]
    private sealed class TextExporter : BaseExporter<Metric>, IPullMetricExporter
    {
        public ReadOnlyMemory<byte> Text { get; private set; }

        public Func<int, bool>? Collect { get; set; }

        public override ExportResult Export(in Batch<Metric> batch)
        {
            var writer = new PrometheusWriter();
            foreach (var metric in batch)
                writer.Write(metric);
            Text = Encoding.UTF8.GetBytes(writer.ToString());
            return ExportResult.Success;
        }
    }
}

/// <summary>Export to an OpenTelemetry collector, by the standard's own variables of the environment.</summary>
internal static class OtlpExport
{
    /// <summary>Whether <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.</summary>
    public static bool IsConfigured => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT"));
}

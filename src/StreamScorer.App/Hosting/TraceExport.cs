using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using StreamScorer.App.Api;
using StreamScorer.Telemetry;

namespace StreamScorer.App.Hosting;

/// <summary>
/// Sends the spans of micro-batches, and the database's below them, to an OpenTelemetry collector where one is configured
/// (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c>); without one nobody listens and no span is made.
/// </summary>
internal sealed class TraceExport : IDisposable
{
    private readonly TracerProvider? _provider = !OtlpExport.IsConfigured ? null : Sdk.CreateTracerProviderBuilder()
        .ConfigureResource(resource => resource.AddService("streamscorer"))
        .AddSource(ScorerMetrics.MeterName, "Npgsql")
        .AddOtlpExporter()
        .Build();

    /// <inheritdoc/>
    public void Dispose() => _provider?.Dispose();
}

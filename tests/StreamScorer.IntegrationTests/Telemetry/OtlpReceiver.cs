using System.Net;
using StreamScorer.App.LocalServices;

namespace StreamScorer.IntegrationTests.Telemetry;

/// <summary>A span as a collector got it.</summary>
/// <param name="Attributes">Those with text or whole numbers, as text.</param>
internal sealed record ReceivedSpan(
    string Name, string TraceId, string SpanId, string ParentId, IReadOnlyList<string> LinkedTraces, IReadOnlyDictionary<string, string> Attributes);

/// <summary>An OpenTelemetry collector of its own for one test: takes OTLP over HTTP and keeps the spans.</summary>
internal sealed class OtlpReceiver : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly List<ReceivedSpan> _spans = [];
    private readonly HashSet<string> _paths = [];
    private readonly Task _serving;

    public OtlpReceiver()
    {
        Endpoint = FormattableString.Invariant($"http://127.0.0.1:{LoopbackPort.Find()}");
        _listener.Prefixes.Add(Endpoint + "/");
        _listener.Start();
        _serving = Task.Run(ServeAsync);
    }

    /// <summary>For <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.</summary>
    public string Endpoint { get; }

    /// <summary>The spans so far.</summary>
    public IReadOnlyList<ReceivedSpan> Spans
    {
        get
        {
            lock (_spans)
                return [.. _spans];
        }
    }

    /// <summary>Where something was sent to.</summary>
    public IReadOnlyCollection<string> Paths
    {
        get
        {
            lock (_spans)
                return [.. _paths];
        }
    }

    public void Dispose()
    {
        _listener.Close();
        _serving.Wait();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                var path = context.Request.Url!.AbsolutePath;
                lock (_spans)
                {
                    _paths.Add(path);
                    if (path == "/v1/traces")
                        _spans.AddRange(OtlpTraces.Read(body.ToArray()));
                }

                context.Response.ContentType = "application/x-protobuf";
                context.Response.Close();
            }
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}

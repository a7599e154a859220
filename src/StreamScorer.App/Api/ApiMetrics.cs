using System.Diagnostics.Metrics;

namespace StreamScorer.App.Api;

/// <summary>The meters of the HTTP surface. Labels are routes, statuses and a handful of reasons; never an id.</summary>
internal sealed class ApiMetrics : IDisposable
{
    /// <summary>The meter's name, for exporters.</summary>
    public const string MeterName = "StreamScorer.Api";

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _requestSeconds;
    private readonly Counter<long> _scored;
    private readonly Histogram<double> _scoreSeconds;
    private readonly Counter<long> _refused;
    private long _active;

    public ApiMetrics()
    {
        _requestSeconds = _meter.CreateHistogram<double>(
            "http.server.request.duration", "s", "From the request's headers to the end of its answer, by route and status.");
        _meter.CreateObservableUpDownCounter(
            "http.server.active_requests", () => Volatile.Read(ref _active), "{request}", "Requests being answered.");
        _scored = _meter.CreateCounter<long>("streamscorer.api.leads.scored", "{lead}", "Leads scored over HTTP, by model.");
        _scoreSeconds = _meter.CreateHistogram<double>(
            "streamscorer.api.score.duration", "s", "Decoding and scoring of one request, by model.");
        _refused = _meter.CreateCounter<long>("streamscorer.api.refused", "{request}", "Requests that a key did not let in, by reason.");
    }

    /// <summary>Shows how many scores wait to be written.</summary>
    public void ObserveWaitingRows(Func<int> waiting) => _meter.CreateObservableGauge(
        "streamscorer.api.scores.waiting", waiting, "{lead}", "Scores of the API that wait to be written.");

    /// <summary>A request begins.</summary>
    public void Began() => Interlocked.Increment(ref _active);

    /// <summary>A request has been answered.</summary>
    /// <param name="method">A method of HTTP that an endpoint takes, else <c>_OTHER</c>.</param>
    /// <param name="route">The endpoint's pattern, not the path; null where there was none.</param>
    /// <param name="status">The answer's status.</param>
    /// <param name="seconds">How long it took.</param>
    public void Ended(string method, string? route, int status, double seconds)
    {
        Interlocked.Decrement(ref _active);
        _requestSeconds.Record(
            seconds,
            new KeyValuePair<string, object?>("http.request.method", method),
            new KeyValuePair<string, object?>("http.route", route ?? "none"),
            new KeyValuePair<string, object?>("http.response.status_code", status));
    }

    /// <summary>A request's leads are scored.</summary>
    public void Scored(string model, int leads, double seconds)
    {
        var tag = new KeyValuePair<string, object?>("model", model);
        _scored.Add(leads, tag);
        _scoreSeconds.Record(seconds, tag);
    }

    /// <summary>A key did not let a request in.</summary>
    public void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}

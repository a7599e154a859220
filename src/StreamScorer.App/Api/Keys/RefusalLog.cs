using StreamScorer.Telemetry;

namespace StreamScorer.App.Api.Keys;

/// <summary>Logs refused requests, once a second and reason at most, so that a stranger cannot fill a disk.</summary>
internal sealed class RefusalLog(TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long At, long Held)> _last = [];

    /// <summary>Notes a refusal.</summary>
    /// <param name="reason">One of a handful of words.</param>
    /// <param name="keyId">Id of the key where it is a real one; never the key.</param>
    /// <param name="requestId">The request.</param>
    public void Note(string reason, string? keyId, string requestId)
    {
        long held;
        lock (_gate)
        {
            var known = _last.TryGetValue(reason, out var last);
            if (known && clock.GetElapsedTime(last.At) < Quiet)
            {
                _last[reason] = (last.At, last.Held + 1);
                return;
            }

            held = last.Held;
            _last[reason] = (clock.GetTimestamp(), 0);
        }

        log.ApiKeyRefused(reason, keyId ?? "none that is known", requestId, held);
    }
}

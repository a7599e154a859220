using System.Threading.RateLimiting;

namespace StreamScorer.App.Api.Keys;

/// <summary>One key's rate limit: a token bucket that holds one second's requests and is filled ten times a second.</summary>
internal sealed class KeyRate : IDisposable
{
    private readonly TokenBucketRateLimiter _bucket;

    /// <summary>A limit.</summary>
    /// <param name="perSecond">Requests per second, 1 or more.</param>
    public KeyRate(int perSecond)
    {
        PerSecond = perSecond;
        var perPeriod = Math.Max(1, perSecond / 10);
        _bucket = new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = perSecond,
            TokensPerPeriod = perPeriod,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)perPeriod / perSecond),
            QueueLimit = 0,
        });
    }

    /// <summary>Requests per second.</summary>
    public int PerSecond { get; }

    /// <summary>Takes one request's worth; false: too many, and when the next may pass.</summary>
    public bool TryTake(out TimeSpan retryAfter)
    {
        using var lease = _bucket.AttemptAcquire();
        retryAfter = TimeSpan.Zero;
        if (lease.IsAcquired)
            return true;
        lease.TryGetMetadata(MetadataName.RetryAfter, out retryAfter);
        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => _bucket.Dispose();
}

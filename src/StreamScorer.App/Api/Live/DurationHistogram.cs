namespace StreamScorer.App.Api.Live;

/// <summary>Durations of one second in bins of equal ratio, twenty to a decade: a quantile is right to 6 %. Thread safe.</summary>
internal sealed class DurationHistogram
{
    private const double LeastSeconds = 1e-5;
    private const int BinsPerDecade = 20;
    private const int Bins = 8 * BinsPerDecade; // To 1,000 s.

    private readonly long[] _bins = new long[Bins];

    /// <summary>Counts a duration.</summary>
    public void Add(double seconds)
    {
        var bin = seconds <= LeastSeconds ? 0 : (int)(Math.Log10(seconds / LeastSeconds) * BinsPerDecade);
        Interlocked.Increment(ref _bins[Math.Min(bin, Bins - 1)]);
    }

    /// <summary>Takes everything counted so far out, and returns two of its quantiles; null where nothing was counted.</summary>
    public (double P50, double P99)? Take()
    {
        Span<long> counts = stackalloc long[Bins];
        long total = 0;
        for (var bin = 0; bin < Bins; bin++)
            total += counts[bin] = Interlocked.Exchange(ref _bins[bin], 0);
        return total == 0 ? null : (Quantile(counts, total, 0.5), Quantile(counts, total, 0.99));
    }

    private static double Quantile(ReadOnlySpan<long> counts, long total, double level)
    {
        var left = Math.Ceiling(total * level);
        var bin = 0;
        for (; bin < Bins - 1 && left > counts[bin]; bin++)
            left -= counts[bin];
        return LeastSeconds * Math.Pow(10, (bin + 0.5) / BinsPerDecade);
    }
}

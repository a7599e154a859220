namespace StreamScorer.Telemetry.Quality;

/// <summary>
/// How far one distribution over fixed bins lies from another, from counts. Half a row is added to every bin (Jeffreys'
/// prior), so that a bin which one side never filled gives a large figure and not an infinite one.
/// </summary>
public static class Drift
{
    private const double Prior = 0.5;

    /// <summary>
    /// Population stability index, Σ (p − q) ln (p / q): the symmetric sum of both Kullback-Leibler divergences. By the
    /// rule of thumb of credit scoring (Siddiqi 2006) below 0.1 is stable, above 0.25 is a shift.
    /// </summary>
    public static double PopulationStabilityIndex(ReadOnlySpan<long> live, IReadOnlyList<long> training)
    {
        ArgumentNullException.ThrowIfNull(training);
        var (liveRows, trainingRows) = (Rows(live), Rows(training));
        var sum = 0.0;
        for (var bin = 0; bin < live.Length; bin++)
        {
            var (p, q) = ((live[bin] + Prior) / liveRows, (training[bin] + Prior) / trainingRows);
            sum += (p - q) * Math.Log(p / q);
        }

        return sum;
    }

    /// <summary>Kullback-Leibler divergence of the live from the training distribution, Σ p ln (p / q), in nats.</summary>
    public static double KullbackLeibler(ReadOnlySpan<long> live, IReadOnlyList<long> training)
    {
        ArgumentNullException.ThrowIfNull(training);
        var (liveRows, trainingRows) = (Rows(live), Rows(training));
        var sum = 0.0;
        for (var bin = 0; bin < live.Length; bin++)
        {
            var (p, q) = ((live[bin] + Prior) / liveRows, (training[bin] + Prior) / trainingRows);
            sum += p * Math.Log(p / q);
        }

        return sum;
    }

    /// <summary>A bin's share with the prior in it, never 0: what both figures are made of.</summary>
    public static double SmoothedShare(long count, long rows, int bins) => (count + Prior) / (rows + (Prior * bins));

    private static double Rows(ReadOnlySpan<long> counts)
    {
        var sum = Prior * counts.Length;
        foreach (var count in counts)
            sum += count;
        return sum;
    }

    private static double Rows(IReadOnlyList<long> counts) => (Prior * counts.Count) + counts.Sum();
}

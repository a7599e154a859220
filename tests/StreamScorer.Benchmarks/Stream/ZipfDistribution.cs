using StreamScorer.Training.Generation;

namespace StreamScorer.Benchmarks.Stream;

/// <summary>
/// Numbers 0 to n - 1 with probability proportional to 1 / (number + 1), drawn by Walker's alias method (Vose 1991): one
/// table look-up whatever n is.
/// </summary>
internal sealed class ZipfDistribution
{
    private readonly double[] _keep;
    private readonly int[] _alias;

    /// <summary>Builds the tables: 12 bytes a number.</summary>
    public ZipfDistribution(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _keep = new double[count];
        _alias = new int[count];
        var sum = 0.0;
        for (var i = 0; i < count; i++)
            sum += 1.0 / (i + 1);
        for (var i = 0; i < count; i++)
            (_keep[i], _alias[i]) = (count / (sum * (i + 1)), i);
        // Columns below the mean are filled up by those above it; what is left of one of these may fall below the mean too.
        var (below, above) = (new Stack<int>(), new Stack<int>());
        for (var i = count - 1; i >= 0; i--)
            (_keep[i] < 1 ? below : above).Push(i);
        while (below.TryPop(out var borrower) && above.TryPop(out var lender))
        {
            _alias[borrower] = lender;
            _keep[lender] -= 1 - _keep[borrower];
            (_keep[lender] < 1 ? below : above).Push(lender);
        }
    }

    /// <summary>The next number.</summary>
    public int Draw(SeededRandom random)
    {
        var column = random.Next(_keep.Length);
        return random.NextDouble() < _keep[column] ? column : _alias[column];
    }
}

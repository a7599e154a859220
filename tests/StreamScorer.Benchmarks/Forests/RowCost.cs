using System.Diagnostics;

namespace StreamScorer.Benchmarks.Forests;

/// <summary>What one row costs: microseconds of one thread, bytes allocated on it.</summary>
internal readonly record struct RowCost(double Microseconds, double Bytes)
{
    private const int Rounds = 15;
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Medians over rounds in which every contestant has its turn, so that a noisy moment of the machine meets all of them.
    /// </summary>
    public static RowCost[] OfEach(params (int RowsPerCall, Action Call)[] contestants)
    {
        // Long enough for the runtime to replace first code by optimised code.
        foreach (var (_, call) in contestants)
            RunFor(WarmUp, call);
        var times = contestants.Select(_ => new double[Rounds]).ToArray();
        var bytes = contestants.Select(_ => new double[Rounds]).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < contestants.Length; i++)
            {
                var allocated = GC.GetAllocatedBytesForCurrentThread();
                var (calls, elapsed) = RunFor(Round, contestants[i].Call);
                var rows = (double)calls * contestants[i].RowsPerCall;
                times[i][round] = elapsed.TotalMicroseconds / rows;
                bytes[i][round] = (GC.GetAllocatedBytesForCurrentThread() - allocated) / rows;
            }
        }

        return [.. contestants.Select((_, i) => new RowCost(Median(times[i]), Median(bytes[i])))];
    }

    private static (int Calls, TimeSpan Elapsed) RunFor(TimeSpan least, Action call)
    {
        var start = Stopwatch.GetTimestamp();
        for (var calls = 1; ; calls++)
        {
            call();
            var elapsed = Stopwatch.GetElapsedTime(start);
            if (elapsed >= least)
                return (calls, elapsed);
        }
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}

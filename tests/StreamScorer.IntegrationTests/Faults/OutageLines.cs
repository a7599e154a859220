using Xunit;

namespace StreamScorer.IntegrationTests.Faults;

/// <summary>What a worker's log tells of one dependency's outages: one line at the start, some at intervals, one at the end.</summary>
internal static class OutageLines
{
    /// <summary>Fails unless the log tells of exactly this many outages, each with one start and one end.</summary>
    /// <returns>Lines in between: "still not available".</returns>
    public static int RequireTold(string log, string dependency, int outages)
    {
        var (begun, ended, still) = (0, 0, 0);
        foreach (var line in log.Split('\n'))
        {
            if (line.Contains($"{dependency} is not available", StringComparison.Ordinal))
                Assert.True(++begun == ended + 1, $"An outage of {dependency} was told to start twice.\n{log}");
            else if (line.Contains($"{dependency} is back", StringComparison.Ordinal))
                Assert.True(++ended == begun, $"An outage of {dependency} was told to end twice.\n{log}");
            else if (line.Contains($"{dependency} still not available", StringComparison.Ordinal))
                still++;
        }

        Assert.True(begun == outages, $"{begun} outages of {dependency} were told instead of {outages}.\n{log}");
        Assert.True(ended == outages, $"The end of {ended} outages of {dependency} was told instead of {outages}.\n{log}");
        return still;
    }
}

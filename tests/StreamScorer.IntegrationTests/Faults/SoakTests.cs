using StreamScorer.App.Soak;
using Xunit;

namespace StreamScorer.IntegrationTests.Faults;

/// <summary>The <c>soak</c> verb's session, short: its supervisor, its proxies and its oracle at work together.</summary>
public class SoakTests
{
    [RequiresServicesFact]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    public async Task A_short_soak_ends_with_a_clean_account()
    {
        const int Seed = 6;
        var folder = Path.Combine(OwnServices.NewFolder(), "soak");
        using var guard = ExitGuard.ForFolder(folder);
        var told = new List<string>();
        var options = new SoakOptions { Duration = TimeSpan.FromSeconds(40), Seed = Seed, Workers = 2, EventsPerSecond = 300 };
        var summary = await new SoakSession(options, folder, told.Add).RunAsync(CancellationToken.None);
        Assert.True(summary.Clean, $"{summary}\n{string.Join('\n', told)}");
        Assert.True(summary.Faults.Values.Sum() >= 4, string.Join('\n', told));
        // More where a broker's confirmation was lost on the way and the producer sent a message again; never fewer.
        Assert.True(summary.Records >= summary.Confirmed, $"{summary}");
        Assert.Equal(summary.Published, summary.Confirmed + summary.Refused + summary.Unanswered);
        Assert.False(summary.StoppedEarly);
        await SoakServices.ClearAsync(folder);
    }

    [RequiresServicesFact]
    [Trait("Category", "faults")]
    public async Task A_soak_that_is_stopped_early_gives_the_account_of_what_was_done()
    {
        var folder = Path.Combine(OwnServices.NewFolder(), "soak");
        using var guard = ExitGuard.ForFolder(folder);
        using var stop = new CancellationTokenSource();
        var told = new List<string>();
        var options = new SoakOptions
        {
            Duration = TimeSpan.FromHours(2),
            Seed = 7,
            Workers = 1,
            EventsPerSecond = 300,
            Interval = TimeSpan.FromSeconds(2),
        };
        var summary = await new SoakSession(options, folder, Tell).RunAsync(stop.Token);
        Assert.True(summary is { Clean: true, Drained: true, StoppedEarly: true }, $"{summary}\n{string.Join('\n', told)}");
        Assert.Contains(told, line => line.Contains("stopped early", StringComparison.Ordinal));
        Assert.True(summary.Scored > 0, $"{summary}");
        await SoakServices.ClearAsync(folder);

        // As Ctrl-C would, once something is accounted for.
        void Tell(string line)
        {
            told.Add(line);
            if (line.Contains("accounted for ", StringComparison.Ordinal) && !line.Contains("accounted for 0", StringComparison.Ordinal)
                && !line.Contains('?', StringComparison.Ordinal))
            {
                stop.Cancel();
            }
        }
    }
}

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
        await SoakServices.ClearAsync(folder);
    }
}

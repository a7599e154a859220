using StreamScorer.App;
using StreamScorer.IntegrationTests.Worker;
using Xunit;

namespace StreamScorer.IntegrationTests.Pages;

/// <summary>
/// The pictures in the README, taken anew by <c>STREAMSCORER_SCREENSHOTS=1 ./streamscorer test integration --filter Screenshot</c>;
/// and that those that stand there are small enough to come with every clone.
/// </summary>
[Collection(PagesFixture.Name)]
public sealed class ScreenshotTests(PagesFixture fixture)
{
    private const int MostBytes = 150_000;
    private static readonly string Folder = Path.Combine(InstallationFolder.Path, "src", "docs", "pages");

    [RequiresChromiumFact]
    public async Task Screenshots_of_the_readme_are_there_and_small()
    {
        if (Environment.GetEnvironmentVariable("STREAMSCORER_SCREENSHOTS") == "1")
            await TakeAsync();
        foreach (var name in (string[])["leads-light", "leads-dark", "stream", "model"])
            Assert.InRange(new FileInfo(Path.Combine(Folder, name + ".png")).Length, 5_000, MostBytes);
    }

    private async Task TakeAsync()
    {
        Directory.CreateDirectory(Folder);
        var key = await fixture.CreateKeyAsync("leads:read", "models:read");
        for (var second = 0; second < 30; second++)
        {
            var leads = LeadEvents.Generated(20 + (second * 7 % 11), seed: 500 + second).Select(lead => (Id: Guid.NewGuid().ToString(), lead));
            LeadEvents.Publish(fixture.Scope, leads.Select(each => ((string?)each.Id, (string?)each.lead.Value.Replace(each.lead.Key + "\"", each.Id + "\"", StringComparison.Ordinal))));
            await Task.Delay(1000);
        }

        await SaveAsync("leads-light", "/", "light", key, "document.querySelectorAll('.rows .row').length > 5");
        await SaveAsync("leads-dark", "/", "dark", key, "document.querySelectorAll('.rows .row').length > 5 && (document.querySelectorAll('.rows .row')[1].click(), true)");
        await SaveAsync("stream", "/stream", "light", key, "document.querySelectorAll('path.line').length >= 6");
        await SaveAsync("model", "/model", "light", key, "document.querySelectorAll('rect.bar').length >= 10");
    }

    private async Task SaveAsync(string name, string path, string scheme, string key, string ready)
    {
        var page = await fixture.OpenAsync(path, key, width: 1120, height: 680, scheme: scheme);
        await page.WaitAsync(ready, name);
        await Task.Delay(2500);
        await page.SaveAsync(Path.Combine(Folder, name + ".png"));
        await page.CloseAsync();
    }
}

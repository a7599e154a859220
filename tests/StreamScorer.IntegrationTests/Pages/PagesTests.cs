using System.Diagnostics;
using StreamScorer.App.LocalServices;
using StreamScorer.IntegrationTests.Worker;
using Xunit;
using Xunit.Abstractions;

namespace StreamScorer.IntegrationTests.Pages;

/// <summary>The pages in a real browser, while the real worker scores a real stream.</summary>
[Collection(PagesFixture.Name)]
public sealed class PagesTests(PagesFixture fixture, ITestOutputHelper output)
{
    private const string Live = "document.getElementById('connection').dataset.state === 'live'";

    [RequiresChromiumFact]
    public async Task Agents_see_hot_leads_with_reasons_and_one_that_turns_hot_by_itself()
    {
        var page = await fixture.OpenAsync("/", await fixture.CreateKeyAsync("leads:read"));
        await page.WaitAsync(Live, "live feed");
        await page.WaitAsync("document.querySelectorAll('.rows .row').length > 5", "rows");
        Assert.Matches(@"\d+ now · \d+ turned hot in the last hour", await page.EvaluateAsync<string>("document.getElementById('summary').innerText"));

        var published = Stopwatch.StartNew();
        LeadEvents.Publish(fixture.Scope, [("agents-lead", LeadEvents.Hot("agents-lead", PagesFixture.Model))]);
        await page.WaitAsync("document.querySelector('[data-lead=agents-lead]') !== null", "lead that turned hot");
        output.WriteLine(FormattableString.Invariant($"on the page {published.ElapsedMilliseconds} ms after it was published"));
        Assert.NotEqual("", await page.EvaluateAsync<string>("document.querySelector('[data-lead=agents-lead] .why').innerText"));

        LeadEvents.Publish(fixture.Scope, [("agents-lead", LeadEvents.Cold("agents-lead", PagesFixture.Model))]);
        await page.WaitAsync("document.querySelector('[data-lead=agents-lead]') === null", "lead leaving the list as it cools");
        LeadEvents.Publish(fixture.Scope, [("agents-lead", LeadEvents.Hot("agents-lead", PagesFixture.Model))]);
        await page.WaitAsync("document.querySelector('.rows .row')?.dataset.lead === 'agents-lead'", "lead that heats again, on top");
        await RequireQuietAsync(page);
    }

    [RequiresChromiumFact]
    public async Task While_a_stream_flows_each_lead_that_turns_hot_comes_onto_the_page()
    {
        const int Leads = 30;
        var page = await fixture.OpenAsync("/", await fixture.CreateKeyAsync("leads:read"));
        await page.WaitAsync(Live, "live feed");
        // The page notes by itself when each came; its clock is the machine's, as is the test's.
        await page.EvaluateAsync<object>(
            """
            window.came = {};
            new MutationObserver(() => document.querySelectorAll('[data-lead^=timed-]').forEach((row) => { window.came[row.dataset.lead] ??= Date.now(); }))
              .observe(document.getElementById('rows'), { childList: true, subtree: true });
            """);
        using var ended = new CancellationTokenSource();
        var stream = Task.Run(() => FlowAsync(ended.Token));
        var hot = LeadEvents.Hot("timed-", PagesFixture.Model);
        var published = new Dictionary<string, DateTimeOffset>();
        for (var i = 0; i < Leads; i++)
        {
            var id = FormattableString.Invariant($"timed-{i}");
            published[id] = TimeProvider.System.GetUtcNow();
            LeadEvents.Publish(fixture.Scope, [(id, hot.Replace("timed-", id, StringComparison.Ordinal))]);
            // Not in step with the page, which is told once a second.
            await Task.Delay(237);
        }

        await page.WaitAsync($"Object.keys(window.came).length === {Leads}", "all of them");
        await ended.CancelAsync();
        await stream;
        var came = await page.EvaluateAsync<Dictionary<string, long>>("window.came");
        var waits = came.Select(each => each.Value - published[each.Key].ToUnixTimeMilliseconds()).Order().ToList();
        output.WriteLine(FormattableString.Invariant(
            $"from publishing to the page, {Leads} leads: median {waits[Leads / 2]} ms, slowest {waits[^1]} ms (goal: 2,000)"));
        await RequireQuietAsync(page);
    }

    [RequiresChromiumFact]
    public async Task Operators_see_figures_move_while_events_flow()
    {
        var page = await fixture.OpenAsync("/stream", await fixture.CreateKeyAsync("models:read"));
        await page.WaitAsync(Live, "live feed");
        const string Scored = "Number(document.querySelector('.tile .below').innerText.replace(/\\D/g, ''))";
        var before = await page.EvaluateAsync<double>(Scored);
        Assert.True(before >= 1500);
        LeadEvents.Publish(fixture.Scope, LeadEvents.Generated(300, seed: 8).Select(lead => ((string?)lead.Key, (string?)lead.Value)));
        await page.WaitAsync($"{Scored} >= {before + 300}", "count that moves");
        Assert.Equal(4, await page.EvaluateAsync<int>("document.querySelectorAll('#readiness [data-state=good]').length"));
        Assert.Equal(4, await page.EvaluateAsync<int>("document.querySelectorAll('#partitions tbody tr').length"));
        await page.WaitAsync("[...document.querySelectorAll('#partitions tbody td:nth-child(3)')].every((lag) => /^[0-9,]+$/.test(lag.innerText))", "lag of each partition");
        await page.WaitAsync("document.querySelectorAll('#checkpoints tbody tr').length > 0", "checkpoints");
        await page.WaitAsync("document.querySelectorAll('path.line').length >= 6", "lines");
        await RequireQuietAsync(page);
    }

    [RequiresChromiumFact]
    public async Task Data_scientists_see_drift_and_scores_against_training()
    {
        var page = await fixture.OpenAsync("/model", await fixture.CreateKeyAsync("models:read"));
        await page.WaitAsync("document.querySelectorAll('rect.column').length >= 20", "score histogram");
        await page.WaitAsync("document.querySelectorAll('rect.bar').length >= 10", "bar for each feature");
        await RequireQuietAsync(page);
    }

    [RequiresChromiumFact]
    public async Task The_keyboard_alone_finds_opens_and_closes_a_lead()
    {
        var page = await fixture.OpenAsync("/", await fixture.CreateKeyAsync("leads:read"));
        await page.WaitAsync("document.querySelectorAll('.rows .row').length > 5", "rows");
        await page.PressAsync("Tab");
        Assert.Equal("skip", await page.EvaluateAsync<string>("document.activeElement.className"));
        await page.PressAsync("Enter");
        for (var stops = 0; stops < 30 && !await page.EvaluateAsync<bool>("document.activeElement.matches('.rows .row')"); stops++)
            await page.PressAsync("Tab");
        Assert.True(await page.EvaluateAsync<bool>("document.activeElement.matches('.rows .row')"), "Tab comes to the list");
        Assert.NotEqual("none", await page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));

        const string Focused = "document.activeElement.dataset.lead";
        await page.PressAsync("ArrowDown");
        await page.PressAsync("ArrowDown");
        var third = await page.EvaluateAsync<string>("document.querySelectorAll('.rows .row')[2].dataset.lead");
        Assert.Equal(third, await page.EvaluateAsync<string>(Focused));
        await page.PressAsync("Enter");
        await page.WaitAsync("!document.getElementById('panel').hidden && document.getElementById('panel').contains(document.activeElement)", "panel with the focus");
        Assert.Equal(third, await page.EvaluateAsync<string>("document.getElementById('panel-title').innerText"));
        await page.WaitAsync("document.querySelectorAll('#panel .reason').length > 0", "reasons");
        await page.WaitAsync("document.querySelectorAll('#panel .history tbody tr').length > 0", "history");
        await page.PressAsync("Escape");
        await page.WaitAsync("document.getElementById('panel').hidden", "closed panel");
        Assert.Equal(third, await page.EvaluateAsync<string>(Focused));
        await page.PressAsync("End");
        var last = await page.EvaluateAsync<string>("document.activeElement.dataset.lead");
        Assert.NotEqual(third, last);
        await RequireQuietAsync(page);
    }

    [RequiresChromiumFact]
    public async Task A_lost_connection_is_told_and_heals()
    {
        var page = await fixture.OpenAsync("/", await fixture.CreateKeyAsync("leads:read"));
        await page.WaitAsync(Live, "live feed");
        // A worker that is frozen keeps its connections and says nothing: the page has to notice by itself.
        fixture.Worker.Identity!.Send(UnixSignal.Stop);
        await page.WaitAsync("!document.getElementById('banner').hidden", "banner");
        Assert.Contains("Connection lost", await page.EvaluateAsync<string>("document.getElementById('banner').innerText"), StringComparison.Ordinal);
        LeadEvents.Publish(fixture.Scope, [("missed-lead", LeadEvents.Hot("missed-lead", PagesFixture.Model))]);
        fixture.Worker.Identity!.Send(UnixSignal.Continue);
        await page.WaitAsync(Live, "feed that is back");
        await page.WaitAsync("document.querySelector('[data-lead=missed-lead]') !== null", "lead that turned hot meanwhile");
    }

    [RequiresChromiumFact]
    public async Task Nothing_is_cut_on_a_phone_and_the_theme_follows_the_system_and_the_toggle()
    {
        var key = await fixture.CreateKeyAsync("leads:read", "models:read");
        foreach (var path in (string[])["/", "/stream", "/model"])
        {
            var page = await fixture.OpenAsync(path, key, width: 390, height: 844, phone: true, scheme: "dark");
            await page.WaitAsync("document.querySelectorAll('.rows .row, .tile').length > 3", "content");
            Assert.False(await page.IsCutAsync(), $"{path} is wider than the phone");
            const string Ground = "getComputedStyle(document.body).backgroundColor";
            var dark = await page.EvaluateAsync<string>(Ground);
            await page.EvaluateAsync<object>("document.getElementById('theme').click()");
            Assert.NotEqual(dark, await page.EvaluateAsync<string>(Ground));
            await RequireQuietAsync(page);
        }
    }

    /// <summary>Thirty events a second, as a replay publishes them.</summary>
    private async Task FlowAsync(CancellationToken ended)
    {
        for (var round = 0; !ended.IsCancellationRequested; round++)
        {
            var events = LeadEvents.Generated(15, seed: 100 + round).Select(lead => (
                (string?)$"flow-{round}-{lead.Key}",
                (string?)lead.Value.Replace("lead-", $"flow-{round}-lead-", StringComparison.Ordinal)));
            LeadEvents.Publish(fixture.Scope, events);
            await Task.Delay(500, CancellationToken.None);
        }
    }

    /// <summary>No complaint on the console, and nothing asked of anybody else.</summary>
    private async Task RequireQuietAsync(ChromiumPage page)
    {
        Assert.Empty(page.Complaints);
        Assert.All(page.Requests, request => Assert.StartsWith(fixture.Address.ToString(), request, StringComparison.Ordinal));
        await page.CloseAsync();
    }
}

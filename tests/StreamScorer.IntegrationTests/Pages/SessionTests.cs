using System.Net;
using System.Net.Http.Json;
using Npgsql;
using StreamScorer.App.Api.Keys;
using StreamScorer.App.Api.Sessions;
using Xunit;

namespace StreamScorer.IntegrationTests.Pages;

/// <summary>Sessions of browsers: what lets one in, what keeps others out, and how it ends.</summary>
[Collection(PagesFixture.Name)]
public sealed class SessionTests(PagesFixture fixture)
{
    [RequiresChromiumFact]
    public async Task The_cookie_is_for_no_script_and_no_other_site_and_does_what_its_key_may()
    {
        var key = await fixture.CreateKeyAsync("models:read");
        using var client = await fixture.LogInAsync(key);
        using var answer = await client.PostAsJsonAsync("/api/v1/session", new { key });
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(key.Split('.')[1], cookie, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/stream")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/api/v1/leads/hot")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/api/v1/live?topics=leads")).StatusCode);
    }

    [RequiresChromiumFact]
    public async Task Another_site_can_neither_log_in_nor_use_a_session_to_change_things()
    {
        var key = await fixture.CreateKeyAsync("leads:read", "score");
        using var client = await fixture.LogInAsync(key);
        client.DefaultRequestHeaders.Remove("Origin");
        client.DefaultRequestHeaders.Add("Origin", "http://elsewhere.example");
        Assert.Equal(HttpStatusCode.Forbidden, (await client.PostAsJsonAsync("/api/v1/session", new { key })).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.PostAsJsonAsync("/api/v1/score", new { leads = Array.Empty<int>() })).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.DeleteAsync("/api/v1/session")).StatusCode);
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("key", key)]);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await client.PostAsync("/api/v1/session", form)).StatusCode);
    }

    [RequiresChromiumFact]
    public async Task A_session_ends_with_its_log_out_and_with_its_key()
    {
        var key = await fixture.CreateKeyAsync("leads:read");
        using var first = await fixture.LogInAsync(key);
        using var second = await fixture.LogInAsync(key);
        await first.DeleteAsync("/api/v1/session");
        Assert.Equal(HttpStatusCode.Unauthorized, (await first.GetAsync("/api/v1/leads/hot")).StatusCode);

        // A page that is open when its key is revoked is let go, and does not come in again.
        using var live = await second.GetAsync("/api/v1/live?topics=leads", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        await using var dataSource = NpgsqlDataSource.Create(fixture.Scope.ConnectionString);
        await using var connection = await dataSource.OpenConnectionAsync();
        await ApiKeyTable.RevokeAsync(connection, IdOf(key), "a test", CancellationToken.None);
        await (await live.Content.ReadAsStreamAsync()).CopyToAsync(Stream.Null).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(HttpStatusCode.Unauthorized, (await second.GetAsync("/api/v1/leads/hot")).StatusCode);
    }

    [RequiresChromiumFact]
    public async Task A_link_logs_in_once_and_leaves_no_token_behind()
    {
        var key = await fixture.CreateKeyAsync("leads:read");
        await using var dataSource = NpgsqlDataSource.Create(fixture.Scope.ConnectionString);
        await using var connection = await dataSource.OpenConnectionAsync();
        var token = await SessionTable.CreateLoginTokenAsync(connection, IdOf(key), TimeSpan.FromMinutes(1), CancellationToken.None);
        var page = await fixture.Browser.OpenPageAsync();
        await page.GoToAsync(new Uri(fixture.Address, "/login#token=" + token));
        await page.WaitAsync("location.pathname === '/' && document.querySelectorAll('.rows .row').length > 0", "leads");
        Assert.Equal("", await page.EvaluateAsync<string>("location.hash"));
        Assert.All(page.Requests, request => Assert.DoesNotContain(token, request.Split('#')[0], StringComparison.Ordinal));
        Assert.Empty(page.Complaints);

        var again = await fixture.Browser.OpenPageAsync();
        await again.GoToAsync(new Uri(fixture.Address, "/login#token=" + token));
        await again.WaitAsync("document.getElementById('problem').innerText.includes('used already')", "refusal of a spent link");
        Assert.Equal("/login", await again.EvaluateAsync<string>("location.pathname"));
    }

    [RequiresChromiumFact]
    public async Task Without_a_session_every_page_leads_to_the_log_in_and_back()
    {
        var page = await fixture.Browser.OpenPageAsync();
        await page.GoToAsync(new Uri(fixture.Address, "/stream"));
        await page.WaitAsync("location.pathname === '/login' && location.search.includes('stream')", "log-in");
        Assert.Empty(page.Complaints);
        using var stranger = new HttpClient { BaseAddress = fixture.Address };
        foreach (var path in (string[])["/api/v1/leads/hot", "/api/v1/live?topics=leads", "/api/v1/stream"])
            Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync(path)).StatusCode);
    }

    private static string IdOf(string key) => key.Split('.')[0][ApiKeyText.Prefix.Length..];
}

using System.Net;
using System.Text;
using StreamScorer.App.Api.Keys;
using Xunit;

namespace StreamScorer.Tests.App.Api;

/// <summary>Who is let in, who is not, and that nothing of a key ever comes back out.</summary>
public class ApiKeyTests
{
    private static readonly byte[] Body = """{"leads":[{"total_visits":1,"last_action":null}]}"""u8.ToArray();

    public static TheoryData<string, HttpStatusCode> Misuses => new()
    {
        { "none", HttpStatusCode.Unauthorized },
        { "empty", HttpStatusCode.Unauthorized },
        { "other secret", HttpStatusCode.Unauthorized },
        { "other case of the secret", HttpStatusCode.Unauthorized },
        { "other case of the id", HttpStatusCode.Unauthorized },
        { "unknown id", HttpStatusCode.Unauthorized },
        { "last character that decodes to the same bytes", HttpStatusCode.Unauthorized },
        { "revoked", HttpStatusCode.Unauthorized },
        { "expired", HttpStatusCode.Unauthorized },
        { "without the scope", HttpStatusCode.Forbidden },
        { "very long", HttpStatusCode.Unauthorized },
    };

    // Mutations: revocation not looked at, expiry not looked at, scope not looked at, hash of the decoded bytes.
    [Theory]
    [MemberData(nameof(Misuses))]
    public async Task AMisusedKeyIsRefusedLoggedAndNeverEchoed(string misuse, HttpStatusCode expected)
    {
        await using var service = await ApiService.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await service.PostAsync("/api/v1/score", Body)).Status);
        var key = await KeyAsync(service, misuse);

        var answer = await service.PostAsync("/api/v1/score", Body, key);

        Assert.Equal((expected, "application/problem+json"), (answer.Status, answer.MediaType));
        if (key.Length > 20)
        {
            var secret = key[17..];
            Assert.DoesNotContain(secret, answer.Body + string.Join(' ', answer.Headers.Values) + service.Log.Text, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Contains("701 Refused", service.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AKeyInTheUrlIsRefusedEvenBesideARightOneInTheHeader()
    {
        await using var service = await ApiService.StartAsync();
        var answer = await service.PostAsync("/api/v1/score?api_key=" + service.Key, Body);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Contains("revoke it", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(service.Key, answer.Body + service.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutAnyKeyTheAnswerNamesTheVerbThatMakesOne()
    {
        await using var service = await ApiService.StartAsync();
        var answer = await service.PostAsync("/api/v1/score", Body, "");
        Assert.Contains("keys create", (string)answer.Json["detail"]!, StringComparison.Ordinal);
        Assert.Contains("WWW-Authenticate", answer.Headers.Keys);
    }

    [Fact]
    public async Task ABearerTokenIsAKeyTooAndTwoKeysAreNone()
    {
        await using var service = await ApiService.StartAsync();
        using var bearer = Request();
        bearer.Headers.Authorization = new("Bearer", service.Key);
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync(bearer, "")).Status);
        using var twice = Request();
        twice.Headers.TryAddWithoutValidation("X-API-Key", [service.Key, service.Key]);
        Assert.Equal(HttpStatusCode.Unauthorized, (await service.SendAsync(twice, "")).Status);
    }

    [Fact]
    public async Task ARevocationIsNoticed()
    {
        await using var service = await ApiService.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await service.PostAsync("/api/v1/score", Body)).Status);
        lock (service.Keys)
            service.Keys[0] = service.Keys[0] with { RevokedAt = DateTimeOffset.UnixEpoch };
        var status = HttpStatusCode.OK;
        for (var i = 0; i < 200 && status == HttpStatusCode.OK; i++)
        {
            await Task.Delay(25);
            status = (await service.PostAsync("/api/v1/score", Body)).Status;
        }

        Assert.Equal(HttpStatusCode.Unauthorized, status);
    }

    // Mutation: one limit for all keys, or a limiter that starts anew with every reading of the keys.
    [Fact]
    public async Task AKeyThatAsksTooMuchIsHeldBackAndOthersAreNot()
    {
        await using var service = await ApiService.StartAsync();
        var slow = await service.AddKeyAsync(ApiScope.Score, perSecond: 3);
        var answers = new List<Answer>();
        for (var i = 0; i < 8; i++)
            answers.Add(await service.PostAsync("/api/v1/score", Body, slow));
        var held = answers.Where(answer => answer.Status == HttpStatusCode.TooManyRequests).ToList();
        Assert.NotEmpty(held);
        Assert.All(held, answer => Assert.True(int.Parse(answer.Headers["Retry-After"], System.Globalization.CultureInfo.InvariantCulture) >= 1));
        Assert.Equal(HttpStatusCode.OK, (await service.PostAsync("/api/v1/score", Body)).Status);
    }

    [Fact]
    public async Task ManagementIsOnItsOwnPortWhateverTheHostHeaderSays()
    {
        await using var service = await ApiService.StartAsync();
        using var forged = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        forged.Headers.Host = service.ManagementAddress.Authority;
        Assert.Equal(HttpStatusCode.NotFound, (await service.SendAsync(forged, "")).Status);
        using var metrics = new HttpRequestMessage(HttpMethod.Get, new Uri(service.ManagementAddress, "/metrics"));
        Assert.Contains("http_server_active_requests ", (await service.SendAsync(metrics, "")).Body, StringComparison.Ordinal);
        using var score = new HttpRequestMessage(HttpMethod.Post, new Uri(service.ManagementAddress, "/api/v1/score"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await service.SendAsync(score, service.Key)).Status);
        var health = await service.GetAsync("/health", "");
        Assert.Equal("""{"status":"unavailable"}""", health.Body);
    }

    private static HttpRequestMessage Request()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/score") { Content = new ByteArrayContent(Body) };
        request.Content.Headers.ContentType = new("application/json");
        return request;
    }

    private static async Task<string> KeyAsync(ApiService service, string misuse)
    {
        var good = service.Key;
        return misuse switch
        {
            "none" => "",
            "empty" => " ",
            "other secret" => good[..^5] + "AAAAA",
            "other case of the secret" => good[..17] + SwapCase(good[17..]),
            "other case of the id" => good[..4] + good[4..16].ToUpperInvariant() + good[16..],
            "unknown id" => "ssk_zzzzzzzzzzzz" + good[16..],
            // The last of 43 characters carries 4 bits; its neighbour in the alphabet differs in the two that are dropped.
            "last character that decodes to the same bytes" => good[..^1] + Neighbour(good[^1]),
            "revoked" => await service.AddKeyAsync(ApiScope.Score, revokedAt: DateTimeOffset.UnixEpoch),
            "expired" => await service.AddKeyAsync(ApiScope.Score, expiresAt: DateTimeOffset.UnixEpoch),
            "without the scope" => await service.AddKeyAsync(ApiScope.LeadsRead | ApiScope.ModelsWrite),
            _ => good + new string('x', 8000),
        };
    }

    private static string SwapCase(string text) =>
        string.Concat(text.Select(letter => char.IsUpper(letter) ? char.ToLowerInvariant(letter) : char.ToUpperInvariant(letter)));

    private static char Neighbour(char letter)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return Alphabet[Alphabet.IndexOf(letter, StringComparison.Ordinal) ^ 1];
    }
}

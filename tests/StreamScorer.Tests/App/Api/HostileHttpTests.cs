using System.Net;
using System.Net.Sockets;
using System.Text;
using StreamScorer.Tests.Features;
using Xunit;
using Xunit.Abstractions;

namespace StreamScorer.Tests.App.Api;

/// <summary>Callers that are broken, slow or mean: an answer or a closed connection, never a failure inside.</summary>
public class HostileHttpTests(ITestOutputHelper output)
{
    private const int Mutations = 10_000;
    private const long MostKeptBytes = 64L << 20;

    private static readonly string[] Snippets =
    [
        "null", "true", "-0", "1e999", "-1e-999", "NaN", "\"Infinity\"", "9007199254740993", new string('9', 400), "1." + new string('0', 500) + "1",
        "\"\\ud800\"", "\"\\u0000\"", "\u0000", "{", "}", "[", "]", ",", ":", "\"", "\\", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "{\"a\":",
        "\"lead_id\":\"x\",", "\"custom_features\":{", "\"custom_features\":null,", "\"leads\":[", "\"options\":{\"model\":\"x\"},", "\"request_id\":[],",
        "\"signed_up\":1e300,", "\"occurred_at\":\"2024-02-30T00:00:00Z\",", "\u00ff", "/*", "\u2028",
    ];

    private static readonly HashSet<HttpStatusCode> Expected =
        [HttpStatusCode.OK, HttpStatusCode.BadRequest, HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.UnprocessableEntity];

    // Mutation: any exception in decoding or in finding faults becomes a 500 here.
    [Fact]
    public async Task TenThousandMutationsGetAnAnswerAndNeverAFailure()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        await using var service = await ApiService.StartAsync(options => options.Api.ScoreFolder = "");
        var good = Encoding.UTF8.GetBytes("""
            {"request_id":"r","leads":[{"lead_id":"a","total_visits":3.5,"spend":"n/a","last_action":"Email Opened","city":"Zürich","subscribed":true,
            "signed_up":"2020-05-01","occurred_at":"2024-01-01T00:00:00Z"},{"lead_id":"b","custom_features":{"total_visits":2,"last_action":null}}],
            "options":{"reasons":true,"model":null}}
            """);
        var statuses = new Dictionary<HttpStatusCode, int>();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await Parallel.ForAsync(0, 8, async (worker, _) =>
        {
            var random = new Random(seed + worker);
            for (var i = 0; i < Mutations / 8; i++)
            {
                var answer = await service.PostAsync(i % 7 == 0 ? "/api/v1/score-lead" : "/api/v1/score", ByteMutation.Of(good, random, Snippets));
                lock (statuses)
                    statuses[answer.Status] = statuses.GetValueOrDefault(answer.Status) + 1;
                Assert.True(Expected.Contains(answer.Status), $"seed {seed}: {answer.Status} {answer.Body}");
            }
        });
        output.WriteLine($"{statuses.Values.Sum()} mutations: {string.Join(", ", statuses.Select(pair => $"{(int)pair.Key} {pair.Value} times"))}");
        Assert.Equal(Mutations, statuses.Values.Sum());
        Assert.True(statuses[HttpStatusCode.OK] > 0 && statuses[HttpStatusCode.BadRequest] > 0 && statuses[HttpStatusCode.UnprocessableEntity] > 0);
        Assert.DoesNotContain("Error 704", service.Log.Text, StringComparison.Ordinal);
        // The heap is shared with the tests beside this one, which hold some of it for a while: a leak would stay.
        var kept = long.MaxValue;
        for (var i = 0; i < 60 && (kept = GC.GetTotalMemory(forceFullCollection: true) - before) > MostKeptBytes; i++)
            await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.InRange(kept, long.MinValue, MostKeptBytes);
    }

    // Mutation: no timeout of our own. Kestrel lets a client live that sends 240 bytes a second.
    [Fact]
    public async Task ABodyThatNeverEndsIsGivenUpAndOthersAreServedMeanwhile()
    {
        await using var service = await ApiService.StartAsync(options => options.Api.RequestTimeout = TimeSpan.FromMilliseconds(300));
        var slow = Enumerable.Range(0, 20).Select(_ => Connect(service)).ToList();
        foreach (var client in slow)
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /api/v1/score HTTP/1.1\r\nHost: a\r\nX-API-Key: {service.Key}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{\"leads\":["));
        Assert.Equal(HttpStatusCode.OK, (await service.PostAsync("/api/v1/score", """{"leads":[{"total_visits":1,"last_action":null}]}"""u8.ToArray())).Status);
        foreach (var client in slow)
        {
            using (client)
            {
                using var reader = new StreamReader(client.GetStream());
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
                var answer = await reader.ReadToEndAsync(patience.Token);
                Assert.True(answer.Length == 0 || answer.Contains(" 408 ", StringComparison.Ordinal), answer);
            }
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nA: {0}\r\n\r\n")]
    [InlineData("POST /api/v1/score HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("POST /api/v1/score HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("\u0016\u0003\u0001garbage\r\n\r\n")]
    [InlineData("GET /{0} HTTP/1.1\r\nHost: a\r\n\r\n")]
    public async Task BrokenHttpIsClosedOrAnsweredAndTheServiceGoesOn(string request)
    {
        await using var service = await ApiService.StartAsync();
        using (var client = Connect(service))
        {
            var bytes = Encoding.Latin1.GetBytes(string.Format(System.Globalization.CultureInfo.InvariantCulture, request, new string('x', 100_000)));
            try
            {
                await client.GetStream().WriteAsync(bytes);
                client.Client.Shutdown(SocketShutdown.Send);
                using var reader = new StreamReader(client.GetStream());
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
                var answer = await reader.ReadToEndAsync(patience.Token);
                Assert.DoesNotContain(" 500 ", answer, StringComparison.Ordinal);
                Assert.DoesNotContain("   at ", answer, StringComparison.Ordinal);
            }
            catch (Exception closed) when (closed is IOException or InvalidOperationException or SocketException)
            {
                // Closed while we were still sending: a fair answer to this.
            }
        }

        Assert.Equal(HttpStatusCode.NotFound, (await service.GetAsync("/nothing")).Status);
    }

    private static TcpClient Connect(ApiService service)
    {
        var client = new TcpClient();
        client.Connect(IPAddress.Loopback, service.Address.Port);
        return client;
    }
}

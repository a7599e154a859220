using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using StreamScorer.App.LocalServices;

namespace StreamScorer.IntegrationTests.Api;

/// <summary>Programs of the system.</summary>
internal static class Programs
{
    public static bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>What <c>promtool check metrics</c> finds wrong with a text; empty: nothing.</summary>
    public static async Task<string> CheckMetricsAsync(string text)
    {
        using var process = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        await process.StandardInput.WriteAsync(text);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return await output + await errors;
    }
}

/// <summary>A real Prometheus that scrapes one address once a second.</summary>
internal sealed class PrometheusServer : IDisposable
{
    private readonly Process _process;
    private readonly HttpClient _client;

    private PrometheusServer(Process process, int port)
    {
        _process = process;
        _client = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")) };
    }

    /// <param name="target">What to scrape.</param>
    /// <param name="folder">For its files.</param>
    /// <param name="rules">A file of rules to evaluate; null: none.</param>
    public static async Task<PrometheusServer> StartAsync(Uri target, string folder, string? rules = null)
    {
        var port = LoopbackPort.Find();
        var configuration = Path.Combine(folder, "prometheus.yml");
        await File.WriteAllTextAsync(configuration, $$"""
            global: { scrape_interval: 1s, evaluation_interval: 1s }
            rule_files: [ {{(rules is null ? "" : $"'{rules}'")}} ]
            scrape_configs:
              - job_name: streamscorer
                static_configs: [ { targets: ['{{target.Authority}}'] } ]
            """);
        var process = Process.Start(new ProcessStartInfo("prometheus",
        [
            "--config.file=" + configuration, "--storage.tsdb.path=" + Path.Combine(folder, "prometheus"),
            string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{port}"), "--log.level=error",
        ])
        {
            RedirectStandardError = true,
        })!;
        _ = process.StandardError.ReadToEndAsync();
        return new PrometheusServer(process, port);
    }

    /// <summary>The value of an instant query, as soon as there is one.</summary>
    public async Task<string> QueryAsync(string query)
    {
        for (var attempt = 0; attempt < 300; attempt++)
        {
            try
            {
                var answer = JsonNode.Parse(await _client.GetStringAsync("/api/v1/query?query=" + Uri.EscapeDataString(query)))!;
                if (answer["data"]!["result"]!.AsArray() is { Count: > 0 } result)
                    return (string)result[0]!["value"]![1]!;
            }
            catch (HttpRequestException)
            {
                // Still starting.
            }

            await Task.Delay(100);
        }

        throw new InvalidOperationException($"Prometheus has no answer to {query}.");
    }

    /// <summary>How many series an instant query finds.</summary>
    /// <exception cref="InvalidOperationException">Prometheus does not take the query.</exception>
    public async Task<int> CountAsync(string query)
    {
        using var answer = await _client.GetAsync(new Uri("/api/v1/query?query=" + Uri.EscapeDataString(query), UriKind.Relative));
        var json = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        return answer.IsSuccessStatusCode ? json["data"]!["result"]!.AsArray().Count : throw new InvalidOperationException($"{query}: {json["error"]}");
    }

    public void Dispose()
    {
        _client.Dispose();
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace StreamScorer.Benchmarks.Http;

/// <summary>The load generator wrk: so many connections, each sending its next request when the last is answered.</summary>
internal sealed class Wrk(int connections, int seconds)
{
    /// <summary>Whether it is installed.</summary>
    public static bool IsThere => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "wrk")));

    private const int WarmUpSeconds = 3;
    private const int MostWarmUps = 8;

    /// <summary>Warms a server up, until it gets no faster, and measures it.</summary>
    public async Task<HttpFigure> RunAsync(
        string server, int leads, string url, byte[] body, string key, Func<TimeSpan> serverCpu, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("streamscorer-wrk-").FullName;
        try
        {
            var bodyFile = Path.Combine(folder, "body.json");
            var script = Path.Combine(folder, "post.lua");
            await File.WriteAllBytesAsync(bodyFile, body, ct);
            await File.WriteAllTextAsync(script, Script(bodyFile, key), ct);
            await WarmUpAsync(url, script, ct);
            var before = serverCpu();
            var output = await MeasureAsync(url, script, seconds, ct);
            var cpu = serverCpu() - before;
            var figure = new HttpFigure(
                server, leads, Number(output, "REQUESTS_PER_SECOND"), Number(output, "P50_MICROS") / 1000, Number(output, "P99_MICROS") / 1000,
                cpu.TotalMicroseconds / Number(output, "REQUESTS"), (long)Number(output, "ERRORS"));
            await Console.Error.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"  {server}, {leads} leads: {figure.RequestsPerSecond:N0} requests/s, p99 {figure.P99Milliseconds:F2} ms, {figure.ServerMicros:F1} us of server CPU each"));
            return figure;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // The runtime compiles a busy server's code over and over until it knows what it does; how long that takes is the machine's affair.
    private async Task WarmUpAsync(string url, string script, CancellationToken ct)
    {
        var fastest = 0.0;
        for (var i = 0; i < MostWarmUps; i++)
        {
            var rate = Number(await MeasureAsync(url, script, WarmUpSeconds, ct), "REQUESTS_PER_SECOND");
            if (rate < fastest * 1.03)
                return;
            fastest = rate;
        }
    }

    private async Task<string> MeasureAsync(string url, string script, int duration, CancellationToken ct)
    {
        var start = new ProcessStartInfo("wrk", ["-t", "1", "-c", $"{connections}", "-d", $"{duration}s", "-s", script, url])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"wrk ended with code {process.ExitCode}:\n{output}");
    }

    // The key stands in a file of the temporary folder, not on the command line.
    private static string Script(string bodyFile, string key) => new StringBuilder()
        .AppendLine("wrk.method = 'POST'")
        .AppendLine("wrk.headers['Content-Type'] = 'application/json'")
        .AppendLine(key.Length == 0 ? "" : $"wrk.headers['X-API-Key'] = '{key}'")
        .AppendLine($"local file = io.open('{bodyFile}', 'rb'); wrk.body = file:read('*a'); file:close()")
        .AppendLine("function done(summary, latency, requests)")
        .AppendLine("  local errors = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout")
        .AppendLine("  io.write(string.format('REQUESTS_PER_SECOND %f\\n', summary.requests / (summary.duration / 1e6)))")
        .AppendLine("  io.write(string.format('REQUESTS %d\\n', summary.requests))")
        .AppendLine("  io.write(string.format('P50_MICROS %f\\nP99_MICROS %f\\nERRORS %d\\n', latency:percentile(50), latency:percentile(99), errors))")
        .AppendLine("end").ToString();

    private static double Number(string output, string name) => double.Parse(
        output.Split('\n').Single(line => line.StartsWith(name + " ", StringComparison.Ordinal))[(name.Length + 1)..], CultureInfo.InvariantCulture);
}

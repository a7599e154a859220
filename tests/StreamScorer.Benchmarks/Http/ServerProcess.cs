using System.Diagnostics;
using System.Globalization;
using StreamScorer.App.LocalServices;
using StreamScorer.Benchmarks.Stream;

namespace StreamScorer.Benchmarks.Http;

/// <summary>A server that is measured, in a process of its own.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const string Python = "/usr/bin/python3";

    private readonly Process _process;

    private ServerProcess(Process process, string address) => (_process, Address) = (process, address);

    /// <summary>Where it listens.</summary>
    public string Address { get; }

    /// <summary>CPU used so far.</summary>
    public TimeSpan Cpu => ProcessTimes.Of(_process.Id);

    /// <summary>Whether the system's Python has what the peer needs.</summary>
    public static bool FastApiIsThere
    {
        get
        {
            if (!File.Exists(Python))
                return false;
            using var process = Process.Start(new ProcessStartInfo(Python, ["-c", "import fastapi, uvicorn, xgboost, numpy"]) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
    }

    /// <summary>The ceiling.</summary>
    public static Task<ServerProcess> StartBareKestrelAsync(CancellationToken ct)
    {
        var port = LoopbackPort.Find();
        var program = typeof(ServerProcess).Assembly.Location;
        return StartAsync("dotnet", [program, "http", "ceiling", Text(port)], port, ct);
    }

    /// <summary>The peer.</summary>
    public static Task<ServerProcess> StartFastApiAsync(CancellationToken ct)
    {
        var port = LoopbackPort.Find();
        return StartAsync(Python, [Path.Combine(AppContext.BaseDirectory, "Http", "fastapi_server.py"), Text(port)], port, ct);
    }

    private static async Task<ServerProcess> StartAsync(string program, string[] arguments, int port, CancellationToken ct)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _ = process.StandardOutput.ReadToEndAsync(ct);
        var error = process.StandardError.ReadToEndAsync(ct);
        for (var i = 0; i < 300 && !LoopbackPort.IsListening(port); i++)
        {
            if (process.HasExited)
                throw new InvalidOperationException($"{program} ended: {await error}");
            await Task.Delay(100, ct);
        }

        return new ServerProcess(process, "http://127.0.0.1:" + Text(port));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

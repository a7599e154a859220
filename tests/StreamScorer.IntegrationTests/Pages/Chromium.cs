using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StreamScorer.IntegrationTests.Pages;

/// <summary>
/// A headless Chromium, spoken to by its DevTools protocol: what a driver would bring along in 200 MB is a WebSocket and
/// a handful of commands.
/// </summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] Programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private readonly Process _process;
    private readonly string _profile;
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _asked = new();
    private readonly ConcurrentDictionary<string, Action<string, JsonElement>> _listeners = new();
    private int _lastId;

    private Chromium(Process process, string profile) => (_process, _profile) = (process, profile);

    /// <summary>The browser's program; null where none is installed.</summary>
    public static string? Program { get; } =
        Environment.GetEnvironmentVariable("STREAMSCORER_CHROMIUM") ?? Programs.FirstOrDefault(File.Exists);

    public static async Task<Chromium> StartAsync()
    {
        var profile = Directory.CreateTempSubdirectory("streamscorer-chromium-").FullName;
        var start = new ProcessStartInfo(Program!, [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--no-first-run", "--disable-dev-shm-usage", "--remote-debugging-port=0", "--user-data-dir=" + profile, "about:blank"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.ErrorDataReceived += (_, line) =>
        {
            const string Listens = "DevTools listening on ";
            if (line.Data is null)
                address.TrySetException(new InvalidOperationException("Chromium ended before it listened."));
            else if (line.Data.StartsWith(Listens, StringComparison.Ordinal))
                address.TrySetResult(line.Data[Listens.Length..]);
        };
        process.BeginErrorReadLine();
        var browser = new Chromium(process, profile);
        await browser._socket.ConnectAsync(new Uri(await address.Task.WaitAsync(TimeSpan.FromSeconds(60))), CancellationToken.None);
        _ = browser.ReceiveAsync();
        return browser;
    }

    /// <summary>Opens a page in a profile of its own: no cookies, nothing stored.</summary>
    public async Task<ChromiumPage> OpenPageAsync(int width = 1280, int height = 800, bool phone = false, string scheme = "light")
    {
        var context = (await SendAsync("Target.createBrowserContext")).GetProperty("browserContextId").GetString()!;
        var target = (await SendAsync("Target.createTarget", new { url = "about:blank", browserContextId = context })).GetProperty("targetId").GetString()!;
        var session = (await SendAsync("Target.attachToTarget", new { targetId = target, flatten = true })).GetProperty("sessionId").GetString()!;
        var page = new ChromiumPage(this, session, target);
        _listeners[session] = page.Hear;
        await page.PrepareAsync(width, height, phone, scheme);
        return page;
    }

    /// <summary>Sends a command and waits for its answer.</summary>
    public async Task<JsonElement> SendAsync(string method, object? parameters = null, string? session = null)
    {
        var id = Interlocked.Increment(ref _lastId);
        var answer = _asked[id] = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        var command = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = JsonSerializer.SerializeToNode(parameters ?? new { }) };
        if (session is not null)
            command["sessionId"] = session;
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(command), WebSocketMessageType.Text, true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }

        return await answer.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _sending.Dispose();
        try
        {
            Directory.Delete(_profile, recursive: true);
        }
        catch (IOException)
        {
            // One of its helpers was still writing; the folder is the system's to clear.
        }
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[1 << 16];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var read = await _socket.ReceiveAsync(buffer, CancellationToken.None);
                message.Write(buffer, 0, read.Count);
                if (!read.EndOfMessage)
                    continue;
                Take(JsonSerializer.Deserialize<JsonElement>(message.ToArray()));
                message.SetLength(0);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            foreach (var open in _asked.Values)
                open.TrySetException(new InvalidOperationException("Chromium has ended."));
        }
    }

    private void Take(JsonElement message)
    {
        if (message.TryGetProperty("id", out var id) && _asked.TryRemove(id.GetInt32(), out var asked))
        {
            if (message.TryGetProperty("error", out var error))
                asked.SetException(new InvalidOperationException(error.GetProperty("message").GetString()));
            else
                asked.SetResult(message.GetProperty("result").Clone());
        }
        else if (message.TryGetProperty("sessionId", out var session) && _listeners.TryGetValue(session.GetString()!, out var hear))
        {
            hear(message.GetProperty("method").GetString()!, message.GetProperty("params").Clone());
        }
    }

}

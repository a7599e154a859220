using System.Diagnostics;
using System.Net;
using System.Text.Json;
using StreamScorer.App.LocalServices;

namespace StreamScorer.IntegrationTests.Alerts;

/// <summary>A webhook of the test's own on loopback: keeps every JSON body that is posted to it.</summary>
internal sealed class AlertReceiver : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly List<JsonElement> _messages = [];

    public AlertReceiver()
    {
        Address = $"http://127.0.0.1:{LoopbackPort.Find()}/hook/";
        _listener.Prefixes.Add(Address);
        _listener.Start();
        _ = ReceiveAsync();
    }

    public string Address { get; }

    public IReadOnlyList<JsonElement> Messages
    {
        get
        {
            lock (_messages)
                return [.. _messages];
        }
    }

    /// <summary>Waits until a message passes the test; fails with what came instead.</summary>
    public async Task WaitForAsync(Func<JsonElement, bool> wanted, string what, int seconds = 30)
    {
        var waited = Stopwatch.StartNew();
        while (!Messages.Any(wanted))
        {
            if (waited.Elapsed.TotalSeconds > seconds)
                throw new InvalidOperationException($"No {what} has come. These have:\n{string.Join('\n', Messages)}");
            await Task.Delay(50);
        }
    }

    public void Dispose() => _listener.Close();

    private async Task ReceiveAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                using var json = await JsonDocument.ParseAsync(context.Request.InputStream);
                lock (_messages)
                    _messages.Add(json.RootElement.Clone());
                context.Response.Close();
            }
            catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}

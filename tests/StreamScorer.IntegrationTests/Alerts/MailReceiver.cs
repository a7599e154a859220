using System.Net;
using System.Net.Sockets;
using System.Text;

namespace StreamScorer.IntegrationTests.Alerts;

/// <summary>A mail server of the test's own on loopback: takes every message (RFC 5321, no extensions) and keeps it.</summary>
internal sealed class MailReceiver : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<string> _messages = [];

    public MailReceiver()
    {
        _listener.Start();
        _ = ReceiveAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Messages as they were sent, headers first.</summary>
    public IReadOnlyList<string> Messages
    {
        get
        {
            lock (_messages)
                return [.. _messages];
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task ReceiveAsync()
    {
        while (true)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await TalkAsync(client.GetStream());
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                return;
            }
            catch (IOException)
            {
                // The sender went away in the middle; the next one is welcome.
            }
        }
    }

    private async Task TalkAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        await using var writer = new StreamWriter(stream, new UTF8Encoding(false)) { NewLine = "\r\n", AutoFlush = true };
        await writer.WriteLineAsync("220 test");
        while (await reader.ReadLineAsync() is { } command)
        {
            if (command.StartsWith("DATA", StringComparison.OrdinalIgnoreCase))
            {
                await writer.WriteLineAsync("354 go on");
                await KeepAsync(reader);
            }

            var isEnd = command.StartsWith("QUIT", StringComparison.OrdinalIgnoreCase);
            await writer.WriteLineAsync(isEnd ? "221 bye" : "250 ok");
            if (isEnd)
                return;
        }
    }

    private async Task KeepAsync(StreamReader reader)
    {
        var message = new StringBuilder();
        while (await reader.ReadLineAsync() is { } line && line != ".")
            message.Append(line).Append('\n');
        lock (_messages)
            _messages.Add(message.ToString());
    }
}

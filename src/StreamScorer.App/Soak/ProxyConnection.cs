using System.Net;
using System.Net.Sockets;

namespace StreamScorer.App.Soak;

/// <summary>One connection through a <see cref="TcpProxy"/>: a socket to the client and one to the server.</summary>
internal sealed class ProxyConnection : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly TcpProxy _proxy;
    private readonly Socket _client;
    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly ClientBytes _clientBytes;
    private volatile TaskCompletionSource? _answer;

    /// <summary>Takes over a client's socket.</summary>
    public ProxyConnection(TcpProxy proxy, Socket client, Func<ProxyConnection, ClientBytes>? clientBytes)
    {
        _proxy = proxy;
        _client = client;
        _client.NoDelay = true;
        _clientBytes = clientBytes?.Invoke(this) ?? SendToServerAsync;
    }

    /// <summary>Forwards in both directions until both sides are done or the connection is cut.</summary>
    public async Task RunAsync(int serverPort, CancellationToken ct)
    {
        try
        {
            await _server.ConnectAsync(new IPEndPoint(IPAddress.Loopback, serverPort), ct);
            await Task.WhenAll(PumpClientAsync(ct), PumpServerAsync(ct));
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One side is gone: the other is told the same way.
        }
        finally
        {
            Cut();
        }
    }

    /// <summary>Sends bytes to the server.</summary>
    public async ValueTask SendToServerAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        for (var rest = bytes; rest.Length > 0;)
            rest = rest[await _server.SendAsync(rest, ct)..];
    }

    /// <summary>Sends bytes to the server and waits for its answer, which the client does not get.</summary>
    public async Task SwallowAnswerAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        _answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await SendToServerAsync(bytes, ct);
        await _answer.Task.WaitAsync(TimeSpan.FromSeconds(10), ct);
    }

    /// <summary>Resets both sides at once: no goodbye, unsent bytes are lost.</summary>
    public void Cut()
    {
        CutClient();
        Reset(_server);
    }

    /// <inheritdoc/>
    public void Dispose() => Cut();

    /// <summary>Resets the client's side alone; the server does not notice yet.</summary>
    public void CutClient() => Reset(_client);

    private async Task PumpClientAsync(CancellationToken ct)
    {
        var buffer = new byte[BufferBytes];
        while (await _client.ReceiveAsync(buffer, ct) is > 0 and var count)
        {
            await _proxy.FlowAsync();
            await _clientBytes(buffer.AsMemory(0, count), ct);
        }

        _server.Shutdown(SocketShutdown.Send);
    }

    private async Task PumpServerAsync(CancellationToken ct)
    {
        var buffer = new byte[BufferBytes];
        while (await _server.ReceiveAsync(buffer, ct) is > 0 and var count)
        {
            if (_answer is { } swallowed)
            {
                swallowed.TrySetResult();
                continue;
            }

            await _proxy.FlowAsync();
            for (ReadOnlyMemory<byte> rest = buffer.AsMemory(0, count); rest.Length > 0;)
                rest = rest[await _client.SendAsync(rest, ct)..];
        }

        _client.Shutdown(SocketShutdown.Send);
    }

    private static void Reset(Socket socket)
    {
        try
        {
            // Lingering for no time makes close(2) send RST instead of FIN.
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // Closed already.
        }

        socket.Dispose();
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using StreamScorer.App.LocalServices;

namespace StreamScorer.App.Soak;

/// <summary>
/// A TCP proxy on 127.0.0.1 that stands between the workers and a service, to be a bad network on command: connections
/// are reset, refused, or held still with everything in flight. Safe for use by several threads.
/// </summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<ProxyConnection, ClientBytes>? _clientBytes;
    private readonly ConcurrentDictionary<ProxyConnection, Task> _connections = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private volatile bool _refusing;
    private volatile TaskCompletionSource? _still;

    private TcpProxy(int port, int serverPort, Func<ProxyConnection, ClientBytes>? clientBytes)
    {
        Port = port;
        ServerPort = serverPort;
        _clientBytes = clientBytes;
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect.</summary>
    public int Port { get; }

    /// <summary>Where the connections lead; nothing needs to listen there yet.</summary>
    public int ServerPort { get; }

    /// <summary>Connections open now.</summary>
    public int OpenConnections => _connections.Count;

    /// <summary>Starts to listen.</summary>
    /// <param name="serverPort">The service's port on 127.0.0.1.</param>
    /// <param name="port">Where to listen; null: any free port.</param>
    /// <param name="clientBytes">Made once per connection: decides what becomes of the client's bytes; null: all are forwarded.</param>
    public static TcpProxy Start(int serverPort, int? port = null, Func<ProxyConnection, ClientBytes>? clientBytes = null) =>
        new(port ?? LoopbackPort.Find(), serverPort, clientBytes);

    /// <summary>Resets every open connection, as a firewall or a failing switch would; new ones are let through.</summary>
    /// <returns>How many were cut.</returns>
    public int CutAll()
    {
        var open = _connections.Keys.ToList();
        foreach (var connection in open)
            connection.Cut();
        return open.Count;
    }

    /// <summary>The service is away: open connections are reset, new ones too, until <see cref="Accept"/>.</summary>
    public void Refuse()
    {
        _refusing = true;
        CutAll();
    }

    /// <summary>Ends <see cref="Refuse"/>.</summary>
    public void Accept() => _refusing = false;

    /// <summary>Holds every byte in both directions, as a network partition does: connections stay open, nothing arrives.</summary>
    public void Hold() => _still ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends <see cref="Hold"/>; what was held arrives.</summary>
    public void Release() => Interlocked.Exchange(ref _still, null)?.TrySetResult();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Release();
        CutAll();
        await _accepting;
        await Task.WhenAll(_connections.Values);
        _stop.Dispose();
    }

    /// <summary>Completes when bytes may flow.</summary>
    internal Task FlowAsync() => _still?.Task ?? Task.CompletedTask;

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                var connection = new ProxyConnection(this, client, _clientBytes);
                if (_refusing)
                {
                    connection.Cut();
                    continue;
                }

                _connections[connection] = Task.Run(() => RunAsync(connection), CancellationToken.None);
                // Cut between the look above and the entry: the one that refused could not see it yet.
                if (_refusing)
                    connection.Cut();
            }
            catch (Exception failure) when (failure is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // A client that left before it was accepted, or the end of the proxy.
            }
        }
    }

    private async Task RunAsync(ProxyConnection connection)
    {
        await connection.RunAsync(ServerPort, _stop.Token);
        _connections.TryRemove(connection, out _);
    }
}

/// <summary>
/// Bytes came from one client; what of them should reach the server is for the receiver to send
/// (<see cref="ProxyConnection.SendToServerAsync"/>).
/// </summary>
internal delegate ValueTask ClientBytes(ReadOnlyMemory<byte> bytes, CancellationToken ct);

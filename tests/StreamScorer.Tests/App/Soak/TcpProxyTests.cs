using System.Net;
using System.Net.Sockets;
using StreamScorer.App.Soak;
using Xunit;

namespace StreamScorer.Tests.App.Soak;

public sealed class TcpProxyTests : IAsyncDisposable
{
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly Task _echo;
    private readonly TcpProxy _proxy;

    public TcpProxyTests()
    {
        _server.Start();
        _echo = EchoAsync();
        _proxy = TcpProxy.Start(((IPEndPoint)_server.LocalEndpoint).Port);
    }

    [Fact]
    public async Task Bytes_pass_and_a_cut_resets_the_connection()
    {
        using var client = await ConnectAsync();
        Assert.Equal(7, await EchoOfAsync(client, 7));
        Assert.Equal(1, _proxy.CutAll());
        await Assert.ThrowsAnyAsync<SocketException>(async () =>
        {
            while (await EchoOfAsync(client, 8) >= 0)
                await Task.Yield();
        });
        using var next = await ConnectAsync();
        Assert.Equal(9, await EchoOfAsync(next, 9));
    }

    [Fact]
    public async Task What_is_held_arrives_after_the_release()
    {
        using var client = await ConnectAsync();
        Assert.Equal(1, await EchoOfAsync(client, 1));
        _proxy.Hold();
        var held = EchoOfAsync(client, 2);
        await Assert.ThrowsAsync<TimeoutException>(() => held.WaitAsync(TimeSpan.FromMilliseconds(200)));
        _proxy.Release();
        Assert.Equal(2, await held.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task Refused_connections_are_reset_until_accepted_again()
    {
        _proxy.Refuse();
        await Assert.ThrowsAnyAsync<SocketException>(async () =>
        {
            using var client = await ConnectAsync();
            while (await EchoOfAsync(client, 1) >= 0)
                await Task.Yield();
        });
        _proxy.Accept();
        using var next = await ConnectAsync();
        Assert.Equal(2, await EchoOfAsync(next, 2));
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _server.Stop();
        await _echo;
    }

    private async Task<Socket> ConnectAsync()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Loopback, _proxy.Port);
        return client;
    }

    private static async Task<int> EchoOfAsync(Socket client, byte value)
    {
        await client.SendAsync(new[] { value });
        var answer = new byte[1];
        return await client.ReceiveAsync(answer) == 0 ? throw new SocketException((int)SocketError.ConnectionReset) : answer[0];
    }

    private async Task EchoAsync()
    {
        try
        {
            while (true)
                _ = AnswerAsync(await _server.AcceptSocketAsync());
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }

    private static async Task AnswerAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                var buffer = new byte[16];
                while (await socket.ReceiveAsync(buffer) is > 0 and var count)
                    await socket.SendAsync(buffer.AsMemory(0, count));
            }
            catch (SocketException)
            {
                // Cut.
            }
        }
    }
}

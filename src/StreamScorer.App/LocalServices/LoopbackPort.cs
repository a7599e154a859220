using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace StreamScorer.App.LocalServices;

/// <summary>
/// Ports of 127.0.0.1. The free ones that it finds lie below the range from which Linux takes the ports of outgoing
/// connections (32768 on), so that a killed service finds its port still free when it starts again.
/// </summary>
internal static class LoopbackPort
{
    private const int First = 20_000;
    private const int Last = 32_000;

    /// <summary>A free port; <paramref name="preferred"/> when that is free.</summary>
    /// <exception cref="LocalServiceException">No free port was found.</exception>
    public static int Find(int? preferred = null)
    {
        if (preferred is { } wanted && IsFree(wanted))
            return wanted;
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            var candidate = RandomNumberGenerator.GetInt32(First, Last);
            if (IsFree(candidate))
                return candidate;
        }
        throw new LocalServiceException($"found no free port between {First} and {Last} on 127.0.0.1.");
    }

    public static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            // The option that Java and PostgreSQL set too: a port in TIME_WAIT counts as free, a listened one does not.
            listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public static bool IsListening(int port)
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>
    /// True when the process itself listens on the port. That the port answers is not enough: two starts at once may
    /// have picked the same one, and then the answer is somebody else's.
    /// </summary>
    public static bool IsListenedBy(int port, ProcessIdentity process)
    {
        // proc(5): the second field of a line is address:port in hex, the fourth the state (0A = listen), the tenth the inode.
        var ending = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        var sockets = ((string[])["/proc/net/tcp", "/proc/net/tcp6"])
            .Where(File.Exists)
            .SelectMany(File.ReadLines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 9 && fields[3] == "0A" && fields[1].EndsWith(ending, StringComparison.Ordinal))
            .Select(fields => $"socket:[{fields[9]}]")
            .ToHashSet();
        try
        {
            return Directory.EnumerateFiles($"/proc/{process.Pid.ToString(CultureInfo.InvariantCulture)}/fd")
                .Any(file => sockets.Contains(new FileInfo(file).LinkTarget ?? ""));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

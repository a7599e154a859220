using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace StreamScorer.App.LocalServices;

/// <summary>
/// The few requests of ZooKeeper 3.4's wire protocol that topics on a Kafka of the 0.9 series need: such brokers take
/// new topics as nodes in ZooKeeper and have no request for them. Kafka's own tool does the same in a JVM that takes
/// 0.7 s to start per topic. Big-endian, length-prefixed frames; the source is zookeeper.jute of release 3.4.
/// </summary>
internal sealed class ZooKeeperClient : IDisposable
{
    private const int CreateRequest = 1;
    private const int DeleteRequest = 2;
    private const int ExistsRequest = 3;
    private const int SetDataRequest = 5;
    private const int CloseRequest = -11;
    private const int NoNode = -101;
    private const int NodeExists = -110;
    private const int AllPermissions = 31;
    private const int SessionTimeoutMilliseconds = 10_000;

    private readonly TcpClient _connection;
    private readonly NetworkStream _stream;
    private int _lastRequest;

    private ZooKeeperClient(TcpClient connection)
    {
        _connection = connection;
        _stream = connection.GetStream();
    }

    /// <summary>Opens a session with the server at <paramref name="address"/> (<c>host:port</c>).</summary>
    /// <exception cref="LocalServiceException">Nobody answers there.</exception>
    public static ZooKeeperClient Connect(string address)
    {
        var connection = new TcpClient { ReceiveTimeout = SessionTimeoutMilliseconds };
        try
        {
            var colon = address.LastIndexOf(':');
            connection.Connect(address[..colon], int.Parse(address[(colon + 1)..], CultureInfo.InvariantCulture));
            var client = new ZooKeeperClient(connection);
            var request = new Frame();
            request.Int(0);                     // protocol version
            request.Long(0);                    // last transaction seen
            request.Int(SessionTimeoutMilliseconds);
            request.Long(0);                    // a new session
            request.Bytes(new byte[16]);        // its password
            client.Send(request);
            client.Receive();
            return client;
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            connection.Dispose();
            throw new LocalServiceException($"ZooKeeper at {address} does not answer: {failure.Message}", failure);
        }
    }

    /// <summary>Creates a persistent node; false when it is there already.</summary>
    public bool Create(string path, string data)
    {
        var request = NewRequest(CreateRequest);
        request.Text(path);
        request.Bytes(Encoding.UTF8.GetBytes(data));
        request.Int(1);                         // one access rule: everybody may do everything
        request.Int(AllPermissions);
        request.Text("world");
        request.Text("anyone");
        request.Int(0);                         // persistent, not sequential
        return Call(request, NodeExists, $"create {path}");
    }

    /// <summary>Deletes a node without children, whatever its version; false when there is none.</summary>
    public bool Delete(string path)
    {
        var request = NewRequest(DeleteRequest);
        request.Text(path);
        request.Int(-1);
        return Call(request, NoNode, $"delete {path}");
    }

    /// <summary>Replaces a node's data, whatever its version; false when there is no such node.</summary>
    public bool Set(string path, string data)
    {
        var request = NewRequest(SetDataRequest);
        request.Text(path);
        request.Bytes(Encoding.UTF8.GetBytes(data));
        request.Int(-1);
        return Call(request, NoNode, $"change {path}");
    }

    public bool Exists(string path)
    {
        var request = NewRequest(ExistsRequest);
        request.Text(path);
        request.Byte(0);                        // no watch
        return Call(request, NoNode, $"look up {path}");
    }

    public void Dispose()
    {
        try
        {
            Send(NewRequest(CloseRequest));
            Receive();
        }
        catch (IOException)
        {
            // The server has gone; the session goes with it.
        }
        _connection.Dispose();
    }

    private Frame NewRequest(int type)
    {
        var frame = new Frame();
        frame.Int(++_lastRequest);
        frame.Int(type);
        return frame;
    }

    private bool Call(Frame request, int expectedRefusal, string what)
    {
        Send(request);
        // Reply header: request number, transaction (8 bytes), error code.
        var error = BinaryPrimitives.ReadInt32BigEndian(Receive().AsSpan(12));
        if (error == 0)
            return true;
        if (error == expectedRefusal)
            return false;
        throw new LocalServiceException($"ZooKeeper refused to {what}: error {error}.");
    }

    private void Send(Frame frame) => _stream.Write(frame.Complete());

    private byte[] Receive()
    {
        var length = new byte[4];
        _stream.ReadExactly(length);
        var reply = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        _stream.ReadExactly(reply);
        return reply;
    }

    /// <summary>One request under construction: four bytes for its length, then its fields.</summary>
    private sealed class Frame
    {
        private readonly ArrayBufferWriter<byte> _content = new();

        public Frame() => Int(0);

        public void Byte(byte value) => _content.Write([value]);

        public void Int(int value)
        {
            BinaryPrimitives.WriteInt32BigEndian(_content.GetSpan(4), value);
            _content.Advance(4);
        }

        public void Long(long value)
        {
            BinaryPrimitives.WriteInt64BigEndian(_content.GetSpan(8), value);
            _content.Advance(8);
        }

        public void Bytes(ReadOnlySpan<byte> value)
        {
            Int(value.Length);
            _content.Write(value);
        }

        public void Text(string value) => Bytes(Encoding.UTF8.GetBytes(value));

        public byte[] Complete()
        {
            var frame = _content.WrittenSpan.ToArray();
            BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - 4);
            return frame;
        }
    }
}

using System.Buffers.Binary;
using System.Text;
using StreamScorer.App.Soak;
using Xunit;

namespace StreamScorer.Tests.App.Soak;

public sealed class PostgresMessagesTests
{
    // SSLRequest, start-up message of protocol 3.0, two queries: as a client sends them.
    private static readonly byte[] Stream =
    [
        .. Untyped(80877103, ""), .. Untyped(3 << 16, "user\0streamscorer\0\0"), .. Query("BEGIN"), .. Query("COMMIT"),
    ];

    [Fact]
    public void Messages_are_the_same_wherever_the_network_splits_them()
    {
        var whole = Take([Stream]);
        Assert.Equal([(byte)0, (byte)0, (byte)'Q', (byte)'Q'], whole.Select(message => message.Type));
        Assert.Equal("COMMIT\0", Encoding.ASCII.GetString(whole[3].Bytes[5..]));
        for (var cut = 1; cut < Stream.Length; cut++)
            Assert.Equal(whole.Select(message => message.Bytes), Take([Stream[..cut], Stream[cut..]]).Select(message => message.Bytes));
        Assert.Equal(whole.Select(message => message.Bytes), Take(Stream.Select(each => new[] { each })).Select(message => message.Bytes));
    }

    [Fact]
    public void A_message_larger_than_the_buffer_is_one_message()
    {
        var messages = new PostgresMessages();
        messages.Add(Stream);
        var large = Query(new string('x', 100_000));
        messages.Add(large);
        var count = 0;
        while (messages.TryTake(out _, out var message))
            count += message.Length == large.Length ? 1 : 0;
        Assert.Equal(1, count);
    }

    private static List<(byte Type, byte[] Bytes)> Take(IEnumerable<byte[]> pieces)
    {
        var messages = new PostgresMessages();
        var taken = new List<(byte, byte[])>();
        foreach (var piece in pieces)
        {
            messages.Add(piece);
            while (messages.TryTake(out var type, out var message))
                taken.Add((type, message.ToArray()));
        }

        return taken;
    }

    private static byte[] Untyped(int code, string text)
    {
        var message = new byte[8 + text.Length];
        BinaryPrimitives.WriteInt32BigEndian(message, message.Length);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(4), code);
        Encoding.ASCII.GetBytes(text, message.AsSpan(8));
        return message;
    }

    private static byte[] Query(string sql)
    {
        var message = new byte[1 + 4 + sql.Length + 1];
        message[0] = (byte)'Q';
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), message.Length - 1);
        Encoding.ASCII.GetBytes(sql, message.AsSpan(5));
        return message;
    }
}

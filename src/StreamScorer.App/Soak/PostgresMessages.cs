using System.Buffers.Binary;

namespace StreamScorer.App.Soak;

/// <summary>
/// Splits what a PostgreSQL client sends into messages (https://www.postgresql.org/docs/current/protocol-message-formats.html):
/// a type byte, a length that counts itself, a body; without the type byte until the start-up message has passed.
/// </summary>
internal sealed class PostgresMessages
{
    private const int LengthBytes = 4;
    private const int FirstProtocolVersion = 3 << 16;
    private const int FirstRequestCode = 1234 << 16; // SSLRequest, GSSENCRequest and CancelRequest stand in place of a version.

    private byte[] _bytes = new byte[4096];
    private int _start;
    private int _end;
    private bool _started;

    /// <summary>Adds what came from the client.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length - _end < bytes.Length)
        {
            var left = _end - _start;
            var roomy = left + bytes.Length > _bytes.Length ? new byte[(left + bytes.Length) * 2] : _bytes;
            _bytes.AsSpan(_start, left).CopyTo(roomy);
            (_bytes, _start, _end) = (roomy, 0, left);
        }

        bytes.CopyTo(_bytes.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>Takes the next whole message; valid until the next <see cref="Add"/>.</summary>
    /// <param name="type">Its type byte; 0 for the messages before and of the start.</param>
    /// <param name="message">All its bytes, to be forwarded.</param>
    public bool TryTake(out byte type, out ReadOnlyMemory<byte> message)
    {
        var typeBytes = _started ? 1 : 0;
        (type, message) = (0, default);
        if (_end - _start < typeBytes + LengthBytes)
            return false;
        var length = typeBytes + BinaryPrimitives.ReadInt32BigEndian(_bytes.AsSpan(_start + typeBytes));
        if (_end - _start < length)
            return false;
        type = _started ? _bytes[_start] : (byte)0;
        message = _bytes.AsMemory(_start, length);
        if (!_started)
        {
            var version = BinaryPrimitives.ReadInt32BigEndian(message.Span[LengthBytes..]);
            _started = version is >= FirstProtocolVersion and < FirstRequestCode;
        }

        _start += length;
        return true;
    }
}

using System.Buffers.Binary;
using System.Text;

namespace StreamScorer.Forests;

/// <summary>Appends the value kinds of a model file to a growing buffer.</summary>
internal sealed class ByteWriter
{
    private byte[] _buffer = new byte[64 * 1024];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    public void Byte(byte value) => Take(1)[0] = value;

    public void Flag(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void Fixed32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    public void Fixed64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

    public void Double(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Take(8), value);

    /// <summary>LEB128; the value must not be negative.</summary>
    public void Number(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        for (; value >= 0x80; value >>= 7)
            Byte((byte)(value | 0x80));
        Byte((byte)value);
    }

    public void Text(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        Number(length);
        Encoding.UTF8.GetBytes(text, Take(length));
    }

    public void Texts(IReadOnlyList<string> texts)
    {
        Number(texts.Count);
        foreach (var text in texts)
            Text(text);
    }

    public void Doubles(IReadOnlyList<double> values)
    {
        Number(values.Count);
        foreach (var value in values)
            Double(value);
    }

    public void Numbers(IReadOnlyList<long> values)
    {
        Number(values.Count);
        foreach (var value in values)
            Number(value);
    }

    private Span<byte> Take(int count)
    {
        if (_buffer.Length - Length < count)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + count));
        Length += count;
        return _buffer.AsSpan(Length - count, count);
    }
}

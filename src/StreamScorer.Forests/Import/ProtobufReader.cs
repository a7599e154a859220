using System.Buffers.Binary;

namespace StreamScorer.Forests;

/// <summary>Field by field through one protocol-buffers message; enough of the wire format to read ONNX.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> bytes, string source)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>Number of the field just read.</summary>
    public int Field { get; private set; }

    /// <summary>Content of a length-delimited field (message, text or packed numbers); empty for the other kinds.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    /// <summary>Value of a varint field, or the bits of a fixed one.</summary>
    public ulong Number { get; private set; }

    /// <summary>False at the end of the message.</summary>
    public bool Next()
    {
        if (_at >= _bytes.Length)
            return false;
        var key = Varint();
        Field = (int)(key >> 3);
        Content = [];
        switch (key & 7)
        {
            case 0: Number = Varint(); break;
            case 1: Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8)); break;
            case 5: Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4)); break;
            case 2: Content = Take(Varint()); break;
            default: throw Fault("a wire type that ONNX does not use");
        }

        return true;
    }

    /// <summary>A field of 32-bit floats, packed or a single one.</summary>
    public readonly void AddFloats(List<float> values)
    {
        if (Content.IsEmpty)
        {
            values.Add(BitConverter.UInt32BitsToSingle((uint)Number));
            return;
        }

        for (var at = 0; at + 4 <= Content.Length; at += 4)
            values.Add(BinaryPrimitives.ReadSingleLittleEndian(Content[at..]));
    }

    /// <summary>A field of varints, packed or a single one.</summary>
    public readonly void AddIntegers(List<long> values)
    {
        if (Content.IsEmpty)
        {
            values.Add((long)Number);
            return;
        }

        var packed = new ProtobufReader(Content, source);
        while (packed._at < packed._bytes.Length)
            values.Add((long)packed.Varint());
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Take(1)[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }

        throw Fault("a number is too long");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(_bytes.Length - _at))
            throw Fault($"{count} bytes are needed and {_bytes.Length - _at} are left");
        _at += (int)count;
        return _bytes.Slice(_at - (int)count, (int)count);
    }

    private readonly ForestException Fault(string what) => new($"{source} is not a complete ONNX model: {what}.");
}

using System.Text;

namespace StreamScorer.Parquet.Format;

/// <summary>Reads structures in the Thrift compact protocol from bytes that may be hostile: every length and count is checked
/// against the bytes left, nesting is bounded, unknown fields are skipped.</summary>
internal ref struct ThriftCompactReader(ReadOnlySpan<byte> input)
{
    private const int DeepestNesting = 32;

    private readonly ReadOnlySpan<byte> _input = input;
    private int _position;
    private int _depth;

    /// <summary>Bytes read so far.</summary>
    public readonly int Position => _position;

    /// <summary>Starts a structure; the returned id is the state <see cref="NextField"/> needs.</summary>
    /// <exception cref="ParquetException">Structures nest deeper than any of Parquet's do.</exception>
    public short BeginStruct()
    {
        if (++_depth > DeepestNesting)
            throw new ParquetException($"Thrift structures nest deeper than {DeepestNesting}.");
        return 0;
    }

    /// <summary>Reads the next field's head; false at the structure's end.</summary>
    /// <param name="id">The last field's id on entry, this one's on return.</param>
    /// <param name="type">The field's type; a boolean's type is its value.</param>
    public bool NextField(ref short id, out ThriftType type)
    {
        byte head = ReadByte();
        type = (ThriftType)(head & 0x0F);
        if (type == ThriftType.Stop)
        {
            _depth--;
            return false;
        }
        int step = head >> 4;
        id = step == 0 ? (short)ReadZigZag(short.MinValue, short.MaxValue) : (short)(id + step);
        return true;
    }

    public static bool ReadBool(ThriftType type) => type switch
    {
        ThriftType.True => true,
        ThriftType.False => false,
        _ => throw Wrong(ThriftType.True, type),
    };

    public int ReadI32(ThriftType type)
    {
        if (type is not (ThriftType.I32 or ThriftType.I16))
            throw Wrong(ThriftType.I32, type);
        return (int)ReadZigZag(int.MinValue, int.MaxValue);
    }

    public long ReadI64(ThriftType type)
    {
        if (type is not (ThriftType.I64 or ThriftType.I32))
            throw Wrong(ThriftType.I64, type);
        return ReadZigZag(long.MinValue, long.MaxValue);
    }

    public sbyte ReadI8(ThriftType type)
    {
        if (type != ThriftType.Byte)
            throw Wrong(ThriftType.Byte, type);
        return (sbyte)ReadByte();
    }

    public ReadOnlySpan<byte> ReadBinary(ThriftType type)
    {
        if (type != ThriftType.Binary)
            throw Wrong(ThriftType.Binary, type);
        ulong length = ReadVarint();
        if (length > (ulong)(_input.Length - _position))
            throw new ParquetException($"A Thrift string of {length} bytes runs past the end.");
        ReadOnlySpan<byte> bytes = _input.Slice(_position, (int)length);
        _position += (int)length;
        return bytes;
    }

    public string ReadString(ThriftType type) => Encoding.UTF8.GetString(ReadBinary(type));

    /// <summary>Reads a list's head.</summary>
    /// <returns>The number of elements, never more than the bytes left could hold.</returns>
    public int ReadListHead(ThriftType type, out ThriftType element)
    {
        if (type is not (ThriftType.List or ThriftType.Set))
            throw Wrong(ThriftType.List, type);
        byte head = ReadByte();
        element = (ThriftType)(head & 0x0F);
        ulong count = (ulong)head >> 4;
        if (count == 15)
            count = ReadVarint();
        if (count > (ulong)(_input.Length - _position))
            throw new ParquetException($"A Thrift list claims {count} elements in {_input.Length - _position} bytes.");
        return (int)count;
    }

    /// <summary>Reads a list element of type boolean.</summary>
    public bool ReadBoolElement() => ReadByte() == (byte)ThriftType.True;

    /// <summary>Reads over a field whose id is unknown.</summary>
    public void Skip(ThriftType type) => Skip(type, isElement: false);

    private void Skip(ThriftType type, bool isElement)
    {
        switch (type)
        {
            case ThriftType.True or ThriftType.False:
                // A boolean field's value is its type; a boolean list element takes a byte.
                Advance(isElement ? 1 : 0);
                break;
            case ThriftType.Byte:
                Advance(1);
                break;
            case ThriftType.I16 or ThriftType.I32 or ThriftType.I64:
                ReadVarint();
                break;
            case ThriftType.Double:
                Advance(8);
                break;
            case ThriftType.Uuid:
                Advance(16);
                break;
            case ThriftType.Binary:
                ReadBinary(type);
                break;
            case ThriftType.List or ThriftType.Set:
                SkipList(type);
                break;
            case ThriftType.Map:
                SkipMap();
                break;
            case ThriftType.Struct:
                SkipStruct();
                break;
            default:
                throw new ParquetException($"Thrift type {(int)type} does not exist.");
        }
    }

    private void SkipList(ThriftType type)
    {
        Enter();
        int count = ReadListHead(type, out ThriftType element);
        for (int i = 0; i < count; i++)
            Skip(element, isElement: true);
        _depth--;
    }

    private void SkipMap()
    {
        Enter();
        ulong count = ReadVarint();
        if (count > (ulong)(_input.Length - _position))
            throw new ParquetException($"A Thrift map claims {count} entries in {_input.Length - _position} bytes.");
        byte types = count == 0 ? (byte)0 : ReadByte();
        for (ulong i = 0; i < count; i++)
        {
            Skip((ThriftType)(types >> 4), isElement: true);
            Skip((ThriftType)(types & 0x0F), isElement: true);
        }
        _depth--;
    }

    private void SkipStruct()
    {
        short id = BeginStruct();
        while (NextField(ref id, out ThriftType type))
            Skip(type, isElement: false);
    }

    private void Enter() => BeginStruct();

    private void Advance(int count)
    {
        if (count > _input.Length - _position)
            throw CutOff();
        _position += count;
    }

    private byte ReadByte()
    {
        if (_position >= _input.Length)
            throw CutOff();
        return _input[_position++];
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            byte part = ReadByte();
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }
        throw new ParquetException("A Thrift number runs over 10 bytes.");
    }

    private long ReadZigZag(long lowest, long highest)
    {
        ulong raw = ReadVarint();
        long value = (long)(raw >> 1) ^ -(long)(raw & 1);
        if (value < lowest || value > highest)
            throw new ParquetException($"The Thrift number {value} passes its type's bounds.");
        return value;
    }

    private static ParquetException CutOff() => new("The Thrift structure is cut off.");

    private static ParquetException Wrong(ThriftType expected, ThriftType found) =>
        new($"A Thrift field has type {found} instead of {expected}.");
}

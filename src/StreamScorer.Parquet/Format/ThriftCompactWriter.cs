using System.Text;

namespace StreamScorer.Parquet.Format;

/// <summary>Writes structures in the Thrift compact protocol
/// (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md), as Parquet's footers and page headers use
/// it. Fields of a structure must be written in ascending order of their ids.</summary>
internal sealed class ThriftCompactWriter(ByteBuffer output)
{
    private readonly Stack<short> _outer = new();
    private short _lastField;

    public void BeginStruct()
    {
        _outer.Push(_lastField);
        _lastField = 0;
    }

    public void EndStruct()
    {
        output.Append((byte)ThriftType.Stop);
        _lastField = _outer.Pop();
    }

    public void BeginStructField(short id)
    {
        Field(id, ThriftType.Struct);
        BeginStruct();
    }

    /// <summary>A union member or marker without fields of its own.</summary>
    public void EmptyStructField(short id)
    {
        BeginStructField(id);
        EndStruct();
    }

    public void BoolField(short id, bool value) => Field(id, value ? ThriftType.True : ThriftType.False);

    public void ByteField(short id, sbyte value)
    {
        Field(id, ThriftType.Byte);
        output.Append((byte)value);
    }

    public void I16Field(short id, short value)
    {
        Field(id, ThriftType.I16);
        ZigZag(value);
    }

    public void I32Field(short id, int value)
    {
        Field(id, ThriftType.I32);
        ZigZag(value);
    }

    public void I64Field(short id, long value)
    {
        Field(id, ThriftType.I64);
        ZigZag(value);
    }

    public void BinaryField(short id, ReadOnlySpan<byte> value)
    {
        Field(id, ThriftType.Binary);
        Binary(value);
    }

    public void StringField(short id, string value) => BinaryField(id, Encoding.UTF8.GetBytes(value));

    /// <summary>The head of a list; its elements follow by <see cref="I32"/>, <see cref="I64"/>, <see cref="Binary"/>,
    /// <see cref="Bool"/> or <see cref="BeginStruct"/> … <see cref="EndStruct"/>.</summary>
    public void BeginListField(short id, ThriftType element, int count)
    {
        Field(id, ThriftType.List);
        if (count < 15)
        {
            output.Append((byte)((count << 4) | (int)element));
            return;
        }
        output.Append((byte)(0xF0 | (int)element));
        output.AppendVarint((uint)count);
    }

    public void I32(int value) => ZigZag(value);

    public void I64(long value) => ZigZag(value);

    public void Bool(bool value) => output.Append((byte)(value ? ThriftType.True : ThriftType.False));

    public void Binary(ReadOnlySpan<byte> value)
    {
        output.AppendVarint((uint)value.Length);
        output.Append(value);
    }

    public void String(string value) => Binary(Encoding.UTF8.GetBytes(value));

    private void Field(short id, ThriftType type)
    {
        int step = id - _lastField;
        if (step is > 0 and <= 15)
        {
            output.Append((byte)((step << 4) | (int)type));
        }
        else
        {
            output.Append((byte)type);
            ZigZag(id);
        }
        _lastField = id;
    }

    private void ZigZag(long value) => output.AppendVarint((ulong)((value << 1) ^ (value >> 63)));
}

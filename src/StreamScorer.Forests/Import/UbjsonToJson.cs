using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace StreamScorer.Forests;

/// <summary>
/// Rewrites Universal Binary JSON (ubjson.org, draft 12, as XGBoost writes it: big-endian, with typed and counted arrays) as
/// JSON text. Single-precision numbers keep their value: they are written so that reading them back gives the same bits.
/// </summary>
internal ref struct UbjsonToJson
{
    private const int MostDepth = 64;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly string _source;
    private readonly Utf8JsonWriter _writer;
    private int _at;

    private UbjsonToJson(ReadOnlySpan<byte> bytes, string source, Utf8JsonWriter writer)
    {
        _bytes = bytes;
        _source = source;
        _writer = writer;
    }

    public static ReadOnlyMemory<byte> Convert(ReadOnlySpan<byte> bytes, string source)
    {
        var json = new ArrayBufferWriter<byte>(bytes.Length);
        using var writer = new Utf8JsonWriter(json, new JsonWriterOptions { SkipValidation = true });
        var reader = new UbjsonToJson(bytes, source, writer);
        reader.Value(reader.Marker(), 0);
        writer.Flush();
        return json.WrittenMemory;
    }

    private readonly ForestException Fault(string what) => new($"{_source} is damaged at byte {_at}: {what}.");

    private ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || count > _bytes.Length - _at)
            throw Fault($"{count} bytes are needed and {_bytes.Length - _at} are left");
        _at += (int)count;
        return _bytes.Slice(_at - (int)count, (int)count);
    }

    // N is a no-op that may stand before any value.
    private byte Marker()
    {
        byte marker;
        do
            marker = Take(1)[0];
        while (marker == 'N');
        return marker;
    }

    private void Value(byte marker, int depth)
    {
        if (depth > MostDepth)
            throw Fault($"values are nested deeper than {MostDepth}");
        switch ((char)marker)
        {
            case '{': Object(depth); break;
            case '[': Array(depth); break;
            case 'S': _writer.WriteStringValue(Text(Integer(Marker()))); break;
            case 'C': _writer.WriteStringValue(Text(1)); break;
            case 'T': _writer.WriteBooleanValue(true); break;
            case 'F': _writer.WriteBooleanValue(false); break;
            case 'Z': _writer.WriteNullValue(); break;
            case 'd': Number(BinaryPrimitives.ReadSingleBigEndian(Take(4))); break;
            case 'D': Number(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
            default: _writer.WriteNumberValue(Integer(marker)); break;
        }
    }

    // A double holds every float, so its shortest text leads back to the same float. XGBoost writes NaN where a split has
    // a category set instead of a condition; JSON has no such number.
    private readonly void Number(double value)
    {
        if (double.IsFinite(value))
            _writer.WriteNumberValue(value);
        else
            _writer.WriteNullValue();
    }

    private long Integer(byte marker) => (char)marker switch
    {
        'i' => (sbyte)Take(1)[0],
        'U' => Take(1)[0],
        'I' => BinaryPrimitives.ReadInt16BigEndian(Take(2)),
        'l' => BinaryPrimitives.ReadInt32BigEndian(Take(4)),
        'L' => BinaryPrimitives.ReadInt64BigEndian(Take(8)),
        _ => throw Fault($"'{(char)marker}' is not a known type"),
    };

    private string Text(long length) => Encoding.UTF8.GetString(Take(length));

    private void Object(int depth)
    {
        var (type, count) = Container();
        _writer.WriteStartObject();
        for (long i = 0; count < 0 || i < count; i++)
        {
            var marker = Marker();
            if (count < 0 && marker == '}')
                break;
            _writer.WritePropertyName(Text(Integer(marker)));
            Value(type != 0 ? type : Marker(), depth + 1);
        }

        _writer.WriteEndObject();
    }

    private void Array(int depth)
    {
        var (type, count) = Container();
        if (type is (byte)'T' or (byte)'F' or (byte)'Z' && count > _bytes.Length)
            throw Fault($"an array claims {count} values without content");
        _writer.WriteStartArray();
        for (long i = 0; count < 0 || i < count; i++)
        {
            var marker = type != 0 ? type : Marker();
            if (count < 0 && marker == ']')
                break;
            Value(marker, depth + 1);
        }

        _writer.WriteEndArray();
    }

    // "$type" and "#count" may follow the opening bracket; a type needs a count. Type 0 and count -1 mean "not given".
    private (byte Type, long Count) Container()
    {
        byte type = 0;
        if (Peek('$'))
            type = Take(1)[0];
        if (!Peek('#'))
            return type == 0 ? (type, -1) : throw Fault("a typed container has no count");
        var count = Integer(Marker());
        return count >= 0 ? (type, count) : throw Fault($"a count is {count}");
    }

    private bool Peek(char marker)
    {
        if (_at >= _bytes.Length || _bytes[_at] != marker)
            return false;
        _at++;
        return true;
    }
}

using System.Buffers.Binary;
using System.Text;

namespace StreamScorer.Forests;

/// <summary>
/// Reads the value kinds of a model file. Every length is checked against the bytes that are left before anything is
/// allocated for it, so a hostile file costs no more memory than a small multiple of its own size.
/// </summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes, string source)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Offset { get; private set; }

    public readonly int Left => _bytes.Length - Offset;

    public readonly ForestException Fault(string what) => new(
        $"Model file {source} is damaged at byte {Offset}: {what}. Restore it from a copy or train the model again.");

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > Left)
            throw Fault($"{count} bytes are needed and {Left} are left");
        Offset += count;
        return _bytes.Slice(Offset - count, count);
    }

    public byte Byte() => Bytes(1)[0];

    public bool Flag() => Byte() switch
    {
        0 => false,
        1 => true,
        var other => throw Fault($"a flag is {other}, not 0 or 1"),
    };

    public ulong Fixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8));

    public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Bytes(8));

    public double Finite(string what)
    {
        var value = Double();
        return double.IsFinite(value) ? value : throw Fault($"{what} is not a finite number");
    }

    public long Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 63; shift += 7)
        {
            var part = Byte();
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return (long)value;
        }

        throw Fault("a number has more than 9 bytes");
    }

    /// <summary>A number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public int Number(string what, int least, int most)
    {
        var value = Number();
        return value >= least && value <= most
            ? (int)value
            : throw Fault($"{what} is {value}, allowed are {least} to {most}");
    }

    /// <summary>A count of items that take at least <paramref name="bytesEach"/> bytes each.</summary>
    public int Count(string what, int bytesEach) => Number(what, 0, Left / bytesEach);

    public string Text()
    {
        var utf8 = Bytes(Count("the length of a text", 1));
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            throw Fault("a text is not UTF-8");
        }
    }

    public string[] Texts()
    {
        var texts = new string[Count("the number of texts", 1)];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = Text();
        return texts;
    }

    public double[] Doubles()
    {
        var values = new double[Count("the number of values", 8)];
        for (var i = 0; i < values.Length; i++)
            values[i] = Double();
        return values;
    }

    public long[] Numbers()
    {
        var values = new long[Count("the number of counts", 1)];
        for (var i = 0; i < values.Length; i++)
            values[i] = Number();
        return values;
    }
}

using System.Text;

namespace StreamScorer.Features;

/// <summary>
/// A growable buffer of UTF-8 text that many small strings of a micro-batch share, so that none of them is an object.
/// Slices stay valid until <see cref="Clear"/>; spans only until the next <see cref="Append"/>, which may move the buffer.
/// Used by one thread at a time.
/// </summary>
public sealed class Utf8Arena(int capacityBytes = 64 * 1024)
{
    private byte[] _bytes = new byte[Math.Max(capacityBytes, 16)];

    /// <summary>Bytes in use.</summary>
    public int LengthBytes { get; private set; }

    /// <summary>The bytes of a slice of this arena; empty for the null slice.</summary>
    public ReadOnlySpan<byte> Get(Utf8Slice slice) => slice.IsNull ? default : _bytes.AsSpan(slice.Start, slice.Length);

    /// <summary>The same bytes with all that stands behind them; not for the null slice.</summary>
    internal Utf8Text GetText(Utf8Slice slice) => new(_bytes, slice.Start, slice.Length);

    /// <summary>The same bytes for APIs that take no span; valid as long as a span would be.</summary>
    public ReadOnlyMemory<byte> GetMemory(Utf8Slice slice) => slice.IsNull ? default : _bytes.AsMemory(slice.Start, slice.Length);

    /// <summary>The text of a slice as a string, null for the null slice. Allocates: for people and for tests.</summary>
    public string? GetString(Utf8Slice slice) => slice.IsNull ? null : Encoding.UTF8.GetString(Get(slice));

    /// <summary>Copies the bytes in and says where they stand.</summary>
    public Utf8Slice Append(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(Reserve(utf8.Length));
        return Commit(utf8.Length);
    }

    /// <summary>Room for at least <paramref name="sizeBytes"/> bytes behind the last slice; <see cref="Commit"/> makes a slice of it.</summary>
    public Span<byte> Reserve(int sizeBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeBytes);
        if (sizeBytes > _bytes.Length - LengthBytes)
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(2L * _bytes.Length, (long)LengthBytes + sizeBytes)));
        return _bytes.AsSpan(LengthBytes);
    }

    /// <summary>Turns the first <paramref name="lengthBytes"/> bytes of the last reservation into a slice.</summary>
    public Utf8Slice Commit(int lengthBytes)
    {
        var slice = new Utf8Slice(LengthBytes, lengthBytes);
        LengthBytes += lengthBytes;
        return slice;
    }

    /// <summary>Forgets every slice that was appended after the arena had this many bytes.</summary>
    internal void Truncate(int lengthBytes) => LengthBytes = lengthBytes;

    /// <summary>Forgets every slice and keeps the buffer.</summary>
    public void Clear() => LengthBytes = 0;
}

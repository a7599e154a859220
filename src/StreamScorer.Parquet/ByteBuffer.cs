using System.Buffers;
using System.Runtime.CompilerServices;

namespace StreamScorer.Parquet;

/// <summary>A growing run of bytes in a pooled array. Offsets into it stay valid as it grows, spans do not.</summary>
internal sealed class ByteBuffer
{
    private byte[] _bytes = [];
    private int _length;

    /// <summary>Bytes written so far.</summary>
    public int Length => _length;

    /// <summary>The bytes written so far, valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>The bytes the pooled array holds room for.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>Forgets the contents, keeps the memory.</summary>
    public void Clear() => _length = 0;

    /// <summary>Cuts the contents to their first bytes.</summary>
    public void Truncate(int length) => _length = Math.Min(_length, length);

    /// <summary>Room for at least <paramref name="size"/> more bytes; <see cref="Advance"/> says how many were filled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> GetSpan(int size)
    {
        if (_bytes.Length - _length < size)
            Grow(size);
        return _bytes.AsSpan(_length);
    }

    /// <summary>Counts bytes filled in the span of <see cref="GetSpan"/> as written.</summary>
    public void Advance(int count) => _length += count;

    /// <summary>Appends one byte.</summary>
    public void Append(byte value)
    {
        GetSpan(1)[0] = value;
        _length++;
    }

    /// <summary>Appends bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        _length += bytes.Length;
    }

    /// <summary>Appends a number as an unsigned LEB128 varint, 1 to 10 bytes.</summary>
    public void AppendVarint(ulong value)
    {
        Span<byte> target = GetSpan(10);
        int count = 0;
        while (value >= 0x80)
        {
            target[count++] = (byte)(value | 0x80);
            value >>= 7;
        }
        target[count++] = (byte)value;
        _length += count;
    }

    /// <summary>Part of the contents, valid until the next write.</summary>
    public Span<byte> Slice(int start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)start + (uint)length, (uint)_length);
        return _bytes.AsSpan(start, length);
    }

    /// <summary>Gives the memory back to the pool; the buffer is empty then.</summary>
    public void ReturnMemory()
    {
        byte[] bytes = _bytes;
        _bytes = [];
        _length = 0;
        if (bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(bytes);
    }

    private void Grow(int size)
    {
        long needed = (long)_length + size;
        if (needed > Array.MaxLength)
            throw new ParquetException($"A buffer would pass {Array.MaxLength} bytes.");
        int doubled = (int)Math.Min(Array.MaxLength, Math.Max(needed, Math.Max(256L, _bytes.Length * 2L)));
        byte[] larger = ArrayPool<byte>.Shared.Rent(doubled);
        _bytes.AsSpan(0, _length).CopyTo(larger);
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}

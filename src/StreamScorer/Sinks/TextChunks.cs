using StreamScorer.Features;

namespace StreamScorer.Sinks;

/// <summary>
/// The texts of very many rows, in chunks that never move: growing copies nothing and takes no more than is needed, where
/// one growing buffer would take up to three times that while it grows. Chunks are kept for reuse.
/// </summary>
internal sealed class TextChunks
{
    // Longer than any text of an event, whose value has at most 1 MiB.
    private const int ChunkBits = 21;
    private const int ChunkBytes = 1 << ChunkBits;

    private readonly List<byte[]> _chunks = [];
    private int _current = -1;
    private int _used = ChunkBytes;

    /// <summary>Bytes in use, with what is left over at the ends of chunks.</summary>
    public long LengthBytes => _current < 0 ? 0 : ((long)_current << ChunkBits) + _used;

    /// <summary>Copies the bytes in and says where they stand.</summary>
    /// <exception cref="ArgumentException">The text is longer than a chunk (2 MiB).</exception>
    public Utf8Slice Append(ReadOnlySpan<byte> text)
    {
        // Before the first text there is no chunk, and an empty one needs none: a lead over HTTP may have no id.
        if (text.IsEmpty)
            return new Utf8Slice(0, 0);
        if (text.Length > ChunkBytes - _used)
            BeginChunk(text.Length);
        text.CopyTo(_chunks[_current].AsSpan(_used));
        var slice = new Utf8Slice((_current << ChunkBits) | _used, text.Length);
        _used += text.Length;
        return slice;
    }

    /// <summary>The bytes of a slice.</summary>
    public ReadOnlySpan<byte> Get(Utf8Slice slice) =>
        slice.Length == 0 ? default : _chunks[slice.Start >> ChunkBits].AsSpan(slice.Start & (ChunkBytes - 1), slice.Length);

    /// <summary>Forgets every slice and keeps the chunks.</summary>
    public void Clear() => (_current, _used) = (-1, ChunkBytes);

    private void BeginChunk(int length)
    {
        if (length > ChunkBytes || _current + 1 >= 1 << (31 - ChunkBits))
            throw new ArgumentException($"A text of {length} bytes does not fit behind {LengthBytes} others.", nameof(length));
        if (++_current == _chunks.Count)
            _chunks.Add(GC.AllocateUninitializedArray<byte>(ChunkBytes));
        _used = 0;
    }
}

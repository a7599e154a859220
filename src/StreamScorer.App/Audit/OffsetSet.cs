using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace StreamScorer.App.Audit;

/// <summary>
/// A set of offsets of one partition. Offsets are kept as bits in chunks of 65,536; a chunk that is full is replaced by
/// one shared marker. An account without faults is nearly all full chunks, so that a billion offsets need about one
/// megabyte, and never more than one bit per offset between the smallest and the largest. One thread at a time, for reading too.
/// </summary>
internal sealed class OffsetSet
{
    private const int ChunkBits = 16;
    private const int ChunkOffsets = 1 << ChunkBits;

    private static readonly Chunk Full = new(null) { Count = ChunkOffsets };

    private readonly Dictionary<long, Chunk> _chunks = [];

    // Offsets come in runs: nearly always the chunk is that of the offset before.
    private long _lastKey = -1;
    private Chunk _last = Full;

    /// <summary>How many offsets are in the set.</summary>
    public long Count { get; private set; }

    /// <summary>Adds an offset (0 or above). False when it was there already.</summary>
    public bool Add(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var key = offset >> ChunkBits;
        if (!TryGetChunk(key, out var chunk))
            Keep(key, chunk = new Chunk(new ulong[ChunkOffsets / 64]));
        var index = (int)(offset & (ChunkOffsets - 1));
        if (chunk.Words is null || chunk.Has(index))
            return false;
        chunk.Words[index >> 6] |= 1UL << (index & 63);
        Count++;
        if (++chunk.Count == ChunkOffsets)
            Keep(key, Full);
        return true;
    }

    /// <summary>Whether the offset is in the set.</summary>
    public bool Contains(long offset) =>
        TryGetChunk(offset >> ChunkBits, out var chunk) && chunk.Has((int)(offset & (ChunkOffsets - 1)));

    /// <summary>The offsets from <paramref name="start"/> up to, not including, <paramref name="end"/> that are absent, as runs.</summary>
    public IEnumerable<OffsetRun> Absent(long start, long end)
    {
        for (var from = Next(start, end, present: false); from < end;)
        {
            var to = Next(from, end, present: true);
            yield return new OffsetRun(from, to);
            from = Next(to, end, present: false);
        }
    }

    private bool TryGetChunk(long key, [NotNullWhen(true)] out Chunk? chunk)
    {
        if (key == _lastKey)
        {
            chunk = _last;
            return true;
        }

        if (!_chunks.TryGetValue(key, out chunk))
            return false;
        (_lastKey, _last) = (key, chunk);
        return true;
    }

    private void Keep(long key, Chunk chunk)
    {
        _chunks[key] = chunk;
        (_lastKey, _last) = (key, chunk);
    }

    /// <summary>The first offset at or after <paramref name="from"/> that is present (or absent); <paramref name="end"/> when none is below it.</summary>
    private long Next(long from, long end, bool present)
    {
        while (from < end)
        {
            var chunkEnd = ((from >> ChunkBits) + 1) << ChunkBits;
            var known = _chunks.TryGetValue(from >> ChunkBits, out var chunk);
            if (!known || chunk!.Words is null)
            {
                if (known == present)
                    return from;
                from = chunkEnd;
                continue;
            }

            var index = (int)(from & (ChunkOffsets - 1));
            var word = chunk.Words[index >> 6];
            var wanted = (present ? word : ~word) >> (index & 63);
            if (wanted != 0)
                return Math.Min(end, from + BitOperations.TrailingZeroCount(wanted));
            from += 64 - (index & 63);
        }

        return end;
    }

    private sealed class Chunk(ulong[]? words)
    {
        public int Count;

        /// <summary>One bit per offset; null when every bit is set.</summary>
        public ulong[]? Words { get; } = words;

        public bool Has(int index) => Words is null || ((Words[index >> 6] >> (index & 63)) & 1) != 0;
    }
}

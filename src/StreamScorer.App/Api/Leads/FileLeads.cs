namespace StreamScorer.App.Api.Leads;

/// <summary>
/// Which leads a checkpoint file may hold, by their 64-bit hashes: a Bloom filter of ten bits a row. One lead in a hundred that
/// is not there is said to be; one that is there is never denied.
/// </summary>
internal sealed class FileLeads
{
    private const int BitsPerRow = 10;
    private const uint Probes = 5;

    private readonly ulong[] _words;

    /// <summary>The filter of a file with so many rows; nothing is in it yet.</summary>
    public FileLeads(long rows) => _words = new ulong[(Math.Max(rows, 1) * BitsPerRow / 64) + 1];

    /// <summary>Memory that it takes.</summary>
    public long Bytes => _words.LongLength * sizeof(ulong);

    /// <summary>Adds a lead.</summary>
    public void Add(ulong hash)
    {
        for (var probe = 0u; probe < Probes; probe++)
        {
            var bit = Bit(hash, probe);
            _words[bit / 64] |= 1UL << (int)(bit % 64);
        }
    }

    /// <summary>Whether the lead may have been added. False is certain.</summary>
    public bool MayHold(ulong hash)
    {
        for (var probe = 0u; probe < Probes; probe++)
        {
            var bit = Bit(hash, probe);
            if ((_words[bit / 64] & (1UL << (int)(bit % 64))) == 0)
                return false;
        }

        return true;
    }

    // Two halves of the hash make all probes (Kirsch and Mitzenmacher, 2006); 32 bits are scaled to the filter's length.
    private ulong Bit(ulong hash, uint probe)
    {
        var mixed = unchecked((uint)hash + (probe * ((uint)(hash >> 32) | 1)));
        return (ulong)mixed * ((ulong)_words.Length * 64) >> 32;
    }
}

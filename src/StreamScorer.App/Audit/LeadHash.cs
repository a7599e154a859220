using System.Buffers.Binary;
using System.Security.Cryptography;

namespace StreamScorer.App.Audit;

/// <summary>
/// A 64-bit hash of a lead id, keyed anew for each audit, so that two ids which share a hash once do not share it in
/// the next run. Folded multiplication as in wyhash (Wang Yi, public domain).
/// </summary>
internal sealed class LeadHash
{
    private const ulong P0 = 0xa0761d6478bd642f;
    private const ulong P1 = 0xe7037ed1a0b428db;

    private readonly ulong _seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));

    /// <summary>The hash of a lead id's UTF-8 bytes; never 0, which marks empty slots.</summary>
    public ulong Of(ReadOnlySpan<byte> utf8)
    {
        var hash = _seed ^ P0;
        var rest = utf8;
        for (; rest.Length >= 16; rest = rest[16..])
        {
            hash = Fold(
                BinaryPrimitives.ReadUInt64LittleEndian(rest) ^ P1,
                BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]) ^ hash);
        }

        Span<byte> tail = stackalloc byte[16];
        tail.Clear();
        rest.CopyTo(tail);
        hash = Fold(
            BinaryPrimitives.ReadUInt64LittleEndian(tail) ^ P1,
            BinaryPrimitives.ReadUInt64LittleEndian(tail[8..]) ^ hash);
        hash = Fold(P1 ^ (ulong)utf8.Length, hash ^ P0);
        return hash == 0 ? P1 : hash;
    }

    /// <summary>Mixes an offset with the hash of the lead id that stands there.</summary>
    public static ulong At(long offset, ulong leadHash) => Fold((ulong)offset ^ P0, leadHash ^ P1);

    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}

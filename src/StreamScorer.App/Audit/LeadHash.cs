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
        for (; rest.Length > 16; rest = rest[16..])
        {
            hash = Fold(
                BinaryPrimitives.ReadUInt64LittleEndian(rest) ^ P1,
                BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]) ^ hash);
        }

        var (low, high) = Tail(rest);
        hash = Fold(low ^ P1, high ^ hash);
        hash = Fold(P1 ^ (ulong)utf8.Length, hash ^ P0);
        return hash == 0 ? P1 : hash;
    }

    /// <summary>Mixes an offset with the hash of the lead id that stands there.</summary>
    public static ulong At(long offset, ulong leadHash) => Fold((ulong)offset ^ P0, leadHash ^ P1);

    /// <summary>
    /// Up to 16 bytes in two words that overlap where there are fewer: together with the length, which is hashed too, they
    /// say every byte.
    /// </summary>
    private static (ulong Low, ulong High) Tail(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        >= 8 => (BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[^8..])),
        >= 4 => (BinaryPrimitives.ReadUInt32LittleEndian(bytes), BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..])),
        > 0 => (((ulong)bytes[0] << 16) | ((ulong)bytes[bytes.Length / 2] << 8) | bytes[^1], 0),
        _ => (0, 0),
    };

    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}

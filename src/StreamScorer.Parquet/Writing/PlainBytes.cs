using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace StreamScorer.Parquet.Writing;

/// <summary>Byte strings as PLAIN pages hold them: four bytes of length, then the bytes.</summary>
internal static class PlainBytes
{
    /// <summary>The string whose length stands at <paramref name="start"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> At(ReadOnlySpan<byte> plain, int start) =>
        plain.Slice(start + 4, BinaryPrimitives.ReadInt32LittleEndian(plain[start..]));

    /// <summary>Appends a string.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Append(ByteBuffer target, ReadOnlySpan<byte> value)
    {
        Span<byte> room = target.GetSpan(checked(value.Length + 4));
        BinaryPrimitives.WriteInt32LittleEndian(room, value.Length);
        value.CopyTo(room[4..]);
        target.Advance(value.Length + 4);
    }
}

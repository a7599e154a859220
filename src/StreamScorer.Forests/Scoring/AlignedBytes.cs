using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamScorer.Forests;

/// <summary>
/// Bytes that begin at a multiple of 64, as the widest registers like them, and that the collector never moves.
/// </summary>
internal sealed class AlignedBytes
{
    private const int Alignment = 64;

    private readonly byte[] _bytes;
    private readonly int _start;

    public unsafe AlignedBytes(int length)
    {
        _bytes = GC.AllocateArray<byte>(length + Alignment - 1, pinned: true);
        Length = length;
        var address = (nuint)Address(_bytes);
        _start = (int)(((address + Alignment - 1) & ~(nuint)(Alignment - 1)) - address);
    }

    public int Length { get; }

    public Span<byte> Span => _bytes.AsSpan(_start, Length);

    /// <summary>Valid as long as this object is reachable.</summary>
    public unsafe byte* Pointer => Address(_bytes) + _start;

    private static unsafe byte* Address(byte[] bytes) =>
        (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(bytes));
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamScorer.Forests;

/// <summary>
/// Takes each of 64 rows' code from a column of the row's own: with every bit of the column's number half of the columns drop
/// out, 16 columns at a time. Made anew for each tree, so that it stays in registers.
/// </summary>
internal readonly struct ColumnChoice
{
    private const int Register = RowCoder.BlockRows;
    private const int Group = RowCoder.ColumnGroup;

    // For each of the four low bits of a column: all bits set where it is 1, by the column's six low bits.
    private static readonly AlignedBytes Masks = CreateMasks();

    private readonly Vector512<byte> _bit0;
    private readonly Vector512<byte> _bit1;
    private readonly Vector512<byte> _bit2;
    private readonly Vector512<byte> _bit3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe ColumnChoice(byte* masks)
    {
        _bit0 = Vector512.LoadAligned(masks);
        _bit1 = Vector512.LoadAligned(masks + Register);
        _bit2 = Vector512.LoadAligned(masks + (2 * Register));
        _bit3 = Vector512.LoadAligned(masks + (3 * Register));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe ColumnChoice Create() => new(Masks.Pointer);

    /// <param name="column">Of each row.</param>
    /// <param name="block">A block of codes.</param>
    /// <param name="groups">Groups of 16 columns that the block has.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe Vector512<byte> CodesIn(Vector512<byte> column, byte* block, int groups)
    {
        var bit0 = Avx512Vbmi.PermuteVar64x8(_bit0, column);
        var bit1 = Avx512Vbmi.PermuteVar64x8(_bit1, column);
        var bit2 = Avx512Vbmi.PermuteVar64x8(_bit2, column);
        var bit3 = Avx512Vbmi.PermuteVar64x8(_bit3, column);
        var codes = OfSixteen(block, bit0, bit1, bit2, bit3);
        for (var group = 1; group < groups; group++)
        {
            var isHere = Vector512.Equals(
                column & Vector512.Create((byte)(256 - Group)), Vector512.Create((byte)(group * Group)));
            codes = Vector512.ConditionalSelect(
                isHere, OfSixteen(block + (group * Group * Register), bit0, bit1, bit2, bit3), codes);
        }

        return codes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector512<byte> OfSixteen(
        byte* columns, Vector512<byte> bit0, Vector512<byte> bit1, Vector512<byte> bit2, Vector512<byte> bit3) =>
        Vector512.ConditionalSelect(
            bit3,
            Vector512.ConditionalSelect(
                bit2, OfFour(columns + (12 * Register), bit0, bit1), OfFour(columns + (8 * Register), bit0, bit1)),
            Vector512.ConditionalSelect(
                bit2, OfFour(columns + (4 * Register), bit0, bit1), OfFour(columns, bit0, bit1)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector512<byte> OfFour(byte* columns, Vector512<byte> bit0, Vector512<byte> bit1) =>
        Vector512.ConditionalSelect(
            bit1,
            Vector512.ConditionalSelect(
                bit0, Vector512.LoadAligned(columns + (3 * Register)), Vector512.LoadAligned(columns + (2 * Register))),
            Vector512.ConditionalSelect(
                bit0, Vector512.LoadAligned(columns + Register), Vector512.LoadAligned(columns)));

    private static AlignedBytes CreateMasks()
    {
        var masks = new AlignedBytes(4 * Register);
        for (var at = 0; at < masks.Length; at++)
            masks.Span[at] = (at % Register >> (at / Register) & 1) == 0 ? byte.MinValue : byte.MaxValue;
        return masks;
    }
}

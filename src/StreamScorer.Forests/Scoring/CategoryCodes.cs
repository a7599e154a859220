using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamScorer.Forests;

/// <summary>
/// One code column of a categorical feature. The category sets of its splits form a chain, each contained in the next; a
/// category's code is the number of sets that lack it, so that "not in set k" is "code above k".
/// </summary>
/// <param name="Column">Where the codes go.</param>
/// <param name="CodeOfCategory">By category code; the last entry is for a missing value.</param>
internal readonly record struct CategoryColumn(int Column, byte[] CodeOfCategory);

/// <summary>Codes of one categorical feature of <paramref name="categoryCount"/> categories.</summary>
internal sealed class CategoryCodes(int feature, int categoryCount, IReadOnlyList<CategoryColumn> columns)
{
    private readonly CategoryColumn[] _columns = [.. columns];

    // Where the processor looks up 64 bytes at once and the tables fit into one register, by column.
    private readonly Vector512<byte>[]? _registers = Avx512Vbmi.IsSupported && categoryCount < Vector512<byte>.Count
        ? [.. columns.Select(column => Register(column.CodeOfCategory))]
        : null;

    public void Encode(ReadOnlySpan<double> rows, int stride, int count, Span<byte> codes)
    {
        Span<int> categories = stackalloc int[RowCoder.BlockRows];
        for (var row = 0; row < count; row++)
        {
            var value = rows[(row * stride) + feature];
            categories[row] = double.IsNaN(value) ? categoryCount : DecisionTree.CategoryCode(value, categoryCount);
        }

        if (_registers is not null && count >= RowCoder.BlockRows / 4)
            WriteBlock(_registers, categories, codes);
        else
            WriteEach(categories[..count], codes);
    }

    private void WriteEach(ReadOnlySpan<int> categories, Span<byte> codes)
    {
        foreach (var column in _columns)
        {
            var target = codes.Slice(column.Column * RowCoder.BlockRows, categories.Length);
            for (var row = 0; row < target.Length; row++)
                target[row] = column.CodeOfCategory[categories[row]];
        }
    }

    // The same, 64 rows at once; those behind the last row get some code too.
    private void WriteBlock(Vector512<byte>[] registers, ReadOnlySpan<int> categories, Span<byte> codes)
    {
        var parts = MemoryMarshal.Cast<int, Vector512<int>>(categories);
        var low = Vector512.Narrow(parts[0], parts[1]);
        var high = Vector512.Narrow(parts[2], parts[3]);
        var indices = Vector512.Narrow(low, high).AsByte();
        var target = MemoryMarshal.Cast<byte, Vector512<byte>>(codes);
        for (var i = 0; i < registers.Length; i++)
            target[_columns[i].Column] = Avx512Vbmi.PermuteVar64x8(registers[i], indices);
    }

    private static Vector512<byte> Register(byte[] table)
    {
        Span<byte> padded = stackalloc byte[Vector512<byte>.Count];
        table.CopyTo(padded);
        return Vector512.Create<byte>(padded);
    }
}

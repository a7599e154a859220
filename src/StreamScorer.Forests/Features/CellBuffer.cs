using System.Text;

namespace StreamScorer.Forests;

/// <summary>One reused buffer that shows text cells as UTF-8, the form in which features look values up.</summary>
internal sealed class CellBuffer
{
    private byte[] _bytes = new byte[256];

    /// <summary>Valid until the next call; empty for null.</summary>
    public ReadOnlySpan<byte> Utf8(string? cell)
    {
        if (cell is null)
            return [];
        var most = Encoding.UTF8.GetMaxByteCount(cell.Length);
        if (_bytes.Length < most)
            _bytes = new byte[most];
        return _bytes.AsSpan(0, Encoding.UTF8.GetBytes(cell, _bytes));
    }

    /// <summary>At most 40 characters of a cell, for error messages.</summary>
    public static string Shorten(string cell) => cell.Length <= 40 ? cell : string.Concat(cell.AsSpan(0, 39), "…");
}

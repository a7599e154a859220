using System.Buffers;

namespace StreamScorer.Forests;

/// <summary>XGBoost writes NaN and Infinity as bare words, which JSON does not know; they become null.</summary>
internal static class BareNumbers
{
    private static readonly byte[][] Words =
        ["-Infinity"u8.ToArray(), "Infinity"u8.ToArray(), "-NaN"u8.ToArray(), "NaN"u8.ToArray()];

    /// <summary>The same memory when there are none, which is the rule.</summary>
    public static ReadOnlyMemory<byte> ToNull(ReadOnlyMemory<byte> json)
    {
        var from = json.Span;
        if (from.IndexOf("NaN"u8) < 0 && from.IndexOf("Infinity"u8) < 0)
            return json;
        var to = new ArrayBufferWriter<byte>(json.Length + 1024);
        var inText = false;
        var copied = 0;
        for (var at = 0; at < from.Length; at++)
        {
            if (inText && from[at] == '\\')
                at++;
            else if (from[at] == '"')
                inText = !inText;
            else if (!inText && WordLength(from[at..]) is > 0 and var length)
            {
                to.Write(from[copied..at]);
                to.Write("null"u8);
                copied = at + length;
                at = copied - 1;
            }
        }

        to.Write(from[copied..]);
        return to.WrittenMemory;
    }

    private static int WordLength(ReadOnlySpan<byte> rest)
    {
        if (rest[0] is not ((byte)'-' or (byte)'I' or (byte)'N'))
            return 0;
        foreach (var word in Words)
        {
            if (rest.StartsWith(word))
                return word.Length;
        }

        return 0;
    }
}

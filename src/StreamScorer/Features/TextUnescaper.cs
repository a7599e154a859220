namespace StreamScorer.Features;

/// <summary>
/// The texts that string tokens stand for: the event's own bytes where nothing is escaped, else scratch that the next
/// call overwrites. One thread at a time; allocates only to grow.
/// </summary>
internal sealed class TextUnescaper
{
    private byte[] _scratch = new byte[256];

    /// <summary>The text of a token under the cursor; false where it has half a surrogate pair in it.</summary>
    public bool TryGet(ref JsonCursor cursor, JsonText token, out Utf8Text text)
    {
        text = cursor.Text(token);
        if (!token.Escaped)
            return true;
        var found = TryGet(text.Span, true, out var unescaped);
        text = Utf8Text.Whole(unescaped);
        return found;
    }

    /// <summary>The text of the content of a string token; false where it has half a surrogate pair in it.</summary>
    public bool TryGet(ReadOnlySpan<byte> raw, bool escaped, out ReadOnlySpan<byte> text)
    {
        text = raw;
        if (!escaped)
            return true;
        if (_scratch.Length < raw.Length)
            _scratch = new byte[raw.Length * 2];
        var length = JsonEscape.Unescape(raw, _scratch);
        text = _scratch.AsSpan(0, Math.Max(length, 0));
        return length >= 0;
    }
}

namespace StreamScorer.Features;

/// <summary>
/// A CloudEvents 1.0 envelope in structured mode: the event stands in <c>data</c>, its id and time beside it. Other
/// attributes and extensions are the envelope's own business and are passed over.
/// </summary>
internal ref struct CloudEventEnvelope
{
    /// <summary>The event: a JSON object, or whatever else stands there, or empty where there is no data.</summary>
    public ReadOnlySpan<byte> Data;

    /// <summary>Raw content of <c>id</c> and whether it has escapes.</summary>
    public JsonText? Id;

    /// <summary>Raw content of <c>time</c> and whether it has escapes.</summary>
    public JsonText? Time;

    /// <summary>
    /// Whether a grammatical JSON object is such an envelope: <c>specversion</c> is a string, and there is <c>data</c> or
    /// <c>data_base64</c>. Not on the hot path: called when an event has the name <c>specversion</c> or is bad.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> json, int maxDepth, out CloudEventEnvelope envelope)
    {
        envelope = default;
        var cursor = new JsonCursor(Utf8Text.Whole(json), maxDepth);
        if (!cursor.TryTake((byte)'{'))
            return false;
        var hasVersion = false;
        var hasData = false;
        do
        {
            if (cursor.PeekToken() != '"' || !cursor.TryReadString(out var name) || !cursor.TryTake((byte)':'))
                return false;
            var isText = cursor.PeekToken() == '"';
            var start = cursor.Position;
            if (!cursor.TrySkipValue(1))
                return false;
            var value = json[start..cursor.Position];
            JsonText? text = isText ? new JsonText(start + 1, value.Length - 2, value.Contains((byte)'\\')) : null;
            switch (cursor.Text(name).Span)
            {
                case var key when key.SequenceEqual("specversion"u8):
                    hasVersion = isText;
                    break;
                case var key when key.SequenceEqual("data"u8):
                    envelope.Data = value;
                    hasData = true;
                    break;
                case var key when key.SequenceEqual("data_base64"u8):
                    hasData = true;
                    break;
                case var key when key.SequenceEqual("id"u8):
                    envelope.Id = text;
                    break;
                case var key when key.SequenceEqual("time"u8):
                    envelope.Time = text;
                    break;
            }
        }
        while (cursor.TryTake((byte)','));

        return hasVersion && hasData && cursor.TryTake((byte)'}') && cursor.AtEnd();
    }
}

namespace StreamScorer.Features;

/// <summary>The fields of a scoring request around its leads.</summary>
internal enum RequestField
{
    Unknown,
    RequestId,
    Leads,
    Options,
    Reasons,
    Model,
}

/// <summary>
/// Reads what a scoring request says beside its leads: <c>request_id</c> and <c>options</c>. Reused from request to
/// request, allocates only for faults.
/// </summary>
internal sealed class RequestFields(TextUnescaper unescaper, Utf8Arena texts)
{
    private const int MostIdBytes = 128;

    private int _seen;

    /// <summary>The caller's id of the request.</summary>
    public Utf8Slice RequestId { get; private set; }

    /// <summary>The model asked for.</summary>
    public Utf8Slice ModelName { get; private set; }

    /// <summary>Whether reasons are asked for.</summary>
    public bool WantsReasons { get; private set; }

    /// <summary>Forgets the last request.</summary>
    public void Clear()
    {
        _seen = 0;
        RequestId = ModelName = Utf8Slice.Null;
        WantsReasons = false;
    }

    /// <summary>Whether the request named the field.</summary>
    public bool Has(RequestField field) => (_seen & (1 << (int)field)) != 0;

    /// <summary>Notes a field; false where it was named before.</summary>
    public bool TryMark(RequestField field)
    {
        var first = !Has(field);
        _seen |= 1 << (int)field;
        return first;
    }

    /// <summary>A field of the request by its name.</summary>
    public static RequestField Find(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("leads"u8) ? RequestField.Leads
        : name.SequenceEqual("request_id"u8) ? RequestField.RequestId
        : name.SequenceEqual("options"u8) ? RequestField.Options
        : RequestField.Unknown;

    /// <summary>Reads <c>request_id</c> or <c>options</c>; wrong values are noted in <paramref name="faults"/> where given, and passed over.</summary>
    public bool TryRead(ref JsonCursor cursor, RequestField field, List<RequestFault>? faults)
    {
        if (field == RequestField.Options)
            return TryReadOptions(ref cursor, faults);
        if (!TryReadText(ref cursor, 1, out var text, out var isText))
            return false;
        RequestId = text;
        return isText || Refuse(faults, "$.request_id", "wrong_type", "Takes text of at most 128 bytes, or null.");
    }

    /// <summary>The fault of a field that occurs twice.</summary>
    public static RequestFault Duplicate(RequestField field) => RequestFaultText.Value(Path(field), "duplicate_name", "The name occurs twice.");

    private bool TryReadOptions(ref JsonCursor cursor, List<RequestFault>? faults)
    {
        var first = cursor.PeekToken();
        if (first == 'n')
            return cursor.TryReadLiteral("null"u8);
        if (first != '{')
            return Refuse(faults, "$.options", "wrong_type", "Takes an object, or null.") && cursor.TrySkipValue(1);
        cursor.Position++;
        if (cursor.PeekToken() == '}')
            return cursor.TryTake((byte)'}');
        while (true)
        {
            if (cursor.PeekToken() != '"')
                return cursor.Fail();
            if (!cursor.TryReadString(out var name) || !cursor.TryTake((byte)':') || !TryReadOption(ref cursor, name, faults))
                return false;
            if (cursor.PeekToken() == '}')
                return cursor.TryTake((byte)'}');
            if (!cursor.TryTake((byte)','))
                return false;
        }
    }

    private bool TryReadOption(ref JsonCursor cursor, JsonText name, List<RequestFault>? faults)
    {
        var text = cursor.Text(name).Span;
        var option = text.SequenceEqual("reasons"u8) ? RequestField.Reasons
            : text.SequenceEqual("model"u8) ? RequestField.Model
            : RequestField.Unknown;
        if (option == RequestField.Unknown)
        {
            return Refuse(faults, "$.options", "unknown_option", "Known options are reasons and model.") && cursor.TrySkipValue(2);
        }

        if (!TryMark(option))
            return RefuseDuplicate(faults, option) && cursor.TrySkipValue(2);
        if (option == RequestField.Reasons)
            return TryReadReasons(ref cursor, faults);
        if (!TryReadText(ref cursor, 2, out var model, out var isText))
            return false;
        ModelName = model;
        return isText || Refuse(faults, "$.options.model", "wrong_type", "Takes the name of a model, or null.");
    }

    private bool TryReadReasons(ref JsonCursor cursor, List<RequestFault>? faults)
    {
        var first = cursor.PeekToken();
        WantsReasons = first == 't';
        return first switch
        {
            (byte)'t' => cursor.TryReadLiteral("true"u8),
            (byte)'f' => cursor.TryReadLiteral("false"u8),
            (byte)'n' => cursor.TryReadLiteral("null"u8),
            _ => Refuse(faults, "$.options.reasons", "wrong_type", "Takes true or false, or null.") && cursor.TrySkipValue(2),
        };
    }

    // False where the grammar is broken. A value that is no such text is passed over.
    private bool TryReadText(ref JsonCursor cursor, int depth, out Utf8Slice slice, out bool isText)
    {
        slice = Utf8Slice.Null;
        isText = true;
        var first = cursor.PeekToken();
        if (first == 'n')
            return cursor.TryReadLiteral("null"u8);
        if (first != '"')
        {
            isText = false;
            return cursor.TrySkipValue(depth);
        }

        if (!cursor.TryReadString(out var token))
            return false;
        isText = unescaper.TryGet(ref cursor, token, out var text) && text.Length <= MostIdBytes && !text.Span.Contains((byte)0);
        if (isText)
            slice = texts.Append(text.Span);
        return true;
    }

    private static bool RefuseDuplicate(List<RequestFault>? faults, RequestField field)
    {
        faults?.Add(Duplicate(field));
        return faults is not null;
    }

    private static bool Refuse(List<RequestFault>? faults, string path, string code, string detail)
    {
        faults?.Add(RequestFaultText.Value(path, code, detail));
        return faults is not null;
    }

    private static string Path(RequestField field) => field switch
    {
        RequestField.RequestId => "$.request_id",
        RequestField.Leads => "$.leads",
        RequestField.Options => "$.options",
        RequestField.Reasons => "$.options.reasons",
        _ => "$.options.model",
    };
}

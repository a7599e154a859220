using System.Text.Unicode;
using StreamScorer.Forests;

namespace StreamScorer.Features;

/// <summary>
/// Turns the body of a scoring request into feature rows, straight from its bytes and with the same reader as the stream's:
/// <c>{"request_id":…, "leads":[{"lead_id":…, features…, "custom_features":{features…}}], "options":{"reasons":…,"model":…}}</c>,
/// or one lead alone. Nothing is allocated for a good request once the buffers have grown. Reuses its buffers: one thread at
/// a time. A bad request is read again by <see cref="FindFaults"/>, which takes its time and finds everything.
/// </summary>
public sealed class LeadRequestDecoder
{
    /// <summary>Deepest nesting of a request, itself counted.</summary>
    public const int MaxDepth = 32;

    /// <summary>Most faults that are listed; a person mends no more at once.</summary>
    public const int MostFaults = 100;

    private readonly FeatureSchema _schema;
    private readonly EventReader _reader;
    private readonly EventRules _rules;
    private readonly RequestFields _fields;
    private readonly int _mostLeads;
    private double[] _rows = [];
    private LeadAttributes[] _leads = [];
    private DecodedEvent _decoded;
    private List<RequestFault>? _faults;
    private bool _skipsLeads;

    /// <summary>A decoder for requests to a model.</summary>
    /// <param name="schema">Features, null tokens and categories.</param>
    /// <param name="mostLeads">Most leads in one request, 1 or more.</param>
    /// <param name="clock">Tells which event times lie too far ahead; null takes the system's.</param>
    public LeadRequestDecoder(FeatureSchema schema, int mostLeads = 500, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentOutOfRangeException.ThrowIfLessThan(mostLeads, 1);
        _schema = schema;
        _mostLeads = mostLeads;
        _reader = new EventReader(schema, MaxDepth, FieldNaming.Api);
        _rules = new EventRules(new EventDecoderOptions(), clock ?? TimeProvider.System);
        _fields = new RequestFields(_reader.Texts, Texts);
    }

    /// <summary>Leads read.</summary>
    public int Count { get; private set; }

    /// <summary>The leads' feature rows, <see cref="Count"/> × schema count doubles.</summary>
    public ReadOnlySpan<double> Rows => _rows.AsSpan(0, Count * _schema.Count);

    /// <summary>What else the leads say; slices point into <see cref="Texts"/>.</summary>
    public ReadOnlySpan<LeadAttributes> Leads => _leads.AsSpan(0, Count);

    /// <summary>Unescaped texts of the request.</summary>
    public Utf8Arena Texts { get; } = new(4096);

    /// <summary>The caller's id of the request; null where it has none.</summary>
    public Utf8Slice RequestId => _fields.RequestId;

    /// <summary>The model that is asked for; null: the endpoint's own.</summary>
    public Utf8Slice ModelName => _fields.ModelName;

    /// <summary>Whether reasons are asked for.</summary>
    public bool WantsReasons => _fields.WantsReasons;

    /// <summary>Reads a request of many leads. False: <see cref="FindFaults"/> says why.</summary>
    public bool TryDecode(ReadOnlySpan<byte> body) => Decode(body, isLead: false, faults: null);

    /// <summary>Reads a body that is one lead. False: <see cref="FindFaults"/> says why.</summary>
    public bool TryDecodeLead(ReadOnlySpan<byte> body) => Decode(body, isLead: true, faults: null);

    /// <summary>Everything that is wrong with a body, at most <see cref="MostFaults"/>; nothing where all is well.</summary>
    /// <param name="body">The body.</param>
    /// <param name="isLead">Whether it is one lead rather than a request of many.</param>
    public IReadOnlyList<RequestFault> FindFaults(ReadOnlySpan<byte> body, bool isLead)
    {
        var faults = new List<RequestFault>();
        _reader.Faults = [];
        try
        {
            Decode(body, isLead, faults);
        }
        finally
        {
            _reader.Faults = null;
        }

        return faults.Count <= MostFaults ? faults : faults.GetRange(0, MostFaults);
    }

    /// <summary>The model that a request names, whatever its leads look like; null where it names none that can be read.</summary>
    public string? FindModelName(ReadOnlySpan<byte> body)
    {
        _skipsLeads = true;
        Decode(body, isLead: false, faults: null);
        _skipsLeads = false;
        return Texts.GetString(ModelName);
    }

    private bool Decode(ReadOnlySpan<byte> body, bool isLead, List<RequestFault>? faults)
    {
        _faults = faults;
        Count = 0;
        Texts.Clear();
        _fields.Clear();
        var cursor = new JsonCursor(Utf8Text.Whole(body), MaxDepth);
        if (!Utf8.IsValid(body))
            cursor.Fault = BadRecordReason.InvalidUtf8;
        else if ((isLead ? TryReadLead(ref cursor, 1) : TryReadRequest(ref cursor)) && cursor.AtEnd())
            return faults is null or { Count: 0 };
        if (cursor.Fault != BadRecordReason.None)
            faults?.Add(RequestFaultText.Malformed(PathNow(isLead), cursor.Fault, cursor.Position));
        return false;
    }

    private bool TryReadRequest(ref JsonCursor cursor)
    {
        if (cursor.PeekToken() != '{')
            return cursor.TrySkipValue(0) && cursor.AtEnd() && cursor.Fail(BadRecordReason.NotAnObject);
        cursor.Position++;
        if (cursor.PeekToken() == '}')
            return cursor.TryTake((byte)'}') && NeedsLeads();
        while (true)
        {
            if (cursor.PeekToken() != '"')
                return cursor.Fail();
            if (!cursor.TryReadString(out var name) || !cursor.TryTake((byte)':') || !TryReadField(ref cursor, name))
                return false;
            if (cursor.PeekToken() == '}')
                return cursor.TryTake((byte)'}') && NeedsLeads();
            if (!cursor.TryTake((byte)','))
                return false;
        }
    }

    private bool TryReadField(ref JsonCursor cursor, JsonText name)
    {
        var field = RequestFields.Find(cursor.Text(name).Span);
        if (field == RequestField.Unknown)
            return cursor.TrySkipValue(1);
        if (!_fields.TryMark(field))
            return Refuse(RequestFields.Duplicate(field)) && cursor.TrySkipValue(1);
        if (field == RequestField.Leads)
            return _skipsLeads ? cursor.TrySkipValue(1) : TryReadLeads(ref cursor);
        return _fields.TryRead(ref cursor, field, _faults);
    }

    private bool TryReadLeads(ref JsonCursor cursor)
    {
        if (cursor.PeekToken() != '[')
            return Refuse(WrongLeads("wrong_type")) && cursor.TrySkipValue(1);
        cursor.Position++;
        if (cursor.PeekToken() == ']')
            return cursor.TryTake((byte)']') && Refuse(WrongLeads("too_few_leads"));
        while (true)
        {
            if (Count == _mostLeads)
            {
                _faults?.Add(new RequestFault(
                    RequestFaultKind.TooManyLeads, "$.leads", "too_many_leads", $"A request has at most {_mostLeads} leads."));
                return false;
            }

            if (!TryReadLead(ref cursor, 3))
                return false;
            if (cursor.PeekToken() == ']')
                return cursor.TryTake((byte)']');
            if (!cursor.TryTake((byte)','))
                return false;
        }
    }

    private bool TryReadLead(ref JsonCursor cursor, int depth)
    {
        if (Count == _leads.Length)
            Grow();
        _decoded.Reset(keyMissing: false);
        var row = _rows.AsSpan(Count * _schema.Count, _schema.Count);
        if (!_reader.TryRead(ref cursor, depth, row, ref _decoded))
        {
            if (_decoded.Reason != BadRecordReason.NotAnObject || depth == 1 || !Refuse(NoObject()))
                return false;
            cursor.Fault = BadRecordReason.None;
        }

        ref var lead = ref _leads[Count];
        lead = default;
        if (!TryTakeIds(ref cursor, ref lead))
            return false;
        lead.OccurredAtMicros = _reader.Own.HasOccurredAt && _rules.IsPlausible(_reader.Own.OccurredAtMicros)
            ? _reader.Own.OccurredAtMicros
            : DecodedEvent.NoTime;
        _reader.SetAges(row, lead.OccurredAtMicros);
        lead.FeaturesUsed = CountPresent(row);
        ListFieldFaults(depth == 1);
        Count++;
        return true;
    }

    private bool TryTakeIds(ref JsonCursor cursor, ref LeadAttributes lead)
    {
        lead.LeadId = lead.EventId = Utf8Slice.Null;
        if (_reader.Own.LeadId is { } leadId)
        {
            if (_reader.Texts.TryGet(ref cursor, leadId, out var text) && _rules.IsLeadId(text.Span))
                lead.LeadId = Texts.Append(text.Span);
            else if (!RefuseField(BadRecordReason.InvalidLeadId, EventFault.LeadIdField))
                return false;
        }

        if (_reader.Own.EventId is { } eventId)
        {
            if (_reader.Texts.TryGet(ref cursor, eventId, out var text) && !text.Span.Contains((byte)0))
                lead.EventId = Texts.Append(text.Span);
            else if (!RefuseField(BadRecordReason.InvalidEventId, EventFault.EventIdField))
                return false;
        }

        return true;
    }

    private bool RefuseField(BadRecordReason reason, EventFault field)
    {
        _reader.Faults?.Add(new FieldFault(-1, reason, field, false));
        return _reader.Faults is not null;
    }

    private void ListFieldFaults(bool isLead)
    {
        if (_reader.Faults is not { Count: > 0 } fields)
            return;
        foreach (var fault in fields.Take(MostFaults))
            Refuse(RequestFaultText.Field(_schema, isLead ? "$" : LeadPath(Count), fault));
        fields.Clear();
    }

    private bool NeedsLeads() => _fields.Has(RequestField.Leads) || Refuse(WrongLeads("missing_leads"));

    // True where faults are collected: reading goes on. Past the limit they are only counted as one more.
    private bool Refuse(RequestFault fault)
    {
        if (_faults is { Count: <= MostFaults })
            _faults.Add(fault);
        return _faults is not null;
    }

    private RequestFault WrongLeads(string code) =>
        RequestFaultText.Value("$.leads", code, $"Takes an array of 1 to {_mostLeads} lead objects.");

    private RequestFault NoObject() => RequestFaultText.Value(LeadPath(Count), "not_an_object", "A lead is a JSON object.");

    private string PathNow(bool isLead) => isLead || !_fields.Has(RequestField.Leads) ? "$" : LeadPath(Count);

    private static string LeadPath(int lead) => FormattableString.Invariant($"$.leads[{lead}]");

    private static int CountPresent(ReadOnlySpan<double> row)
    {
        var present = 0;
        foreach (var value in row)
            present += double.IsNaN(value) ? 0 : 1;
        return present;
    }

    private void Grow()
    {
        var size = Math.Min(_mostLeads, Math.Max(16, _leads.Length * 2));
        Array.Resize(ref _leads, size);
        Array.Resize(ref _rows, size * _schema.Count);
    }
}

/// <summary>What a lead of a request says beside its features.</summary>
public struct LeadAttributes
{
    /// <summary>The lead's id; null where it has none.</summary>
    public Utf8Slice LeadId;

    /// <summary>The event's id; null where it has none.</summary>
    public Utf8Slice EventId;

    /// <summary>Microseconds since 1970 UTC; <see cref="DecodedEvent.NoTime"/> where absent or implausible.</summary>
    public long OccurredAtMicros;

    /// <summary>How many features of the model have a value.</summary>
    public int FeaturesUsed;
}

namespace StreamScorer.Features;

/// <summary>What kind of answer a faulty request deserves.</summary>
public enum RequestFaultKind
{
    /// <summary>The body is not the JSON that a request is made of.</summary>
    Malformed,

    /// <summary>The body has more leads than a request may have.</summary>
    TooManyLeads,

    /// <summary>The body is well formed; a value in it is not allowed.</summary>
    Value,
}

/// <summary>One fault of a scoring request. Names places and rules, never a value of the request.</summary>
/// <param name="Kind">What kind of answer it deserves.</param>
/// <param name="Path">JSON path (RFC 9535) of the value at fault, such as <c>$.leads[3].total_visits</c>.</param>
/// <param name="Code">A short name that programs can rely on, such as <c>wrong_type</c>.</param>
/// <param name="Detail">One sentence for a person.</param>
public sealed record RequestFault(RequestFaultKind Kind, string Path, string Code, string Detail);

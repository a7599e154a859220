namespace StreamScorer.App.Api.Problems;

/// <summary>The kinds of problems that the API answers with; programs tell them apart by code.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The last part of the problem's type; never renamed.</param>
/// <param name="Title">The same in words, equal for every occurrence.</param>
internal sealed record ProblemKind(int Status, string Code, string Title)
{
    public static readonly ProblemKind Malformed = new(400, "malformed", "The request cannot be read");
    public static readonly ProblemKind NoKey = new(401, "no-key", "A valid API key is needed");
    public static readonly ProblemKind WrongScope = new(403, "wrong-scope", "The API key does not allow this");
    public static readonly ProblemKind NotFound = new(404, "not-found", "There is no such thing here");
    public static readonly ProblemKind WrongMethod = new(405, "wrong-method", "The method is not allowed here");
    public static readonly ProblemKind Timeout = new(408, "timeout", "The request took too long to arrive");
    public static readonly ProblemKind Conflict = new(409, "conflict", "That cannot be done now");
    public static readonly ProblemKind TooLarge = new(413, "too-large", "The request is too large");
    public static readonly ProblemKind WrongMediaType = new(415, "wrong-media-type", "The media type of the body is not supported");
    public static readonly ProblemKind InvalidValues = new(422, "invalid-values", "Values of the request are not allowed");
    public static readonly ProblemKind TooManyRequests = new(429, "too-many-requests", "The key's rate limit is reached");
    public static readonly ProblemKind Internal = new(500, "internal", "The request failed inside the service");
    public static readonly ProblemKind NotReady = new(503, "not-ready", "The service cannot answer now");

    /// <summary>The kind for a status that a lower layer has chosen.</summary>
    public static ProblemKind Of(int status) => status switch
    {
        401 => NoKey,
        403 => WrongScope,
        404 => NotFound,
        405 => WrongMethod,
        408 => Timeout,
        413 => TooLarge,
        415 => WrongMediaType,
        503 => NotReady,
        >= 500 => Internal,
        _ => Malformed with { Status = status },
    };
}

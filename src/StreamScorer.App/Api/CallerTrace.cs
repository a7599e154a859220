using System.Diagnostics;

namespace StreamScorer.App.Api;

/// <summary>
/// The trace that a caller's <c>traceparent</c> names, for the log lines about its request. Only requests that a line is
/// written about pay for it; the rest make no activity.
/// </summary>
internal static class CallerTrace
{
    /// <summary>Until it is disposed of, log lines carry the caller's trace id; null where the request names no trace.</summary>
    public static Activity? Enter(HttpContext context)
    {
        var caller = context.Request.Headers.TraceParent.ToString();
        return ActivityContext.TryParse(caller, null, isRemote: true, out _) ? new Activity("request").SetParentId(caller).Start() : null;
    }
}

using Confluent.Kafka;
using StreamScorer.Features;

namespace StreamScorer.Consumer;

/// <summary>
/// The headers of a CloudEvents record in binary mode (Kafka protocol binding 1.0): the value is the event itself, and
/// <c>ce_id</c> and <c>ce_time</c> stand in for its own id and time.
/// </summary>
internal static class CloudEventHeaders
{
    /// <summary>Copies id and time into <paramref name="payload"/>; empty slices where the record is no CloudEvent.</summary>
    public static (Utf8Slice Id, Utf8Slice Time) Copy(Headers? headers, Utf8Arena payload)
    {
        if (headers is null || !headers.TryGetLastBytes("ce_specversion", out _))
            return default;
        return (Copy(headers, "ce_id", payload), Copy(headers, "ce_time", payload));
    }

    private static Utf8Slice Copy(Headers headers, string name, Utf8Arena payload) =>
        headers.TryGetLastBytes(name, out var value) && value is not null ? payload.Append(value) : default;
}

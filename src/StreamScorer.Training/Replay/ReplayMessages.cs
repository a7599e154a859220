using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using StreamScorer.Training.Preparation;

namespace StreamScorer.Training.Replay;

/// <summary>
/// Makes Kafka messages of prepared leads, keyed by lead id: events by the event contract, without the label, and
/// outcomes with nothing else. Reuses its buffers; one thread at a time.
/// </summary>
internal sealed class ReplayMessages : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _json;

    public ReplayMessages() => _json = new Utf8JsonWriter(_buffer);

    /// <summary>The event of a lead.</summary>
    /// <param name="lead">Lead id and features.</param>
    /// <param name="eventId">The same for the same row in every replay, so that repeats can be told.</param>
    /// <param name="occurredAt">Event time: a replayed lead acts now.</param>
    public Message<byte[], byte[]> Event(PreparedLead lead, string eventId, DateTimeOffset occurredAt)
    {
        Begin();
        _json.WriteString("eventId", eventId);
        _json.WriteString("occurredAt", Rfc3339(occurredAt));
        lead.WriteEventMembers(_json);
        return End(lead.LeadId);
    }

    /// <summary>The outcome of a lead: <c>{"leadId":"…","converted":true,"occurredAt":"…"}</c>.</summary>
    public Message<byte[], byte[]> Outcome(string leadId, bool converted, DateTimeOffset occurredAt)
    {
        Begin();
        _json.WriteString("leadId", leadId);
        _json.WriteBoolean("converted", converted);
        _json.WriteString("occurredAt", Rfc3339(occurredAt));
        return End(leadId);
    }

    /// <summary>Folder, file and row of a lead as an event id: <c>user_events/part-00007/12</c>.</summary>
    public static string EventId(string file, long row) => string.Create(CultureInfo.InvariantCulture,
        $"{Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file)))}/{Path.GetFileNameWithoutExtension(file)}/{row}");

    public void Dispose() => _json.Dispose();

    private static string Rfc3339(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private void Begin()
    {
        _buffer.ResetWrittenCount();
        _json.Reset(_buffer);
        _json.WriteStartObject();
    }

    private Message<byte[], byte[]> End(string leadId)
    {
        _json.WriteEndObject();
        _json.Flush();
        return new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(leadId), Value = _buffer.WrittenSpan.ToArray() };
    }
}

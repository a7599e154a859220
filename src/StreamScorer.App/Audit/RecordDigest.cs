using Confluent.Kafka;

namespace StreamScorer.App.Audit;

/// <summary>What the audit keeps of a record's value: whether there is one, and the hash of the lead id in it.</summary>
/// <param name="IsEmpty">A tombstone.</param>
/// <param name="Lead">Hash of the lead id; 0 where the value names none.</param>
internal readonly record struct RecordDigest(bool IsEmpty, ulong Lead);

/// <summary>Reads digests straight from the client's buffer, so that a topic is read without an array per record.</summary>
internal sealed class RecordDigestReader(LeadHash hash) : IDeserializer<RecordDigest>, IDeserializer<ulong>
{
    RecordDigest IDeserializer<RecordDigest>.Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        if (isNull || data.IsEmpty)
            return new RecordDigest(true, 0);
        var lead = RecordLeadId.Find([], data);
        return new RecordDigest(false, lead.IsEmpty ? 0 : hash.Of(lead));
    }

    ulong IDeserializer<ulong>.Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) =>
        isNull || data.IsEmpty ? 0 : hash.Of(data);
}

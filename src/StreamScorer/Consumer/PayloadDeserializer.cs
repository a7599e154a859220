using Confluent.Kafka;
using StreamScorer.Features;

namespace StreamScorer.Consumer;

/// <summary>Copies a key or a value from the client's buffer into the open micro-batch: one copy, no array per record.</summary>
internal sealed class PayloadDeserializer : IDeserializer<Utf8Slice>
{
    /// <summary>The payload of the batch that is being filled.</summary>
    public Utf8Arena Target { get; set; } = new();

    /// <inheritdoc/>
    public Utf8Slice Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) =>
        isNull ? new Utf8Slice(0, -1) : Target.Append(data);
}

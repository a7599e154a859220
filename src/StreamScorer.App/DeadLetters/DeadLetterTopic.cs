using Confluent.Kafka;
using StreamScorer.App.Audit;

namespace StreamScorer.App.DeadLetters;

/// <summary>Reads the dead-letter topic.</summary>
internal sealed class DeadLetterTopic(KafkaOptions options)
{
    private readonly TopicReader _reader = new(options);

    /// <summary>Every dead letter, or those that pass the filter; oldest first within a partition.</summary>
    /// <exception cref="ServiceMissingException">Kafka does not answer, or there is no such topic.</exception>
    public IReadOnlyList<DeadLetter> Read(Func<DeadLetter, bool> filter, CancellationToken ct) =>
        Read(Partitions().Select(each => new TopicSpan(each.Key, new OffsetRun(each.Value.Low.Value, each.Value.High.Value))), filter, ct);

    /// <summary>One letter; null when there is none under this id.</summary>
    public DeadLetter? Find(LetterId id, CancellationToken ct) =>
        Partitions().TryGetValue(id.Partition, out var marks) && id.Offset >= marks.Low.Value && id.Offset < marks.High.Value
            ? Read([new TopicSpan(id.Partition, new OffsetRun(id.Offset, id.Offset + 1))], _ => true, ct).SingleOrDefault()
            : null;

    private IReadOnlyDictionary<int, WatermarkOffsets> Partitions()
    {
        var partitions = _reader.Watermarks(options.EffectiveDeadLetterTopic);
        return partitions.Count > 0 ? partitions : throw ServiceMissingException.NoTopic(options, options.EffectiveDeadLetterTopic);
    }

    private List<DeadLetter> Read(IEnumerable<TopicSpan> spans, Func<DeadLetter, bool> filter, CancellationToken ct)
    {
        var letters = new List<DeadLetter>();
        _reader.Read<byte[]?, byte[]?>(
            options.EffectiveDeadLetterTopic, [.. spans], Deserializers.ByteArray, Deserializers.ByteArray, "timestamp,headers",
            record =>
            {
                if (DeadLetter.Read(record) is { } letter && filter(letter))
                    letters.Add(letter);
            },
            ct);
        return [.. letters.OrderBy(letter => letter.Id.Partition).ThenBy(letter => letter.Id.Offset)];
    }
}

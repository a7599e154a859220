using Confluent.Kafka;

namespace StreamScorer.App.Audit;

/// <summary>Reads the dead-letter topic whole and enters which offsets have a letter.</summary>
internal sealed class DeadLetterPass(AuditBooks books, string sourceTopic)
{
    /// <summary>Letters about other topics, and records that are no dead letters at all.</summary>
    public long Foreign { get; private set; }

    /// <summary>Letters of offsets that progress has not reached.</summary>
    public long Ahead { get; private set; }

    /// <summary>
    /// Letters of offsets that were scored after all: sent before a crash, and then a model with other required
    /// features took over.
    /// </summary>
    public long ScoredAfterAll { get; private set; }

    /// <summary>Reads every letter there is. Call when the files have been read.</summary>
    public void Read(TopicReader reader, string deadLetterTopic, CancellationToken ct)
    {
        var spans = reader.Watermarks(deadLetterTopic)
            .Select(partition => new TopicSpan(partition.Key, new OffsetRun(partition.Value.Low.Value, partition.Value.High.Value)));
        reader.Read(deadLetterTopic, [.. spans], Deserializers.Ignore, Deserializers.ByteArray, "headers", Enter, ct);
    }

    private void Enter(ConsumeResult<Ignore, byte[]> letter)
    {
        if (!DeadLetterPosition.TryRead(letter.Message.Headers, letter.Message.Value, out var position)
            || position.Topic != sourceTopic || books.FindPartition(position.Partition) is not { } partition)
        {
            Foreign++;
            return;
        }

        if (!partition.DeadLetters.Add(position.Offset))
            partition.Totals.RepeatedDeadLetters++;
        else if (partition.IsVisible(position.Offset))
            ScoredAfterAll++;
        else if (position.Offset >= partition.NextOffset)
            Ahead++;
        else
            partition.Totals.DeadLetters++;
    }
}

using Confluent.Kafka;
using StreamScorer.Consumer;

namespace StreamScorer.App.Offsets;

/// <summary>A topic partition as Kafka knows it.</summary>
/// <param name="Low">Oldest offset.</param>
/// <param name="End">Offset that the next record will get.</param>
/// <param name="Committed">What the consumer group has committed; null: nothing.</param>
internal sealed record PartitionOffsets(long Low, long End, long? Committed);

/// <summary>The Kafka half of <c>offsets</c>: reads and moves what the consumer group has committed, without joining it.</summary>
internal sealed class GroupOffsets(KafkaOptions options)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    // A coordinator that is just being chosen or is loading its groups answers late, and a request sent too early may get
    // no answer at all: several short attempts find it sooner than one long wait.
    private static readonly TimeSpan GroupTimeout = TimeSpan.FromSeconds(8);
    private const int GroupAttempts = 5;

    /// <summary>Every partition of the topic.</summary>
    /// <exception cref="ServiceMissingException">Kafka does not answer, or has no such topic.</exception>
    public IReadOnlyDictionary<int, PartitionOffsets> Read()
    {
        using var consumer = Build();
        try
        {
            var partitions = Partitions(consumer);
            var committed = Ask(() => consumer.Committed(partitions, GroupTimeout))
                .ToDictionary(each => each.Partition.Value, each => each.Offset.IsSpecial ? (long?)null : each.Offset.Value);
            return partitions.ToDictionary(each => each.Partition.Value, each =>
            {
                var marks = consumer.QueryWatermarkOffsets(each, Timeout);
                return new PartitionOffsets(marks.Low.Value, marks.High.Value, committed[each.Partition.Value]);
            });
        }
        catch (KafkaException e)
        {
            throw ServiceMissingException.Kafka(options, e.Error.Reason);
        }
    }

    /// <summary>The first offset of each partition at or after a moment; the end where there is none.</summary>
    public IReadOnlyDictionary<int, long> At(DateTimeOffset moment, IReadOnlyDictionary<int, PartitionOffsets> partitions)
    {
        using var consumer = Build();
        try
        {
            var asked = partitions.Keys.Select(partition => new TopicPartitionTimestamp(
                options.Topic, partition, new Timestamp(moment)));
            return consumer.OffsetsForTimes(asked, Timeout).ToDictionary(
                each => each.Partition.Value,
                each => each.Offset.IsSpecial ? partitions[each.Partition.Value].End : each.Offset.Value);
        }
        catch (KafkaException e)
        {
            throw ServiceMissingException.Kafka(options, e.Error.Reason);
        }
    }

    private static bool IsComing(ErrorCode code) => code is ErrorCode.Local_TimedOut or ErrorCode.Local_WaitCoord
        or ErrorCode.GroupCoordinatorNotAvailable or ErrorCode.GroupLoadInProgress;

    private static T Ask<T>(Func<T> group)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return group();
            }
            catch (KafkaException e) when (attempt < GroupAttempts && IsComing(e.Error.Code))
            {
                // Asked again.
            }
        }
    }

    /// <summary>Client ids of the group's members; a worker that is cut off is one until its session ends.</summary>
    public IReadOnlyList<string> Members()
    {
        using var admin = new AdminClientBuilder(KafkaClientSettings.Admin(options))
            .SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
        try
        {
            return [.. (Ask(() => admin.ListGroup(options.GroupId, GroupTimeout))?.Members ?? []).Select(member => $"{member.ClientId} at {member.ClientHost}")];
        }
        catch (KafkaException e)
        {
            throw ServiceMissingException.Kafka(options, e.Error.Reason);
        }
    }

    /// <summary>
    /// Commits for the group from outside. The brokers refuse that while the group has members, so this is the check
    /// that counts, however a worker came by since <see cref="Members"/>.
    /// </summary>
    /// <exception cref="KafkaException">The brokers refused.</exception>
    public void Commit(IReadOnlyDictionary<int, long> offsets)
    {
        using var consumer = Build();
        consumer.Commit(offsets.Select(each => new TopicPartitionOffset(options.Topic, each.Key, each.Value)));
    }

    private List<TopicPartition> Partitions(IConsumer<Ignore, Ignore> consumer)
    {
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var topic = admin.GetMetadata(options.Topic, Timeout).Topics.SingleOrDefault(each => each.Topic == options.Topic);
        return topic is { Error.IsError: false }
            ? [.. topic.Partitions.Select(each => new TopicPartition(options.Topic, each.PartitionId)).OrderBy(each => each.Partition.Value)]
            : throw ServiceMissingException.NoTopic(options, options.Topic);
    }

    private IConsumer<Ignore, Ignore> Build()
    {
        var config = KafkaClientSettings.Reader(options, "none");
        config.GroupId = options.GroupId;
        return new ConsumerBuilder<Ignore, Ignore>(config).SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
    }
}

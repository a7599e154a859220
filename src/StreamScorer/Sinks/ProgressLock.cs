using Confluent.Kafka;
using Npgsql;
using NpgsqlTypes;

namespace StreamScorer.Sinks;

/// <summary>A progress row as it stands under the lock of the running transaction.</summary>
internal readonly record struct LockedProgress(string Topic, int Partition, long OwnerEpoch, long NextOffset, long Incarnation);

/// <summary>
/// Locks progress rows, always in (topic, partition) order, so that no two transactions wait for each other. What is
/// read is what holds until the transaction ends: a row that another transaction was changing is read after its commit.
/// </summary>
internal static class ProgressLock
{
    /// <summary>Locks for a change of the rows.</summary>
    public const string ForUpdate = Select + "for update of p";

    /// <summary>Locks against a taking or a registration; writers of other leads of the partition do not wait.</summary>
    public const string ForShare = Select + "for share of p";

    private const string Select =
        """
        select p.topic, p.partition, p.owner_epoch, p.next_offset, p.incarnation
        from stream_progress p
        join unnest($2::text[], $3::integer[]) as k(topic, partition) on k.topic = p.topic and k.partition = p.partition
        where p.group_id = $1
        order by p.topic, p.partition

        """;

    /// <summary>The statement that locks these partitions.</summary>
    public static NpgsqlBatchCommand Command(string sql, string groupId, IEnumerable<TopicPartition> partitions)
    {
        var keys = partitions.ToList();
        string[] topics = [.. keys.Select(key => key.Topic)];
        int[] numbers = [.. keys.Select(key => key.Partition.Value)];
        return new NpgsqlBatchCommand(sql)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = groupId },
                new NpgsqlParameter<string[]> { TypedValue = topics, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                new NpgsqlParameter<int[]> { TypedValue = numbers, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer },
            },
        };
    }

    /// <summary>Reads the locked rows from the reader's current result; partitions without a row are absent.</summary>
    public static async Task<Dictionary<TopicPartition, LockedProgress>> ReadAsync(NpgsqlDataReader reader, CancellationToken ct)
    {
        var locked = new Dictionary<TopicPartition, LockedProgress>();
        while (await reader.ReadAsync(ct))
        {
            var row = new LockedProgress(
                reader.GetString(0), reader.GetInt32(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4));
            locked.Add(new TopicPartition(row.Topic, row.Partition), row);
        }

        return locked;
    }
}

using System.Runtime.CompilerServices;
using Confluent.Kafka;
using Npgsql;
using IsolationLevel = System.Data.IsolationLevel;

namespace StreamScorer.Sinks;

/// <summary>The answer to one hot-lead write.</summary>
/// <param name="RefusedPartitions">Partitions whose epoch was raised; not empty means that nothing was written.</param>
/// <param name="RowsWritten">Rows inserted or updated; a cold lead without a row needs none.</param>
public sealed record HotLeadWriteResult(IReadOnlyList<TopicPartition> RefusedPartitions, int RowsWritten)
{
    /// <summary>True when the batch is in the table.</summary>
    public bool IsWritten => RefusedPartitions.Count == 0;
}

/// <summary>
/// Writes a micro-batch's newest decision of each lead to hot_leads (step 2 of the delivery protocol). Reuses its
/// buffers: one write at a time.
/// </summary>
/// <param name="dataSource">Connections whose search path leads to the migrated schema.</param>
/// <param name="groupId">The consumer group whose epochs fence the writes.</param>
public sealed class HotLeadSink(NpgsqlDataSource dataSource, string groupId) : IHotLeadStore
{
    private readonly HotLeadUpsert _upsert = new();

    /// <summary>
    /// One attempt, one transaction: locks the progress rows, compares epochs, and writes all or nothing. Writing the
    /// same batch again after an unknown outcome leads to the same rows.
    /// </summary>
    /// <param name="batch">The folded micro-batch.</param>
    /// <param name="epochs">The epochs of at least all partitions that the batch has leads of, each partition once.</param>
    /// <param name="ct">Cancels the attempt; the outcome is then unknown.</param>
    /// <exception cref="ArgumentException">The batch has a lead of a partition without an epoch.</exception>
    public async Task<HotLeadWriteResult> WriteAsync(
        HotLeadBatch batch, IReadOnlyList<PartitionEpoch> epochs, CancellationToken ct)
    {
        if (batch.Count == 0)
            return new HotLeadWriteResult([], 0);
        CheckEpochs(batch, epochs);

        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        var locked = await LockAsync(connection, epochs, ct);
        var refused = epochs.Select(epoch => (Partition: new TopicPartition(epoch.Topic, epoch.Partition), epoch.OwnerEpoch))
            .Where(epoch => !locked.TryGetValue(epoch.Partition, out var progress) || progress.OwnerEpoch != epoch.OwnerEpoch)
            .Select(epoch => epoch.Partition).ToList();
        if (refused.Count > 0)
            return new HotLeadWriteResult(refused, 0);

        int written = await _upsert.ExecuteAsync(connection, batch, partition => locked[partition].Incarnation, ct);
        await transaction.CommitAsync(ct);
        return new HotLeadWriteResult([], written);
    }

    /// <summary>The leads that have a row, hot or cooled, whose newest decision came from one of these partitions.</summary>
    /// <param name="topic">The partitions' topic.</param>
    /// <param name="partitions">Partition numbers.</param>
    /// <param name="ct">Ends the reading.</param>
    public async IAsyncEnumerable<(int Partition, ReadOnlyMemory<byte> LeadId)> LeadsAsync(
        string topic, IReadOnlyList<int> partitions, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(
            "select source_partition, lead_id from hot_leads where source_topic = $1 and source_partition = any($2)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = topic });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. partitions] });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            yield return (reader.GetInt32(0), reader.GetFieldValue<byte[]>(1));
    }

    private async Task<Dictionary<TopicPartition, LockedProgress>> LockAsync(
        NpgsqlConnection connection, IReadOnlyList<PartitionEpoch> epochs, CancellationToken ct)
    {
        await using var commands = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(TransactionSettings.DoNotWaitForDisk),
                ProgressLock.Command(
                    ProgressLock.ForShare, groupId, epochs.Select(epoch => new TopicPartition(epoch.Topic, epoch.Partition))),
            },
        };
        await commands.PrepareAsync(ct);
        await using var reader = await commands.ExecuteReaderAsync(ct);
        await reader.NextResultAsync(ct);
        return await ProgressLock.ReadAsync(reader, ct);
    }

    private static void CheckEpochs(HotLeadBatch batch, IReadOnlyList<PartitionEpoch> epochs)
    {
        for (int slot = 0; slot < batch.Partitions.Count; slot++)
        {
            var partition = batch.Partitions[slot];
            if (!epochs.Any(epoch => epoch.Partition == partition.Partition.Value && epoch.Topic == partition.Topic))
                throw new ArgumentException($"The batch has leads of {partition}, and its epoch is not given.", nameof(epochs));
        }
    }
}

using Confluent.Kafka;
using Npgsql;

namespace StreamScorer.Sinks;

/// <summary>The answer to one hot-lead write.</summary>
/// <param name="RefusedPartitions">Partitions whose epoch was raised; not empty means nothing was written.</param>
/// <param name="RowsWritten">Rows inserted or updated; fewer than the batch's leads, because cold leads without a row need none.</param>
public sealed record HotLeadWriteResult(IReadOnlyList<TopicPartition> RefusedPartitions, int RowsWritten)
{
    /// <summary>True when the batch is in the table.</summary>
    public bool IsWritten => RefusedPartitions.Count == 0;
}

/// <summary>Writes a micro-batch's newest decision of each lead to hot_leads (step 2 of the delivery protocol).</summary>
public sealed class HotLeadSink(NpgsqlDataSource dataSource, string groupId)
{
    /// <summary>
    /// One attempt, one transaction: locks the progress rows, compares epochs, and writes all or nothing. Writing the
    /// same batch again after an unknown outcome leads to the same rows.
    /// </summary>
    /// <param name="batch">The folded micro-batch.</param>
    /// <param name="epochs">The epochs of at least all partitions that the batch has leads of.</param>
    /// <param name="ct">Cancels the attempt; the outcome is then unknown.</param>
    public Task<HotLeadWriteResult> WriteAsync(HotLeadBatch batch, IReadOnlyList<PartitionEpoch> epochs, CancellationToken ct) =>
        throw new NotImplementedException(dataSource.ConnectionString + groupId);
}

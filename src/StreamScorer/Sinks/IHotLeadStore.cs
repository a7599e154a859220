namespace StreamScorer.Sinks;

/// <summary>Where hot leads go: PostgreSQL (<see cref="HotLeadSink"/>) or the simulation's table.</summary>
public interface IHotLeadStore
{
    /// <inheritdoc cref="HotLeadSink.WriteAsync"/>
    Task<HotLeadWriteResult> WriteAsync(HotLeadBatch batch, IReadOnlyList<PartitionEpoch> epochs, CancellationToken ct);

    /// <inheritdoc cref="HotLeadSink.LeadsAsync"/>
    IAsyncEnumerable<(int Partition, ReadOnlyMemory<byte> LeadId)> LeadsAsync(
        string topic, IReadOnlyList<int> partitions, CancellationToken ct);
}

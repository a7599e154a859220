using System.Runtime.CompilerServices;
using System.Text;
using Confluent.Kafka;
using StreamScorer.Sinks;

namespace StreamScorer.Tests.Simulation;

/// <summary>A process's connection to the simulated database: its register.</summary>
internal sealed class SimulatedLedger(
    SimulatedProcess process, SimulatedServer server, SimulatedDatabase database, Guid storageId) : IProgressLedger
{
    public Task<IReadOnlyDictionary<TopicPartition, long>> ReadProgressAsync(string? topic, CancellationToken ct) =>
        process.CallAsync(server, "read progress", database.ReadProgress);

    public Task<IReadOnlyList<TakenPartition>> TakeAsync(IReadOnlyList<TakeRequest> requests, string owner, CancellationToken ct) =>
        process.CallAsync(server, "take", () => database.Take(requests));

    public Task<RegistrationResult> RegisterAsync(StagedCheckpoint checkpoint, CancellationToken ct) =>
        process.CallAsync(server, "register", () => database.Register(checkpoint, storageId));

    public Task<RegistrationOutcome> RecordGapAsync(
        PartitionEpoch owner, long startOffset, long endOffset, GapReason reason, CancellationToken ct) =>
        process.CallAsync(server, "record gap", () => database.RecordGap(owner, startOffset, endOffset));

    public Task<IReadOnlyList<UnpublishedFile>> UnpublishedAsync(CancellationToken ct) =>
        process.CallAsync(server, "read unpublished", () => database.Unpublished(storageId));

    public Task MarkPublishedAsync(Guid fileId, CancellationToken ct) =>
        process.CallAsync(server, "mark published", () => database.MarkPublished(fileId));

    public Task<IReadOnlyList<Guid>> SweepableAsync(IReadOnlyList<StagedFile> stagedFiles, CancellationToken ct) =>
        process.CallAsync(server, "read sweepable", () => database.Sweepable(stagedFiles));

    public Task<IReadOnlyList<Guid>> PublishedAsync(IReadOnlyList<Guid> fileIds, CancellationToken ct) =>
        process.CallAsync(server, "read published", () => database.Published(fileIds));
}

/// <summary>A process's connection to the simulated database: hot leads.</summary>
internal sealed class SimulatedHotLeadStore(SimulatedProcess process, SimulatedServer server, SimulatedDatabase database) : IHotLeadStore
{
    public Task<HotLeadWriteResult> WriteAsync(HotLeadBatch batch, IReadOnlyList<PartitionEpoch> epochs, CancellationToken ct)
    {
        if (batch.Count == 0)
            return Task.FromResult(new HotLeadWriteResult([], 0));
        var (entries, carried) = (HotLeadEntry.CopyOf(batch), epochs.ToList());
        return process.CallAsync(server, "write hot leads", () => database.WriteHotLeads(entries, carried));
    }

    public async IAsyncEnumerable<(int Partition, ReadOnlyMemory<byte> LeadId)> LeadsAsync(
        string topic, IReadOnlyList<int> partitions, [EnumeratorCancellation] CancellationToken ct)
    {
        var leads = await process.CallAsync(server, "read leads", () => database.LeadsOf(partitions)).ConfigureAwait(false);
        foreach (var (partition, leadId) in leads)
            yield return (partition, Encoding.UTF8.GetBytes(leadId));
    }
}

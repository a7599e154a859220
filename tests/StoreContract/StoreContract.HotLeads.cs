using System.Text;
using Confluent.Kafka;
using StreamScorer.Sinks;
using Xunit;

namespace StreamScorer.StoreContract;

// Step 2 of the protocol: hot leads.
internal static partial class StoreContract
{
    private static async Task HotLeadsAreFenced(IStores stores)
    {
        var former = await TakeAsync(stores, (0, 0), (1, 0));
        await TakeAsync(stores, (1, 0));
        var result = await WriteAsync(stores, former, "m1", new("a", 0.9, 0), new("b", 0.9, 0, Partition: 1));
        Assert.False(result.IsWritten);
        Assert.Equal([new TopicPartition(Topic, 1)], result.RefusedPartitions);
        Assert.Null(await stores.FindLeadAsync("a"));
        Assert.Null(await stores.FindLeadAsync("b"));
    }

    private static async Task HotLeadsGuard(IStores stores)
    {
        var taken = await TakeAsync(stores, (0, 0));
        await WriteAsync(stores, taken, "m1", new ContractLead("a", 0.9, 5));
        await WriteAsync(stores, taken, "m2", new ContractLead("a", 0.8, 4));
        Assert.Equal(new StoredLead(0, 5, 0.9, "m1", true), await stores.FindLeadAsync("a"));
        await WriteAsync(stores, taken, "m2", new ContractLead("a", 0.6, 5));
        Assert.Equal(new StoredLead(0, 5, 0.6, "m2", false), await stores.FindLeadAsync("a"));
        await WriteAsync(stores, taken, "m1", new ContractLead("a", 0.95, 6));
        Assert.Equal(new StoredLead(0, 6, 0.95, "m1", true), await stores.FindLeadAsync("a"));
    }

    private static async Task ColdLeads(IStores stores)
    {
        var taken = await TakeAsync(stores, (0, 0));
        Assert.Equal(0, (await WriteAsync(stores, taken, "m1", new ContractLead("cold", 0.2, 0))).RowsWritten);
        Assert.Null(await stores.FindLeadAsync("cold"));
        // Hot and then cold within one batch: the row exists, cooled.
        await WriteAsync(stores, taken, "m1", new("both", 0.9, 1), new("both", 0.2, 2));
        Assert.Equal(new StoredLead(0, 2, 0.2, "m1", false), await stores.FindLeadAsync("both"));
        await WriteAsync(stores, taken, "m1", new ContractLead("cold", 0.9, 3));
        await WriteAsync(stores, taken, "m1", new ContractLead("cold", 0.1, 4));
        Assert.Equal(new StoredLead(0, 4, 0.1, "m1", false), await stores.FindLeadAsync("cold"));
    }

    private static async Task HotLeadsAcrossPartitions(IStores stores)
    {
        var taken = await TakeAsync(stores, (0, 0), (1, 0), (2, 0));
        await WriteAsync(stores, taken, "m1", new ContractLead("a", 0.9, 50, Partition: 1, TimestampMicros: 1000));
        await WriteAsync(stores, taken, "m1", new ContractLead("a", 0.8, 70, Partition: 2, TimestampMicros: 999));
        Assert.Equal(1, (await stores.FindLeadAsync("a"))!.Partition);
        await WriteAsync(stores, taken, "m1", new ContractLead("a", 0.8, 70, Partition: 0, TimestampMicros: 1000));
        Assert.Equal(1, (await stores.FindLeadAsync("a"))!.Partition);
        await WriteAsync(stores, taken, "m1", new ContractLead("a", 0.8, 3, Partition: 2, TimestampMicros: 1000));
        Assert.Equal(new StoredLead(2, 3, 0.8, "m1", true), await stores.FindLeadAsync("a"));
        await WriteAsync(stores, taken, "m1", new ContractLead("a", 0.75, 1, Partition: 0, TimestampMicros: 1001));
        Assert.Equal(new StoredLead(0, 1, 0.75, "m1", true), await stores.FindLeadAsync("a"));
    }

    private static async Task UnstorableLead(IStores stores)
    {
        var taken = await TakeAsync(stores, (0, 0));
        var refusal = await Record.ExceptionAsync(
            () => WriteAsync(stores, taken, "m1", new("a", 0.9, 0), new(stores.UnstorableLeadId, 0.9, 1)));
        Assert.True(refusal is not null && SinkErrors.IsBadData(refusal), $"{refusal}");
        Assert.Null(await stores.FindLeadAsync("a"));
    }

    private static async Task LeadsByPartition(IStores stores)
    {
        var taken = await TakeAsync(stores, (0, 0), (1, 0));
        await WriteAsync(stores, taken, "m1", new("a", 0.9, 0), new("b", 0.9, 1), new("c", 0.9, 0, Partition: 1));
        await WriteAsync(stores, taken, "m1", new ContractLead("b", 0.1, 2));
        var leads = await stores.AskAsync(async () =>
        {
            var found = new List<(int, string)>();
            await foreach (var (partition, leadId) in stores.HotLeads.LeadsAsync(Topic, [0], default).ConfigureAwait(false))
                found.Add((partition, Encoding.UTF8.GetString(leadId.Span)));
            return found;
        });
        Assert.Equal([(0, "a"), (0, "b")], leads.Order());
    }

    private static Task<HotLeadWriteResult> WriteAsync(
        IStores stores, IReadOnlyList<TakenPartition> owners, string modelId, params ContractLead[] leads)
    {
        var batch = new HotLeadBatch();
        batch.Begin("lead-scoring", modelId, 1_000_000);
        for (var i = 0; i < leads.Length; i++)
        {
            var scored = new ScoredEvent
            {
                Offset = leads[i].Offset,
                KafkaTimestampMicros = leads[i].TimestampMicros,
                OccurredAtMicros = ScoredEvent.NoTime,
                RawScore = leads[i].Probability,
                Probability = leads[i].Probability,
                Bucket = 3,
                Tier = 'C',
                Hot = leads[i].Probability > 0.7,
            };
            batch.Fold(batch.PartitionSlot(Topic, leads[i].Partition), Encoding.UTF8.GetBytes(leads[i].Id), scored, i);
        }

        for (var entry = 0; entry < batch.Count; entry++)
        {
            if (batch.HotEventIndex(entry) >= 0)
                batch.SetDetails(entry, "[]"u8, "{}"u8);
        }

        return stores.AskAsync(() => stores.HotLeads.WriteAsync(
            batch, [.. owners.Select(owner => new PartitionEpoch(owner.Topic, owner.Partition, owner.OwnerEpoch))], default));
    }
}

using System.Runtime.CompilerServices;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using StreamScorer.Consumer;
using StreamScorer.Sinks;
using StreamScorer.Telemetry;
using Xunit;

namespace StreamScorer.Tests.Sinks;

/// <summary>The filter may say "perhaps" wrongly, never "no".</summary>
public class LeadFilterTests
{
    private static readonly PartitionLease Lease = Taken(3);

    [Fact]
    public void A_lead_without_a_row_is_told_from_one_with_a_row()
    {
        var filter = Filter(new Table((3, "hot"), (4, "elsewhere")));
        filter.Open([Lease], default);
        Assert.True(filter.MayHaveRow(Lease, Hash("hot")));
        Assert.False(filter.MayHaveRow(Lease, Hash("cold")));
        filter.Add(Lease, Hash("cold"));
        Assert.True(filter.MayHaveRow(Lease, Hash("cold")));
    }

    [Fact]
    public void Until_the_table_is_read_every_lead_may_have_a_row_and_what_turned_hot_meanwhile_is_kept()
    {
        var table = new Table((3, "read"));
        table.Gate = new TaskCompletionSource();
        var filter = Filter(table);
        filter.Open([Lease], default);
        Assert.True(filter.MayHaveRow(Lease, Hash("cold")));
        filter.Add(Lease, Hash("meanwhile"));
        table.Gate.SetResult();
        SpinWait.SpinUntil(() => !filter.MayHaveRow(Lease, Hash("cold")), TimeSpan.FromSeconds(30));
        Assert.False(filter.MayHaveRow(Lease, Hash("cold")));
        Assert.True(filter.MayHaveRow(Lease, Hash("read")));
        Assert.True(filter.MayHaveRow(Lease, Hash("meanwhile")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Where_it_is_off_or_overflows_every_lead_may_have_a_row(int maxLeads)
    {
        var filter = Filter(new Table((3, "a"), (3, "b")), maxLeads);
        filter.Open([Lease], default);
        Assert.True(filter.MayHaveRow(Lease, Hash("cold")));
        Assert.Equal(0, filter.Count);
    }

    [Fact]
    public void Leads_that_turn_hot_overflow_it_too()
    {
        var filter = Filter(new Table(), maxLeads: 1000);
        filter.Open([Lease], default);
        for (var i = 0; i < 2000; i++)
            filter.Add(Lease, Hash($"hot-{i}"));
        Assert.True(filter.MayHaveRow(Lease, Hash("cold")));
        Assert.Equal(0, filter.Count);
    }

    [Fact]
    public void A_lease_that_was_not_opened_knows_nothing_and_one_that_ended_is_forgotten()
    {
        var filter = Filter(new Table((7, "a")));
        var ended = Taken(7);
        filter.Open([ended], default);
        Assert.False(filter.MayHaveRow(ended, Hash("cold")));
        Assert.True(filter.MayHaveRow(Taken(7), Hash("cold")));
        ended.Release();
        filter.Open([Lease], default);
        Assert.True(filter.MayHaveRow(ended, Hash("cold")));
    }

    [Fact]
    public void No_lead_of_a_large_set_is_ever_missed()
    {
        var set = new LeadSet();
        for (var i = 0; i < 100_000; i++)
            set.Add(Hash($"lead-{i}"));
        Assert.All(Enumerable.Range(0, 100_000), i => Assert.True(set.MayContain(Hash($"lead-{i}"))));
        Assert.InRange(Enumerable.Range(0, 100_000).Count(i => set.MayContain(Hash($"other-{i}"))), 0, 100);
        set.Add(0);
        Assert.True(set.MayContain(0));
    }

    private static int Hash(string leadId) => LeadHash.Of(Encoding.UTF8.GetBytes(leadId));

    private static PartitionLease Taken(int partition)
    {
        var lease = new PartitionLease(new TopicPartition("filter-topic", partition));
        lease.Take(1, 0);
        return lease;
    }

    private static LeadFilter Filter(Table table, int maxLeads = 1_000_000) => new(
        table, new OutageRetry(new Readiness(TimeProvider.System), NullLogger.Instance, TimeProvider.System),
        new HotLeadsOptions { FilterMaxLeads = maxLeads });

    private sealed class Table(params (int Partition, string LeadId)[] rows) : IHotLeadStore
    {
        public TaskCompletionSource? Gate { get; set; }

        public Task<HotLeadWriteResult> WriteAsync(HotLeadBatch batch, IReadOnlyList<PartitionEpoch> epochs, CancellationToken ct) =>
            throw new NotSupportedException();

        public async IAsyncEnumerable<(int Partition, ReadOnlyMemory<byte> LeadId)> LeadsAsync(
            string topic, IReadOnlyList<int> partitions, [EnumeratorCancellation] CancellationToken ct)
        {
            if (Gate is not null)
                await Gate.Task.WaitAsync(ct);
            foreach (var (partition, leadId) in rows.Where(row => partitions.Contains(row.Partition)))
                yield return (partition, Encoding.UTF8.GetBytes(leadId));
        }
    }
}

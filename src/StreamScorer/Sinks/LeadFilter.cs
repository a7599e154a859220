using StreamScorer.Consumer;
using StreamScorer.Telemetry;

namespace StreamScorer.Sinks;

/// <summary>
/// Which leads may have a row in hot_leads, for each partition held: a cold event of any other lead changes nothing there
/// and needs no work in the database. Never wrong in that direction: the rows are read after the partition is taken, when
/// no earlier owner can write any more, and every lead that turns hot is added before it is written. Where the filter does
/// not know (still reading, or more leads than allowed) it says that every lead may.
/// </summary>
/// <remarks>
/// It holds as long as a lead's events stay in one partition, which is what keying by lead id gives. Events whose key is
/// not their lead id are never filtered. Turn it off (<see cref="HotLeadsOptions.FilterMaxLeads"/> = 0) while partitions
/// are being added to a topic. Used by one thread; reading runs beside it.
/// </remarks>
public sealed class LeadFilter(IHotLeadStore store, OutageRetry retry, HotLeadsOptions options)
{
    private readonly Dictionary<PartitionLease, Entry> _entries = [];

    /// <summary>Leads known, over all partitions; bounded by <see cref="HotLeadsOptions.FilterMaxLeads"/>.</summary>
    public int Count => _entries.Values.Sum(entry => entry.Leads?.Count ?? 0);

    /// <summary>Begins to read which leads of these taken leases have rows.</summary>
    public void Open(IReadOnlyList<PartitionLease> leases, CancellationToken ct)
    {
        foreach (var ended in _entries.Keys.Where(lease => lease.Released).ToList())
            _entries.Remove(ended);
        var taken = leases.Where(lease => lease.Offsets is not null && !lease.Released && !_entries.ContainsKey(lease)).ToList();
        if (taken.Count == 0 || options.FilterMaxLeads == 0)
            return;
        var reading = retry.RunAsync(Readiness.PostgreSql, token => ReadAsync(taken, token), ct);
        foreach (var lease in taken)
            _entries.Add(lease, new Entry { Leads = new LeadSet(), Reading = reading });
    }

    /// <summary>Whether the lead may have a row. False is certain.</summary>
    /// <param name="lease">The partition that the lead's event came from.</param>
    /// <param name="hash">The lead's <see cref="LeadHash"/>.</param>
    public bool MayHaveRow(PartitionLease lease, int hash) =>
        !_entries.TryGetValue(lease, out var entry) || !IsRead(lease, entry) || entry.Leads!.MayContain(hash);

    /// <summary>The lead is about to get a row.</summary>
    public void Add(PartitionLease lease, int hash)
    {
        if (!_entries.TryGetValue(lease, out var entry) || entry.Leads is not { } leads || !leads.Add(hash))
            return;
        // Looked at now and then: the sum over all partitions is not worth having at each new lead.
        if (leads.Count % 256 == 0 && Count > options.FilterMaxLeads)
            entry.Leads = null;
    }

    private static bool IsRead(PartitionLease lease, Entry entry)
    {
        if (entry.Leads is null)
            return false;
        if (entry.Reading is not { } reading)
            return true;
        if (!reading.IsCompleted || reading.IsCanceled)
            return false;
        entry.Reading = null;
        if (reading.GetAwaiter().GetResult() is not { } rows)
        {
            entry.Leads = null;
            return false;
        }

        if (rows.TryGetValue(lease.Partition.Partition.Value, out var read))
        {
            read.Add(entry.Leads);
            entry.Leads = read;
        }

        return true;
    }

    /// <summary>The leads with rows by partition; null when there are more than allowed.</summary>
    private async Task<Dictionary<int, LeadSet>?> ReadAsync(List<PartitionLease> leases, CancellationToken ct)
    {
        var sets = new Dictionary<int, LeadSet>();
        var count = 0;
        var partitions = leases.ConvertAll(lease => lease.Partition.Partition.Value);
        await foreach (var (partition, leadId) in store.LeadsAsync(leases[0].Partition.Topic, partitions, ct).ConfigureAwait(false))
        {
            if (++count > options.FilterMaxLeads)
                return null;
            if (!sets.TryGetValue(partition, out var set))
                sets.Add(partition, set = new LeadSet());
            set.Add(LeadHash.Of(leadId.Span));
        }

        return sets;
    }

    private sealed class Entry
    {
        /// <summary>Null when there are too many leads: every one may have a row.</summary>
        public LeadSet? Leads { get; set; }

        /// <summary>Null once what was read is in <see cref="Leads"/>.</summary>
        public Task<Dictionary<int, LeadSet>?>? Reading { get; set; }
    }
}

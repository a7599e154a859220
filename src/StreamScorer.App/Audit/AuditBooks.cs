using Confluent.Kafka;

namespace StreamScorer.App.Audit;

/// <summary>Everything one audit has opened: the snapshot, the books of each partition, and the findings so far.</summary>
internal sealed class AuditBooks
{
    private readonly SortedDictionary<int, PartitionAccount> _partitions = [];
    private readonly Dictionary<(Guid File, int Partition), List<RangeAccount>> _ranges = [];
    private readonly string _topic;
    private readonly bool _deep;

    /// <summary>Opens the books of every partition that has progress.</summary>
    public AuditBooks(string topic, LedgerSnapshot snapshot, bool deep, int keepFindings)
    {
        _topic = topic;
        _deep = deep;
        Snapshot = snapshot;
        Findings = new AuditFindings(keepFindings);
        foreach (var ledger in snapshot.Partitions)
            Open(ledger);
    }

    /// <summary>What PostgreSQL said.</summary>
    public LedgerSnapshot Snapshot { get; }

    /// <summary>What is wrong.</summary>
    public AuditFindings Findings { get; }

    /// <summary>Hash of lead ids, the same for files, topic and table.</summary>
    public LeadHash Leads { get; } = new();

    /// <summary>The partitions in order.</summary>
    public IReadOnlyCollection<PartitionAccount> Partitions => _partitions.Values;

    /// <summary>Why files cannot be read, by file id.</summary>
    public Dictionary<Guid, string> Unreadable { get; } = [];

    /// <summary>The books of a partition; opened empty where the group has no progress yet.</summary>
    public PartitionAccount Partition(int partition) =>
        _partitions.TryGetValue(partition, out var account)
            ? account
            : Open(new PartitionLedger(new TopicPartition(_topic, partition), 0, 0, [], [], []));

    /// <summary>The books of the partition, if there are any.</summary>
    public PartitionAccount? FindPartition(int partition) => _partitions.GetValueOrDefault(partition);

    /// <summary>The partition with this <see cref="PartitionAccount.Index"/>.</summary>
    public PartitionAccount ByIndex(int index) => _partitions.Values.Single(account => account.Index == index);

    /// <summary>The ranges that a file was registered with for one partition.</summary>
    public IReadOnlyList<RangeAccount> RangesOf(Guid file, int partition) =>
        _ranges.TryGetValue((file, partition), out var found) ? found : [];

    /// <summary>The account of a registered range.</summary>
    public RangeAccount AccountOf(RegisteredRange range, int partition) =>
        RangesOf(range.File.FileId, partition).Single(account => account.Range == range);

    private PartitionAccount Open(PartitionLedger ledger)
    {
        var chain = new RangeChain(ledger);
        var account = new PartitionAccount(_partitions.Count, chain)
        {
            Fingerprints = _deep ? chain.Domains.Keys.ToDictionary(incarnation => incarnation, _ => new LeadFingerprints()) : null,
        };
        _partitions.Add(ledger.TopicPartition.Partition.Value, account);
        foreach (var range in ledger.Ranges)
        {
            var key = (range.File.FileId, ledger.TopicPartition.Partition.Value);
            if (!_ranges.TryGetValue(key, out var list))
                _ranges.Add(key, list = []);
            list.Add(new RangeAccount(range));
        }

        return account;
    }
}

/// <summary>One registered range while an audit runs.</summary>
internal sealed class RangeAccount(RegisteredRange range)
{
    /// <summary>The registration.</summary>
    public RegisteredRange Range => range;

    /// <summary>Distinct offsets of the range that the file has rows of.</summary>
    public long Rows { get; set; }

    /// <summary>Offsets of the range found to be lost.</summary>
    public long Lost { get; set; }

    /// <summary>Rows that were registered and are not there.</summary>
    public long Shortfall => range.RowCount - Rows;
}

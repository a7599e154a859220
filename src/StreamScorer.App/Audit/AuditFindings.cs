namespace StreamScorer.App.Audit;

/// <summary>
/// Gathers faults while an audit runs. Faults of one cause at neighbouring offsets become one finding; every fault is
/// counted, the first <paramref name="keep"/> findings are kept with their words.
/// </summary>
internal sealed class AuditFindings(int keep)
{
    private readonly Dictionary<Cause, OpenFinding> _open = [];
    private readonly List<AuditFinding> _findings = [];

    /// <summary>How many findings there are, those without words included.</summary>
    public long Count { get; private set; }

    /// <summary>Enters one faulty offset.</summary>
    /// <param name="partition">Whose books it goes into.</param>
    /// <param name="fault">What is wrong.</param>
    /// <param name="offset">Where.</param>
    /// <param name="cause">Why, as far as neighbours with the same cause belong together.</param>
    /// <param name="words">Puts the run of offsets into words when it is complete.</param>
    public void Add(PartitionAccount partition, AuditFault fault, long offset, object cause, Func<OffsetRun, FindingWords> words)
    {
        Book(partition.Totals, fault, 1);
        var key = new Cause(partition.Index, fault, cause);
        if (_open.TryGetValue(key, out var run) && run.Offsets.End == offset)
        {
            run.Offsets = run.Offsets with { End = offset + 1 };
            return;
        }

        if (run is not null)
            Close(run);
        _open[key] = new OpenFinding(partition, fault, words) { Offsets = new OffsetRun(offset, offset + 1) };
    }

    /// <summary>Enters <paramref name="count"/> faults that belong together. The words are asked for only if they are kept.</summary>
    public void Add(PartitionAccount partition, AuditFault fault, OffsetRun offsets, long count, Func<FindingWords> words)
    {
        Book(partition.Totals, fault, count);
        Keep(partition, fault, offsets, count, words);
    }

    /// <summary>All findings kept, by partition and offset.</summary>
    public IReadOnlyList<AuditFinding> Complete()
    {
        foreach (var run in _open.Values)
            Close(run);
        _open.Clear();
        return [.. _findings.OrderBy(finding => finding.Partition).ThenBy(finding => finding.Offsets.Start)];
    }

    private void Close(OpenFinding run) =>
        Keep(run.Partition, run.Fault, run.Offsets, run.Offsets.Length, () => run.Words(run.Offsets));

    private void Keep(PartitionAccount partition, AuditFault fault, OffsetRun offsets, long count, Func<FindingWords> describe)
    {
        Count++;
        if (_findings.Count >= keep)
            return;
        var words = describe();
        _findings.Add(new AuditFinding(
            fault, partition.TopicPartition.Topic, partition.TopicPartition.Partition.Value, offsets, count,
            words.Found, words.Expected, words.Files, words.Remedy));
    }

    private static void Book(PartitionTotals totals, AuditFault fault, long count)
    {
        switch (fault)
        {
            case AuditFault.Lost:
                totals.Lost += count;
                break;
            case AuditFault.Duplicate:
                totals.Duplicate += count;
                break;
            case AuditFault.Unseen:
                totals.Unseen += count;
                break;
            default:
                totals.Mismatch += count;
                break;
        }
    }

    private readonly record struct Cause(int Partition, AuditFault Fault, object Why);

    private sealed class OpenFinding(PartitionAccount partition, AuditFault fault, Func<OffsetRun, FindingWords> words)
    {
        public PartitionAccount Partition => partition;

        public AuditFault Fault => fault;

        public Func<OffsetRun, FindingWords> Words => words;

        public OffsetRun Offsets { get; set; }
    }
}

/// <summary>A finding's words; see <see cref="AuditFinding"/>.</summary>
internal sealed record FindingWords(string Found, string Expected, IReadOnlyList<string> Files, string Remedy);

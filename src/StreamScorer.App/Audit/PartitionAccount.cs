using Confluent.Kafka;

namespace StreamScorer.App.Audit;

/// <summary>The books of one partition while an audit runs: what the ledger promises and what was found.</summary>
internal sealed class PartitionAccount
{
    private readonly Dictionary<long, OffsetSet> _visible = [];

    /// <summary>Opens the books.</summary>
    /// <param name="index">The partition's number among the audited ones.</param>
    /// <param name="chain">What the ledger says of it.</param>
    public PartitionAccount(int index, RangeChain chain)
    {
        Index = index;
        Chain = chain;
        foreach (var incarnation in chain.Domains.Keys)
            _visible[incarnation] = new OffsetSet();
    }

    /// <summary>The partition's number among the audited ones.</summary>
    public int Index { get; }

    /// <summary>The registered ranges in order, by incarnation.</summary>
    public RangeChain Chain { get; }

    /// <summary>Topic and partition.</summary>
    public TopicPartition TopicPartition => Chain.Ledger.TopicPartition;

    /// <summary>First offset that no registered checkpoint covers.</summary>
    public long NextOffset => Chain.Ledger.NextOffset;

    /// <summary>The topic's oldest offset and its end when the audit began.</summary>
    public WatermarkOffsets Watermarks { get; set; } = new(0, 0);

    /// <summary>The offsets whose rows are compared with their records; empty unless the audit is deep.</summary>
    public OffsetRun Compared { get; set; }

    /// <summary>Offsets that have a dead letter.</summary>
    public OffsetSet DeadLetters { get; } = new();

    /// <summary>Lead by offset, files against topic; null unless every row is compared.</summary>
    public Dictionary<long, LeadFingerprints>? Fingerprints { get; init; }

    /// <summary>What was counted.</summary>
    public PartitionTotals Totals { get; } = new();

    /// <summary>Enters a row. False when the offset has one in this incarnation already.</summary>
    public bool AddVisible(long incarnation, long offset)
    {
        if (!_visible.TryGetValue(incarnation, out var set))
            _visible.Add(incarnation, set = new OffsetSet());
        return set.Add(offset);
    }

    /// <summary>Whether the offset has a row in any incarnation.</summary>
    public bool IsVisible(long offset)
    {
        foreach (var set in _visible.Values)
        {
            if (set.Contains(offset))
                return true;
        }

        return false;
    }

    /// <summary>Whether the offset has a row in this incarnation.</summary>
    public bool IsVisible(long incarnation, long offset) => _visible.TryGetValue(incarnation, out var set) && set.Contains(offset);

    /// <summary>Books what the files hold: distinct offsets, and offsets scored again by a later incarnation.</summary>
    public void CountVisible()
    {
        Totals.Scored = _visible.Count == 1 ? _visible.Values.Single().Count : Distinct();
        Totals.Replayed = _visible.Values.Sum(set => set.Count) - Totals.Scored;
    }

    /// <summary>
    /// Offsets the partition accounts for that have neither a row nor a recorded gap: each must be a dead letter, a
    /// tombstone or absent from the topic, else it is lost.
    /// </summary>
    public IEnumerable<OffsetRun> WithoutRow()
    {
        foreach (var domain in Chain.AccountedOffsets())
        {
            foreach (var run in AbsentEverywhere(domain.Start, domain.End, _visible.Values.ToArray()))
            {
                foreach (var rest in Without(run, Chain.Ledger.Gaps))
                    yield return rest;
            }
        }
    }

    private long Distinct() => Chain.AccountedOffsets()
        .Sum(domain => domain.Length - AbsentEverywhere(domain.Start, domain.End, _visible.Values.ToArray()).Sum(run => run.Length));

    private static IEnumerable<OffsetRun> AbsentEverywhere(long start, long end, ReadOnlyMemory<OffsetSet> sets)
    {
        if (sets.Length == 0)
            return [new OffsetRun(start, end)];
        var first = sets.Span[0].Absent(start, end);
        return sets.Length == 1 ? first : first.SelectMany(run => AbsentEverywhere(run.Start, run.End, sets[1..]));
    }

    private static IEnumerable<OffsetRun> Without(OffsetRun run, IReadOnlyList<RecordedGap> gaps)
    {
        var from = run.Start;
        foreach (var gap in gaps.Select(gap => gap.Offsets).Where(gap => gap.End > run.Start && gap.Start < run.End).OrderBy(gap => gap.Start))
        {
            if (gap.Start > from)
                yield return new OffsetRun(from, gap.Start);
            from = Math.Max(from, gap.End);
        }

        if (from < run.End)
            yield return new OffsetRun(from, run.End);
    }
}

/// <summary>What was counted for one partition.</summary>
public sealed class PartitionTotals
{
    /// <summary>Distinct offsets with a visible row.</summary>
    public long Scored { get; internal set; }

    /// <summary>Distinct offsets with a dead letter, below progress.</summary>
    public long DeadLetters { get; internal set; }

    /// <summary>Dead letters beyond the first of their offset: harmless, a fault made the worker send them again.</summary>
    public long RepeatedDeadLetters { get; internal set; }

    /// <summary>Records with an empty value.</summary>
    public long Tombstones { get; internal set; }

    /// <summary>Offsets the topic does not have between its oldest and its end: compaction, transactions' markers.</summary>
    public long CompactionGaps { get; internal set; }

    /// <summary>Offsets passed over on record.</summary>
    public long RecordedGaps { get; internal set; }

    /// <summary>Offsets without a row that retention has deleted from the topic since.</summary>
    public long Expired { get; internal set; }

    /// <summary>Offsets scored again on record (<c>offsets reset</c>).</summary>
    public long Replayed { get; internal set; }

    /// <summary>See <see cref="AuditFault.Lost"/>.</summary>
    public long Lost { get; internal set; }

    /// <summary>See <see cref="AuditFault.Duplicate"/>.</summary>
    public long Duplicate { get; internal set; }

    /// <summary>See <see cref="AuditFault.Unseen"/>.</summary>
    public long Unseen { get; internal set; }

    /// <summary>See <see cref="AuditFault.Mismatch"/>.</summary>
    public long Mismatch { get; internal set; }

    /// <summary>Adds another partition's totals to these.</summary>
    internal void Add(PartitionTotals other)
    {
        Scored += other.Scored;
        DeadLetters += other.DeadLetters;
        RepeatedDeadLetters += other.RepeatedDeadLetters;
        Tombstones += other.Tombstones;
        CompactionGaps += other.CompactionGaps;
        RecordedGaps += other.RecordedGaps;
        Expired += other.Expired;
        Replayed += other.Replayed;
        Lost += other.Lost;
        Duplicate += other.Duplicate;
        Unseen += other.Unseen;
        Mismatch += other.Mismatch;
    }
}

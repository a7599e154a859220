namespace StreamScorer.App.Audit;

/// <summary>
/// The ranges of one partition as a chain: from the offset where the group began to next_offset, each range beginning
/// where the one before ended. <c>offsets reset</c> begins a new chain, the next incarnation; that an offset stands in
/// two incarnations is a recorded replay, not a fault.
/// </summary>
internal sealed class RangeChain
{
    private readonly SortedDictionary<long, OffsetRun> _domains = [];
    private readonly List<RangeOverlap> _overlaps = [];
    private readonly List<RegisteredRange> _beyondProgress = [];

    /// <summary>Sorts the ranges of <paramref name="ledger"/> into chains and follows each.</summary>
    public RangeChain(PartitionLedger ledger)
    {
        Ledger = ledger;
        FindDomains();
        foreach (var chain in ledger.Ranges.GroupBy(range => range.Incarnation))
        {
            var end = _domains.TryGetValue(chain.Key, out var domain) ? domain.End : 0;
            Follow(chain.OrderBy(range => range.Offsets.Start).ThenBy(range => range.Offsets.End), end);
        }
    }

    /// <summary>The partition's rows of the ledger.</summary>
    public PartitionLedger Ledger { get; }

    /// <summary>For each incarnation the offsets it accounts for; the last one ends at next_offset.</summary>
    public IReadOnlyDictionary<long, OffsetRun> Domains => _domains;

    /// <summary>Offsets that two ranges of one incarnation both claim.</summary>
    public IReadOnlyList<RangeOverlap> Overlaps => _overlaps;

    /// <summary>Ranges registered beyond the progress that should have moved with them.</summary>
    public IReadOnlyList<RegisteredRange> BeyondProgress => _beyondProgress;

    /// <summary>Everything that some incarnation accounts for, as ascending runs that do not touch.</summary>
    public IEnumerable<OffsetRun> AccountedOffsets()
    {
        OffsetRun? open = null;
        foreach (var domain in _domains.Values.Where(domain => domain.Length > 0).OrderBy(domain => domain.Start))
        {
            if (open is { } run && domain.Start <= run.End)
            {
                open = run with { End = Math.Max(run.End, domain.End) };
                continue;
            }

            if (open is { } finished)
                yield return finished;
            open = domain;
        }

        if (open is { } last)
            yield return last;
    }

    /// <summary>Whether some incarnation accounts for the offset.</summary>
    public bool Accounts(long offset)
    {
        foreach (var domain in _domains.Values)
        {
            if (domain.Contains(offset))
                return true;
        }

        return false;
    }

    /// <summary>The ranges that claim this offset, newest incarnation last.</summary>
    public IEnumerable<RegisteredRange> RangesAt(long offset) => RangesIn(new OffsetRun(offset, offset + 1));

    /// <summary>The ranges that claim an offset of the run, newest incarnation last.</summary>
    public IEnumerable<RegisteredRange> RangesIn(OffsetRun run) =>
        Ledger.Ranges.Where(range => range.Offsets.Start < run.End && run.Start < range.Offsets.End)
            .OrderBy(range => range.Incarnation);

    private void FindDomains()
    {
        var incarnation = 0L;
        var start = Ledger.InitialOffset;
        foreach (var reset in Ledger.Resets.OrderBy(reset => reset.Incarnation))
        {
            _domains[incarnation] = new OffsetRun(start, Math.Max(start, reset.FromOffset ?? start));
            incarnation = reset.Incarnation;
            start = reset.ToOffset;
        }

        _domains[incarnation] = new OffsetRun(start, Math.Max(start, Ledger.NextOffset));
    }

    private void Follow(IEnumerable<RegisteredRange> chain, long end)
    {
        RegisteredRange? furthest = null;
        foreach (var range in chain)
        {
            if (furthest is not null && range.Offsets.Start < furthest.Offsets.End)
            {
                var shared = new OffsetRun(range.Offsets.Start, Math.Min(range.Offsets.End, furthest.Offsets.End));
                _overlaps.Add(new RangeOverlap(shared, furthest, range));
            }

            if (furthest is null || range.Offsets.End > furthest.Offsets.End)
                furthest = range;
            if (range.Offsets.End > end)
                _beyondProgress.Add(range);
        }
    }
}

/// <summary>Offsets that two registered ranges both claim.</summary>
internal sealed record RangeOverlap(OffsetRun Offsets, RegisteredRange First, RegisteredRange Second);

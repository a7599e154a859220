namespace StreamScorer.App.Audit;

/// <summary>Puts what is wrong with the ledger itself into findings: ranges that overlap, and ranges beyond progress.</summary>
internal static class ChainFindings
{
    /// <summary>Call when the files have been read: where rows stand twice, they are the finding and the ranges a note.</summary>
    public static void Add(AuditBooks books, List<string> notes)
    {
        foreach (var partition in books.Partitions)
        {
            foreach (var overlap in partition.Chain.Overlaps)
                AddOverlap(books, partition, overlap, notes);
            foreach (var range in partition.Chain.BeyondProgress)
                AddBeyond(books, partition, range);
        }
    }

    private static void AddOverlap(AuditBooks books, PartitionAccount partition, RangeOverlap overlap, List<string> notes)
    {
        var claim = $"{overlap.First.File.Name} is registered for {overlap.First.Offsets}, "
            + $"{overlap.Second.File.Name} for {overlap.Second.Offsets} of {partition.TopicPartition}";
        if (partition.Totals.Duplicate > 0)
        {
            notes.Add($"Ranges overlap: {claim}.");
            return;
        }

        books.Findings.Add(partition, AuditFault.Duplicate, overlap.Offsets, overlap.Offsets.Length, () => new FindingWords(
            claim,
            "each offset in one registered checkpoint",
            [overlap.First.File.Name, overlap.Second.File.Name],
            "No row stands twice, so readers see each offset once; compare checkpoint_ranges with a backup of the database."));
    }

    private static void AddBeyond(AuditBooks books, PartitionAccount partition, RegisteredRange range)
    {
        var domain = partition.Chain.Domains.GetValueOrDefault(range.Incarnation);
        var beyond = new OffsetRun(Math.Max(range.Offsets.Start, domain.End), range.Offsets.End);
        books.Findings.Add(partition, AuditFault.Duplicate, beyond, beyond.Length, () => new FindingWords(
            $"{range.File.Name} is registered for {range.Offsets}, progress is {domain.End}: a worker will score {beyond} again",
            $"progress of at least {range.Offsets.End}",
            [range.File.Name],
            $"Stop the workers, then: offsets reset --partition {partition.TopicPartition.Partition.Value} --to {range.Offsets.End}."));
    }
}

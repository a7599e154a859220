namespace StreamScorer.App.Audit;

/// <summary>
/// Explains offsets that are on the topic and in no row, and finds rows that are gone although the topic no longer
/// tells which: a file that holds fewer rows than were registered.
/// </summary>
internal sealed class LostOffsets(AuditBooks books)
{
    private enum Why
    {
        NoRange,
        Unreadable,
        RowGone,
        NoLetter,
    }

    /// <summary>Enters an offset below progress whose record has a value, no row and no dead letter.</summary>
    public void Enter(PartitionAccount partition, long offset)
    {
        var range = partition.Chain.RangesAt(offset).LastOrDefault();
        var account = range is null ? null : books.AccountOf(range, partition.TopicPartition.Partition.Value);
        if (account is not null)
            account.Lost++;
        var why = range is null ? Why.NoRange
            : books.Unreadable.ContainsKey(range.File.FileId) ? Why.Unreadable
            : account!.Shortfall > 0 ? Why.RowGone
            : Why.NoLetter;
        books.Findings.Add(partition, AuditFault.Lost, offset, (why, range?.File), run => Words(partition, run, why, account));
    }

    /// <summary>When the topic has been read: counts gaps, and rows gone from offsets the topic no longer has.</summary>
    public void Settle(PartitionAccount partition)
    {
        foreach (var range in partition.Chain.Ledger.Ranges)
        {
            var account = books.AccountOf(range, partition.TopicPartition.Partition.Value);
            var unnamed = account.Shortfall - account.Lost;
            if (unnamed > 0 && IsNeeded(partition, range))
                books.Findings.Add(partition, AuditFault.Lost, range.Offsets, unnamed, () => UnnamedWords(account, unnamed));
        }

        CountGaps(partition);
    }

    private static bool IsNeeded(PartitionAccount partition, RegisteredRange range)
    {
        // Rows of an earlier incarnation that a later one scored again are not missed.
        for (var offset = range.Offsets.Start; offset < range.Offsets.End; offset++)
        {
            if (!partition.IsVisible(offset))
                return true;
        }

        return false;
    }

    private static void CountGaps(PartitionAccount partition)
    {
        var totals = partition.Totals;
        totals.RecordedGaps = partition.Chain.Ledger.Gaps.Sum(gap => gap.Offsets.Length);
        partition.CountVisible();
        var low = partition.Watermarks.Low.Value;
        var without = 0L;
        foreach (var run in partition.WithoutRow().SelectMany(run => partition.DeadLetters.Absent(run.Start, run.End)))
        {
            without += run.Length;
            totals.Expired += Math.Max(0, Math.Min(run.End, low) - run.Start);
        }

        // What is left after every record found is on no topic: compacted away, or a transaction's marker.
        totals.CompactionGaps = Math.Max(0, without - totals.Expired - totals.Tombstones - totals.Lost);
    }

    private FindingWords Words(PartitionAccount partition, OffsetRun run, Why why, RangeAccount? account)
    {
        var source = partition.TopicPartition.Partition.Value;
        var rescore = $"Score them again: offsets reset --partition {source} --to {run.Start}, then start a worker.";
        return why switch
        {
            Why.NoRange => new FindingWords(
                $"no registered checkpoint covers {run}: {Neighbours(partition, run)}",
                "each offset below progress in one registered checkpoint", [], rescore),
            Why.Unreadable => new FindingWords(
                books.Unreadable[account!.Range.File.FileId],
                Registered(account), [account.Range.File.Name], $"Put the file back from a backup. If there is none: {rescore}"),
            Why.RowGone => new FindingWords(
                $"{account!.Range.File.Name} has no row for {run}; it holds {account.Rows} rows of {account.Range.Offsets}",
                Registered(account), [account.Range.File.Name], $"Put the file back from a backup. If there is none: {rescore}"),
            _ => new FindingWords(
                $"{run} of the topic has a value, no row in {account!.Range.File.Name}, and no dead letter",
                "a row or a dead letter", [account.Range.File.Name], $"If the dead-letter topic was cleaned, nothing is to be done; else: {rescore}"),
        };
    }

    private FindingWords UnnamedWords(RangeAccount account, long unnamed) => new(
        books.Unreadable.TryGetValue(account.Range.File.FileId, out var reason)
            ? $"{reason} The topic no longer has the records of {unnamed} of its rows"
            : $"{account.Range.File.Name} holds {account.Rows} rows of {account.Range.Offsets}; the topic no longer has the records "
                + $"of {unnamed} missing rows, so that their offsets cannot be told from gaps",
        Registered(account),
        [account.Range.File.Name],
        "Put the file back from a backup.");

    private static string Registered(RangeAccount account) =>
        $"{account.Range.RowCount} rows of {account.Range.Offsets}, as registered at {account.Range.File.RegisteredAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z";

    private static string Neighbours(PartitionAccount partition, OffsetRun run)
    {
        var before = partition.Chain.Ledger.Ranges.Where(range => range.Offsets.End <= run.Start).MaxBy(range => range.Offsets.End);
        var after = partition.Chain.Ledger.Ranges.Where(range => range.Offsets.Start >= run.End).MinBy(range => range.Offsets.Start);
        var first = before is null ? "none before" : $"{before.File.Name} ends at {before.Offsets.End - 1}";
        var second = after is null ? $"progress is {partition.NextOffset}" : $"{after.File.Name} begins at {after.Offsets.Start}";
        return $"{first}, {second}";
    }
}

namespace StreamScorer.App.Audit;

/// <summary>The outcome of an audit.</summary>
public sealed record AuditReport
{
    /// <summary>The audited topic.</summary>
    public required string Topic { get; init; }

    /// <summary>The audited consumer group.</summary>
    public required string GroupId { get; init; }

    /// <summary>What was asked.</summary>
    public required AuditRequest Request { get; init; }

    /// <summary>The database's clock at the snapshot; registrations after it were left out.</summary>
    public required DateTimeOffset SnapshotAt { get; init; }

    /// <summary>Counts over all partitions.</summary>
    public required PartitionTotals Totals { get; init; }

    /// <summary>One line per partition, in order.</summary>
    public required IReadOnlyList<PartitionReport> Partitions { get; init; }

    /// <summary>Registered checkpoint files with rows.</summary>
    public required long Checkpoints { get; init; }

    /// <summary>Rows of hot_leads that are hot now.</summary>
    public required long HotLeads { get; init; }

    /// <summary>Rows of hot_leads that have cooled.</summary>
    public required long CooledLeads { get; init; }

    /// <summary>Rows of hot_leads, hot or cooled, from offsets that no checkpoint covers yet: explained by the next one.</summary>
    public required long LeadsAhead { get; init; }

    /// <summary>Leads that a tombstone asked to forget and that hot_leads no longer has.</summary>
    public required long DeletedLeads { get; init; }

    /// <summary>Findings, by partition and offset; at most <see cref="AuditRequest.KeepFindings"/>.</summary>
    public required IReadOnlyList<AuditFinding> Findings { get; init; }

    /// <summary>All findings, those without words included.</summary>
    public required long FindingCount { get; init; }

    /// <summary>What people should know and is no fault.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Records accounted for: rows, dead letters, tombstones, and what is lost or unseen.</summary>
    public long Events => Totals.Scored + Totals.DeadLetters + Totals.Tombstones + Totals.Lost + Totals.Unseen;

    /// <summary>True when nothing is lost, duplicate, unseen or mismatched.</summary>
    public bool IsClean => Totals is { Lost: 0, Duplicate: 0, Unseen: 0, Mismatch: 0 };
}

/// <summary>One partition's line of the report.</summary>
/// <param name="Partition">Partition number.</param>
/// <param name="NextOffset">Progress at the snapshot.</param>
/// <param name="EndOffset">The topic's end after the snapshot.</param>
/// <param name="Totals">Counts.</param>
public sealed record PartitionReport(int Partition, long NextOffset, long EndOffset, PartitionTotals Totals);

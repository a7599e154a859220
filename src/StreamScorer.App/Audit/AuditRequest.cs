namespace StreamScorer.App.Audit;

/// <summary>What an audit is to look at.</summary>
public sealed record AuditRequest
{
    /// <summary>The topic should be worked off: offsets beyond progress count as unseen.</summary>
    public bool Drained { get; init; }

    /// <summary>Compare every row with its record on the topic.</summary>
    public bool Deep { get; init; }

    /// <summary>The offsets of each partition that <see cref="Deep"/> compares; everything else is always audited whole.</summary>
    public OffsetRun Window { get; init; } = new(0, long.MaxValue);

    /// <summary>Archive roots; empty: the one of the settings.</summary>
    public IReadOnlyList<string> CheckpointFolders { get; init; } = [];

    /// <summary>How many findings are put into words; all are counted.</summary>
    public int KeepFindings { get; init; } = 100;

    /// <summary>How many leads are held in memory at a time, 48 to 130 bytes each; more leads mean more passes over the files.</summary>
    public int MaxLeads { get; init; } = 3_000_000;
}

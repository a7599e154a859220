namespace StreamScorer.Sinks.Compaction;

/// <summary>The points between two durable steps of a compaction at which a crash must do no harm; see <see cref="Failpoint"/>.</summary>
public enum CompactionPoint
{
    /// <summary>The large files are durable in the folder beside; nothing refers to them.</summary>
    Written,

    /// <summary>The journal is durable.</summary>
    Journalled,

    /// <summary>The folders have changed places; the manifest's transaction is open.</summary>
    Exchanged,

    /// <summary>The ranges have moved to the large files, durably; the journal is still open.</summary>
    Moved,

    /// <summary>The journal is closed; the small files still lie in the folder beside.</summary>
    Closed,
}

namespace StreamScorer.App.Audit;

/// <summary>What is wrong; each is a count that must be 0.</summary>
public enum AuditFault
{
    /// <summary>Below progress, in no visible checkpoint row, and nothing explains it.</summary>
    Lost,

    /// <summary>In visible checkpoint rows more than once.</summary>
    Duplicate,

    /// <summary>Published but beyond progress after everything was drained.</summary>
    Unseen,

    /// <summary>Two places tell different stories: hot_leads against the files, or a file's row against the topic.</summary>
    Mismatch,
}

/// <summary>One fault with all a person needs to look at it.</summary>
/// <param name="Fault">What is wrong.</param>
/// <param name="Topic">Source topic.</param>
/// <param name="Partition">Source partition.</param>
/// <param name="Offsets">The offsets it is about.</param>
/// <param name="Count">How many offsets or leads of these are faulty.</param>
/// <param name="Found">What was found, and in which row.</param>
/// <param name="Expected">What should have been there.</param>
/// <param name="Files">The checkpoint files concerned, below the archive root.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record AuditFinding(
    AuditFault Fault,
    string Topic,
    int Partition,
    OffsetRun Offsets,
    long Count,
    string Found,
    string Expected,
    IReadOnlyList<string> Files,
    string Remedy);

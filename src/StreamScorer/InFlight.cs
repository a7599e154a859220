using System.Diagnostics;
using StreamScorer.Consumer;
using StreamScorer.Scoring;

namespace StreamScorer;

/// <summary>A micro-batch whose hot leads are being written, with what measures it.</summary>
/// <param name="Batch">The records.</param>
/// <param name="Scored">What they scored.</param>
/// <param name="Model">With which model.</param>
/// <param name="Refused">The write; its answer names the leases that were refused.</param>
internal sealed record InFlight(MicroBatch Batch, ScoredBatch Scored, ScoringModel Model, Task<IReadOnlyList<PartitionLease>> Refused)
{
    /// <summary>The clock's timestamp when the batch came to the loop.</summary>
    public long Began { get; init; }

    /// <summary>What decoding and scoring took.</summary>
    public TimeSpan Scoring { get; init; }

    /// <summary>The clock's timestamp when its write began.</summary>
    public long WriteBegan { get; init; }

    /// <summary>Its span; null where nobody traces.</summary>
    public Activity? Span { get; init; }
}

using System.Diagnostics;
using StreamScorer.Consumer;
using StreamScorer.Scoring;

namespace StreamScorer;

/// <summary>A micro-batch whose hot leads are being written, with what measures it.</summary>
/// <param name="Batch">The records.</param>
/// <param name="Scored">What they scored.</param>
/// <param name="Model">With which model.</param>
/// <param name="Refused">The write; its answer names the leases that were refused.</param>
/// <param name="Began">The clock's timestamp when the batch came to the loop.</param>
/// <param name="WriteBegan">The clock's timestamp when its write began.</param>
/// <param name="Scoring">What decoding and scoring took.</param>
/// <param name="Span">Its span; null where nobody traces.</param>
internal sealed record InFlight(
    MicroBatch Batch, ScoredBatch Scored, ScoringModel Model, Task<IReadOnlyList<PartitionLease>> Refused, long Began, long WriteBegan,
    TimeSpan Scoring, Activity? Span)
{
    /// <summary>What the write took, once it is over.</summary>
    public TimeSpan WriteTime { get; set; }
}

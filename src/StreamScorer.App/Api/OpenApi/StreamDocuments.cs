// The state of the stream as /api/v1/stream and the live events tell it, for the OpenAPI document.
namespace StreamScorer.App.Api.OpenApi;

/// <summary>The state of the stream: of this worker by its meters, of the group by its ledger.</summary>
/// <param name="Second">The last second; null before the first.</param>
/// <param name="History">The last 15 minutes, second by second; null in live events.</param>
internal sealed record StreamDocument(
    StreamWorker Worker, bool Ready, bool Live, IReadOnlyList<StreamDependency> Dependencies, Live.StreamTotals Totals,
    IReadOnlyList<Live.DeadLetterCount> DeadLetters, IReadOnlyList<Live.PartitionStatus> Partitions,
    IReadOnlyList<Live.CheckpointStatus> Checkpoints, Live.StreamSecond? Second, StreamColumns? History);

/// <summary>The worker that answers.</summary>
/// <param name="Threshold">Probabilities above this are hot.</param>
internal sealed record StreamWorker(
    string Name, DateTimeOffset StartedAt, string Topic, string Group, string Model, string ModelVersion, double Threshold);

/// <summary>Something that the worker depends on.</summary>
/// <param name="Since">Since when it is up, or away.</param>
/// <param name="Reason">Why it is away; null where it is up.</param>
internal sealed record StreamDependency(string Name, bool Up, DateTimeOffset Since, string? Reason);

/// <summary>Seconds by columns, oldest first; all columns have the same length.</summary>
/// <param name="At">Milliseconds since 1970.</param>
internal sealed record StreamColumns(
    IReadOnlyList<long> At, IReadOnlyList<long> Scored, IReadOnlyList<long> Hot, IReadOnlyList<long?> Lag,
    IReadOnlyList<double?> BatchP50Seconds, IReadOnlyList<double?> BatchP99Seconds, IReadOnlyList<long> DeadLetters);

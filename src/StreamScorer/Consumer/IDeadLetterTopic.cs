using StreamScorer.Scoring;

namespace StreamScorer.Consumer;

/// <summary>Where records go that can never be scored: Kafka (<see cref="DeadLetterProducer"/>) or the simulation's topic.</summary>
public interface IDeadLetterTopic
{
    /// <inheritdoc cref="DeadLetterProducer.SendAsync(MicroBatch, in BadRecord, CancellationToken)"/>
    Task SendAsync(MicroBatch batch, in BadRecord bad, CancellationToken ct);
}

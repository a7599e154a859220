namespace StreamScorer.App.Api.Live;

/// <summary>What one second of the stream was like, in this worker.</summary>
/// <param name="At">Its end, milliseconds since 1970.</param>
/// <param name="Consumed">Records consumed.</param>
/// <param name="Scored">Events scored.</param>
/// <param name="Hot">Events above the threshold.</param>
/// <param name="DeadLetters">Records sent to the dead-letter topic.</param>
/// <param name="Lag">Records on this worker's partitions that are not consumed yet; null while unknown.</param>
/// <param name="BatchP50Seconds">Median time of a micro-batch; null without one.</param>
/// <param name="BatchP99Seconds">Time that 99 % of the micro-batches stay below; null without one.</param>
internal sealed record StreamSecond(
    long At, long Consumed, long Scored, long Hot, long DeadLetters, long? Lag, double? BatchP50Seconds, double? BatchP99Seconds);

/// <summary>The last quarter of an hour, second by second. Written by one thread, read by any.</summary>
internal sealed class StreamHistory
{
    private const int Seconds = 15 * 60;

    private readonly Lock _gate = new();
    private readonly Queue<StreamSecond> _seconds = new(Seconds);

    /// <summary>The newest second; null before the first.</summary>
    public StreamSecond? Last { get; private set; }

    /// <summary>Adds a second; the oldest goes.</summary>
    public void Add(StreamSecond second)
    {
        lock (_gate)
        {
            if (_seconds.Count == Seconds)
                _seconds.Dequeue();
            _seconds.Enqueue(second);
            Last = second;
        }
    }

    /// <summary>Every second, oldest first.</summary>
    public IReadOnlyList<StreamSecond> Read()
    {
        lock (_gate)
            return [.. _seconds];
    }
}

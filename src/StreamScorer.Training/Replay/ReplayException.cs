namespace StreamScorer.Training.Replay;

/// <summary>A replay cannot go on; the message says why and what helps.</summary>
public sealed class ReplayException : Exception
{
    /// <param name="message">For people.</param>
    /// <param name="brokerMissing">Whether no broker answered, as against a broker that refused.</param>
    /// <param name="delivered">Events confirmed before it.</param>
    public ReplayException(string message, bool brokerMissing, long delivered)
        : base(message)
    {
        BrokerMissing = brokerMissing;
        Delivered = delivered;
    }

    /// <summary>Whether no broker answered.</summary>
    public bool BrokerMissing { get; }

    /// <summary>Events confirmed before the failure.</summary>
    public long Delivered { get; }
}

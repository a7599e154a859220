using System.Threading.Channels;

namespace StreamScorer.App.Api.Live;

/// <summary>One open page. What it has not been sent yet waits, up to a bound; then it is let go.</summary>
internal sealed class LiveViewer : IDisposable
{
    // Half a minute behind: the connection is dead or hopeless.
    private const int MostWaiting = 30;

    private readonly Channel<ReadOnlyMemory<byte>> _waiting =
        Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });

    private readonly Action<LiveViewer> _leave;

    public LiveViewer(LiveTopics topics, Action<LiveViewer> leave)
    {
        Topics = topics;
        _leave = leave;
    }

    /// <summary>What it wants to be told.</summary>
    public LiveTopics Topics { get; }

    /// <summary>What to send, in order; ends when the viewer is let go.</summary>
    public ChannelReader<ReadOnlyMemory<byte>> Messages => _waiting.Reader;

    /// <summary>Hands it something to send.</summary>
    public void Offer(ReadOnlyMemory<byte> message)
    {
        if (!_waiting.Writer.TryWrite(message))
            Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _waiting.Writer.TryComplete();
        _leave(this);
    }
}

using Microsoft.Extensions.Logging;

namespace StreamScorer.Tests.Sinks;

/// <summary>Keeps the id and the text of every message.</summary>
internal sealed class RecordingLog : ILogger
{
    public List<(int Id, string Text)> Messages { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (Messages)
            Messages.Add((eventId.Id, formatter(state, exception)));
    }
}

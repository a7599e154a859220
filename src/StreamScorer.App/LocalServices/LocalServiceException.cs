namespace StreamScorer.App.LocalServices;

/// <summary>
/// A local service is missing, did not start or did not answer. The message is for people: what failed, the remedy,
/// and the end of the service's log where there is one. Programs exit with code 3 on it.
/// </summary>
public sealed class LocalServiceException : Exception
{
    private const int TailLines = 15;

    public LocalServiceException(string message)
        : base(message)
    {
    }

    public LocalServiceException(string message, Exception cause)
        : base(message, cause)
    {
    }

    /// <summary>An error that ends with the last lines of <paramref name="logPath"/>.</summary>
    internal static LocalServiceException WithLog(string message, string logPath)
    {
        string[] tail;
        try
        {
            tail = File.ReadLines(logPath).TakeLast(TailLines).ToArray();
        }
        catch (IOException)
        {
            tail = [];
        }
        var end = tail.Length == 0 ? " (the log is empty)" : ":\n  " + string.Join("\n  ", tail);
        return new LocalServiceException($"{message}\nThe end of {logPath}{end}");
    }
}

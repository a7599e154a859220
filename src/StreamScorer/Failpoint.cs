using System.Runtime.InteropServices;
using StreamScorer.Sinks.Compaction;

namespace StreamScorer;

/// <summary>The points between two durable steps at which a crash must do no harm; names as in PROTOCOL.</summary>
public enum ProtocolPoint
{
    /// <summary>1 Take: epochs are raised, nothing is settled yet.</summary>
    Taken,

    /// <summary>1 Take: what earlier owners left is settled, nothing is consumed yet.</summary>
    Settled,

    /// <summary>A micro-batch is consumed, nothing is decoded.</summary>
    Consumed,

    /// <summary>A micro-batch is scored, nothing is written.</summary>
    Scored,

    /// <summary>2 Hot leads are committed, no dead letter is sent.</summary>
    HotLeadsWritten,

    /// <summary>3 Dead letters are sent, not acknowledged.</summary>
    DeadLettersSent,

    /// <summary>3 Dead letters of the checkpoint are acknowledged, nothing is staged.</summary>
    DeadLettersAcknowledged,

    /// <summary>4 Stage: the file is durable under its staging name, not registered.</summary>
    Staged,

    /// <summary>5 Register: committed, the file has its staging name only.</summary>
    Registered,

    /// <summary>6 Publish: the file has its final name, durably, and is not marked.</summary>
    Renamed,

    /// <summary>6 Publish: marked, the group is not told.</summary>
    Published,

    /// <summary>7 Commit: asked, the answer not seen.</summary>
    CommitSent,

    /// <summary>7 Commit: answered.</summary>
    Committed,

    /// <summary>Revoke: everything is committed, the partitions are not given back.</summary>
    Drained,
}

/// <summary>
/// Lets a test kill or freeze the process at a <see cref="ProtocolPoint"/>: <c>STREAMSCORER_FAILPOINT=kill:Registered:3</c>
/// kills at the third time it is reached, <c>stop:…</c> sends SIGSTOP instead. Without the variable a point costs one
/// comparison per micro-batch or checkpoint. The signal comes from the kernel: no finally block, no flush, no handler runs.
/// </summary>
public static class Failpoint
{
    private const int Kill = 9;
    private const int Stop = 19;

    private static readonly (int Signal, Enum Point, int Time)? Armed = Parse(Environment.GetEnvironmentVariable("STREAMSCORER_FAILPOINT"));
    private static int _reached;

    /// <summary>Whether the variable arms any point.</summary>
    public static bool IsArmed => Armed is not null;

    /// <summary>The protocol reached a point.</summary>
    public static void Reach(ProtocolPoint point)
    {
        if (Armed is { Point: ProtocolPoint at } armed && at == point && Interlocked.Increment(ref _reached) == armed.Time)
            _ = SendSignal(Environment.ProcessId, armed.Signal);
    }

    /// <summary>A compaction reached a point.</summary>
    public static void Reach(CompactionPoint point)
    {
        if (Armed is { Point: CompactionPoint at } armed && at == point && Interlocked.Increment(ref _reached) == armed.Time)
            _ = SendSignal(Environment.ProcessId, armed.Signal);
    }

    /// <summary>Reads <c>kill|stop:POINT[:TIME]</c>; null for nothing.</summary>
    /// <exception cref="FormatException">The text is of another form.</exception>
    internal static (int Signal, Enum Point, int Time)? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        var parts = text.Split(':');
        if (parts.Length is 2 or 3
            && parts[0] is "kill" or "stop"
            && ParsePoint(parts[1]) is { } point
            && int.TryParse(parts.ElementAtOrDefault(2) ?? "1", out var time) && time > 0)
            return (parts[0] == "kill" ? Kill : Stop, point, time);
        throw new FormatException($"STREAMSCORER_FAILPOINT={text}: expected kill|stop:POINT[:TIME], POINT one of "
            + $"{string.Join(", ", Enum.GetNames<ProtocolPoint>().Concat(Enum.GetNames<CompactionPoint>()))}.");
    }

    private static Enum? ParsePoint(string name) => Enum.TryParse<ProtocolPoint>(name, ignoreCase: true, out var point) ? point
        : Enum.TryParse<CompactionPoint>(name, ignoreCase: true, out var compaction) ? compaction
        : null;

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int processId, int signal);
}

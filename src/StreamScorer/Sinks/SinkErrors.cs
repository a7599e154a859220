using System.Net.Sockets;
using Confluent.Kafka;
using Npgsql;
using StreamScorer.Telemetry;

namespace StreamScorer.Sinks;

/// <summary>The one place where errors worth another attempt are told from errors that would come again.</summary>
public static class SinkErrors
{
    /// <summary>
    /// True when the same call may succeed later without a change of data, settings or code: the other side is away,
    /// busy, full or being repaired.
    /// </summary>
    public static bool IsTransient(Exception exception) => exception switch
    {
        PostgresException postgres => IsTransientState(postgres.SqlState),
        NpgsqlException npgsql => npgsql.IsTransient || (npgsql.InnerException is { } inner && IsTransient(inner)),
        KafkaException kafka => IsTransientCode(kafka.Error),
        TimeoutException or SocketException => true,

        // A missing file does not come back and a name does not get shorter. Everything else that a disk or a mount
        // refuses (full, quota, read-only, gone, I/O error) can be repaired while the worker waits.
        FileNotFoundException or PathTooLongException => false,
        IOException or UnauthorizedAccessException => true,
        AggregateException aggregate => aggregate.InnerExceptions.All(IsTransient),
        _ => false,
    };

    /// <summary>
    /// True when the database refused a value (SQLSTATE class 22 data exception, 23 constraint, 54 limit): the same
    /// batch will never pass, but its other rows will. Splitting the batch finds the record.
    /// </summary>
    public static bool IsBadData(Exception exception) =>
        exception is PostgresException { SqlState: var state } && Class(state) is "22" or "23" or "54";

    /// <summary>
    /// The dependency that an error speaks of, by its name in <see cref="Readiness"/>; null where the error alone does
    /// not tell. An operation that uses several is so blamed on the one that failed.
    /// </summary>
    public static string? DependencyOf(Exception exception) => exception switch
    {
        NpgsqlException => Readiness.PostgreSql,
        KafkaException => Readiness.Kafka,
        IOException or UnauthorizedAccessException => Readiness.CheckpointFolder,
        _ => null,
    };

    /// <summary>One sentence for a person: what failed and where, with its code, without a stack trace.</summary>
    public static string Describe(Exception exception) => exception switch
    {
        PostgresException postgres => $"{postgres.MessageText} (SQLSTATE {postgres.SqlState})",
        NpgsqlException { InnerException: { } inner } => $"{exception.Message}: {inner.Message}",
        KafkaException kafka => $"{kafka.Error.Reason} ({kafka.Error.Code})",
        AggregateException aggregate => string.Join("; ", aggregate.InnerExceptions.Select(Describe)),
        _ => exception.Message,
    };

    // https://www.postgresql.org/docs/current/errcodes-appendix.html
    private static bool IsTransientState(string state) => Class(state) switch
    {
        "08" => true, // connection exception
        "40" => true, // transaction rollback: deadlock, serialisation failure
        "53" => true, // insufficient resources: disk full, memory, too many connections
        _ => state is PostgresErrorCodes.QueryCanceled
            or PostgresErrorCodes.AdminShutdown
            or PostgresErrorCodes.CrashShutdown
            or PostgresErrorCodes.CannotConnectNow
            or PostgresErrorCodes.IdleSessionTimeout
            or "25P03" // Idle in a transaction: this worker was frozen (TransactionSettings).
            or PostgresErrorCodes.LockNotAvailable
            or PostgresErrorCodes.ReadOnlySqlTransaction // A standby after a failover; the primary comes back.
            or PostgresErrorCodes.IoError,
    };

    private static string Class(string state) => state.Length >= 2 ? state[..2] : state;

    private static bool IsTransientCode(Error error) => !error.IsFatal && error.Code switch
    {
        // The client's own: no way to a broker right now.
        ErrorCode.Local_Transport or ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Resolve
            or ErrorCode.Local_TimedOut or ErrorCode.Local_TimedOutQueue or ErrorCode.Local_MsgTimedOut
            or ErrorCode.Local_QueueFull or ErrorCode.Local_WaitCoord or ErrorCode.Local_WaitCache
            or ErrorCode.Local_Retry or ErrorCode.Local_InProgress or ErrorCode.Local_NodeUpdate => true,

        // The client has let go of a broker that a request was on its way to, because others tell another address or none
        // for it; the next request goes where the broker is then.
        ErrorCode.Local_Destroy => true,

        // A topic or partition that is not there may be created while the worker waits.
        ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition => true,

        // The errors that Kafka's protocol calls retriable.
        ErrorCode.LeaderNotAvailable or ErrorCode.NotLeaderForPartition or ErrorCode.BrokerNotAvailable
            or ErrorCode.ReplicaNotAvailable or ErrorCode.RequestTimedOut or ErrorCode.NetworkException
            or ErrorCode.GroupLoadInProgress or ErrorCode.GroupCoordinatorNotAvailable or ErrorCode.NotCoordinatorForGroup
            or ErrorCode.RebalanceInProgress or ErrorCode.NotEnoughReplicas or ErrorCode.NotEnoughReplicasAfterAppend
            or ErrorCode.NotController or ErrorCode.KafkaStorageError or ErrorCode.FencedLeaderEpoch
            or ErrorCode.UnknownLeaderEpoch or ErrorCode.OffsetNotAvailable or ErrorCode.PreferredLeaderNotAvailable
            or ErrorCode.EligibleLeadersNotAvailable or ErrorCode.ThrottlingQuotaExceeded
            or ErrorCode.ConcurrentTransactions or ErrorCode.UnstableOffsetCommit => true,
        _ => false,
    };
}

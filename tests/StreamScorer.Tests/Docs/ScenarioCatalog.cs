namespace StreamScorer.Tests.Docs;

/// <summary>One failure scenario that the delivery must survive.</summary>
/// <param name="Number">Its number, which <see cref="ScenarioAttribute"/> refers to.</param>
/// <param name="Title">What happens.</param>
/// <param name="NotShown">Why no test causes it here, and what that would take; empty where a test can.</param>
internal sealed record DeliveryScenario(int Number, string Title, string NotShown = "");

/// <summary>The 70 scenarios, grouped as the design groups them.</summary>
internal static class ScenarioCatalog
{
    private const string NoSuchBroker = "the local broker is of the 0.9 series and the mock cluster does not have it; needs a current broker: ";

    public static readonly IReadOnlyList<(string Group, IReadOnlyList<DeliveryScenario> Scenarios)> Groups =
    [
        ("Crashes", [
            new(1, "kill -9 while scoring, nothing written"),
            new(2, "kill -9 with a checkpoint file staged"),
            new(3, "kill -9 after registration, before the file has its final name"),
            new(4, "kill -9 after the commit in PostgreSQL, before the offset commit"),
            new(5, "kill -9 during the offset commit, reply lost"),
            new(6, "SIGTERM in the middle of a flush"),
            new(7, "SIGTERM with PostgreSQL down"),
            new(8, "SIGTERM with all brokers down"),
            new(9, "second SIGTERM or SIGKILL during the drain"),
            new(10, "clean restarts ×20 under load"),
            new(11, "hard restarts ×20 and more under load"),
            new(12, "an unhandled exception in the worker"),
        ]),
        ("Rebalances and zombies", [
            new(13, "eager revoke with a batch in flight"),
            new(14, "cooperative revoke of a subset"),
            new(15, "an acknowledgement after the revoke"),
            new(16, "revoked and assigned again to the same member, stale acknowledgement arrives"),
            new(17, "200 acknowledgements racing a revoke"),
            new(18, "commit inside the revoke handler"),
            new(19, "the commit is answered REBALANCE_IN_PROGRESS or ILLEGAL_GENERATION"),
            new(20, "a flush longer than max.poll.interval.ms"),
            new(21, "session timeout of a frozen process"),
            new(22, "a zombie writes its file after the new owner did"),
            new(23, "two instances with one group.instance.id"),
            new(24, "a static member restarts within the session timeout",
                "the local broker is of the 0.9 series and the mock cluster keeps a group.instance.id only as a name; needs a current broker: static membership (2.3)"),
            new(25, "prefetched records of a revoked partition"),
            new(26, "pause and resume for back-pressure"),
            new(27, "the consumer closes during a rebalance"),
            new(28, "KIP-848 group: STALE_MEMBER_EPOCH on fetch or commit", NoSuchBroker + "the new group protocol (4.0)"),
            new(29, "rebalance storm, 10 members up and down"),
            new(30, "the revoke's budget is exceeded by a slow sink"),
        ]),
        ("Broker and topic", [
            new(31, "broker restarted in order"),
            new(32, "broker killed"),
            new(33, "all brokers down, then up"),
            new(34, "coordinator loading or moving"),
            new(35, "permanent error on an offset"),
            new(36, "unclean leader election, log truncation", NoSuchBroker + "leader epochs in fetches (2.1), and more than one broker"),
            new(37, "network partition, slow socket"),
            new(38, "topic deleted and made anew"),
            new(39, "topic missing at the start"),
            new(40, "the partition count grows"),
            new(41, "offset out of range (retention)"),
            new(42, "aborted transactions, control records, compaction gaps"),
            new(43, "a range is planned again with other checkpoint edges after a crash"),
        ]),
        ("Data", [
            new(44, "invalid JSON, UTF-8 or schema"),
            new(45, "the dead letter cannot be produced"),
            new(46, "tombstone"),
            new(47, "a poison record that makes scoring throw"),
            new(48, "missing, null, NaN, unseen category, many features"),
            new(49, "duplicate events from the producer"),
            new(50, "two events of one lead in one batch, or out of event-time order"),
            new(51, "null, future or ancient timestamps, clocks that step back"),
            new(52, "oversized record"),
        ]),
        ("Sinks", [
            new(53, "PostgreSQL down for minutes"),
            new(54, "deadlock, serialisation failure, failover, too many connections"),
            new(55, "connection lost after COMMIT was sent"),
            new(56, "object store answers 429, 500 or resets", "checkpoints are written to a folder; there is no object store sink to fail"),
            new(57, "disk full"),
            new(58, "fsync error, torn or flipped bytes, disk lost"),
            new(59, "one of two sinks fails"),
            new(60, "acknowledgements out of order"),
            new(61, "not acknowledged, then restarted"),
        ]),
        ("Model, privacy, outside world", [
            new(62, "model swapped under load"),
            new(63, "corrupt, half-copied or wrong-schema model"),
            new(64, "a challenger throws or is slow", "one model decides; there is no challenger that could fail beside it"),
            new(65, "replay with 1 and 16 threads, batch 1 and 4096"),
            new(66, "erasure request while the lead's events are in flight", "there is no verb that erases a lead from the archive; tombstones are counted, and the audit knows leads that were deleted"),
        ]),
        ("Found by model checking", [
            new(67, "the connection breaks during the COMMIT of a registration, which commits later"),
            new(68, "model swapped between the hot-lead write and the checkpoint, then a crash or a zombie"),
            new(69, "a worker whose registration was refused"),
            new(70, "power loss after registration or after the final name, before the folder was synced"),
        ]),
    ];
}

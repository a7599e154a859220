namespace StreamScorer.Sinks;

/// <summary>
/// Settings of one transaction that holds progress rows, as the first statement in it. A statement has one row as result.
/// </summary>
/// <remarks>
/// A worker that is stopped in the middle (frozen, or its machine gone without a word) would hold its rows for ever, and
/// no other worker could take the partitions. So the server ends a transaction that waits for its client this long; the
/// worker, should it wake up, asks again and is refused.
/// </remarks>
internal static class TransactionSettings
{
    /// <summary>
    /// For taking, registering and resetting. What a database crash could undo would let two workers hold one epoch, so
    /// these transactions reach the disk even where the server's default is not to wait. A stronger default is left alone.
    /// </summary>
    public const string WaitForDisk = LetGo
        + ", case when current_setting('synchronous_commit') = 'off' then set_config('synchronous_commit', 'on', true) end";

    /// <summary>
    /// For hot leads. Not waiting is safe there, and only there: registration comes later in the same log and does wait,
    /// so whatever a database crash takes from the table has not been registered; and what was taken before the crash
    /// cannot be registered after it (table take_witnesses), so it is scored again.
    /// </summary>
    public const string DoNotWaitForDisk = LetGo + ", set_config('synchronous_commit', 'off', true)";

    private const string LetGo = "select set_config('idle_in_transaction_session_timeout', '5s', true)";
}

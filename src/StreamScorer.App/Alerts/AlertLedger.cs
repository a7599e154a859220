using Dapper;
using Npgsql;

namespace StreamScorer.App.Alerts;

/// <summary>
/// What the group's workers have told, kept in the database: each alert is told by one of them, and its end once it holds for
/// none. Without the database a worker tells by itself: an alert that comes twice is better than one that does not come.
/// One thread at a time.
/// </summary>
internal sealed class AlertLedger(NpgsqlDataSource dataSource, StreamScorerOptions options, string worker)
{
    // A worker that says nothing for so many looks has gone; its alerts do not keep others from ending.
    private const int LooksUntilGone = 4;

    private readonly HashSet<(string Rule, string Subject)> _toldAlone = [];

    /// <summary>Says which alerts hold for this worker. Where the database does not answer, the next look says it again.</summary>
    public async Task HoldAsync(IReadOnlyList<AlertNotice> firing, CancellationToken ct)
    {
        if (firing.Count == 0)
            return;
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(ct).ConfigureAwait(false);
            await connection.ExecuteAsync(new CommandDefinition(
                """
                insert into alert_holds (group_id, rule, subject, worker, held_at)
                select @group, rule, subject, @worker, now() from unnest(@rules, @subjects) as firing (rule, subject)
                on conflict (group_id, rule, subject, worker) do update set held_at = excluded.held_at
                """,
                new
                {
                    group = options.Kafka.GroupId,
                    worker,
                    rules = firing.Select(notice => notice.Rule.Name).ToArray(),
                    subjects = firing.Select(notice => notice.Finding.Subject).ToArray(),
                }, cancellationToken: ct)).ConfigureAwait(false);
        }
        catch (NpgsqlException)
        {
            // Readiness tells of it.
        }
    }

    /// <summary>Has a notice sent, unless another worker has sent it, or has to.</summary>
    /// <param name="notice">What is due.</param>
    /// <param name="send">Sends it; false: it could not be delivered.</param>
    /// <param name="ct">Stops.</param>
    /// <returns>False: it stays due.</returns>
    public async Task<bool> DeliverAsync(AlertNotice notice, Func<Task<bool>> send, CancellationToken ct)
    {
        var isSent = false;
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(ct).ConfigureAwait(false);
            // Open while it is sent: other workers wait for the row, and take over where sending fails.
            await using var transaction = await connection.BeginTransactionAsync(ct).ConfigureAwait(false);
            var isOurs = notice.IsResolved
                ? await TakeEndAsync(connection, notice, ct).ConfigureAwait(false) || _toldAlone.Contains(KeyOf(notice))
                : await TakeAsync(connection, notice, ct).ConfigureAwait(false);
            if (isOurs && !(isSent = await send().ConfigureAwait(false)))
                return false;
            await transaction.CommitAsync(ct).ConfigureAwait(false);
            _toldAlone.Remove(KeyOf(notice));
            return true;
        }
        catch (PostgresException busy) when (busy.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return false;
        }
        catch (NpgsqlException)
        {
            return isSent || await DeliverAloneAsync(notice, send).ConfigureAwait(false);
        }
    }

    private async Task<bool> DeliverAloneAsync(AlertNotice notice, Func<Task<bool>> send)
    {
        // The end of what the ledger knows waits for the ledger: it may hold for another worker.
        if (notice.IsResolved && !_toldAlone.Contains(KeyOf(notice)))
            return false;
        if (!await send().ConfigureAwait(false))
            return false;
        if (notice.IsResolved)
            _toldAlone.Remove(KeyOf(notice));
        else
            _toldAlone.Add(KeyOf(notice));
        return true;
    }

    private async Task<bool> TakeAsync(NpgsqlConnection connection, AlertNotice notice, CancellationToken ct) =>
        await connection.ExecuteAsync(Command(
            """
            set local lock_timeout = '1s';
            insert into alert_notices (group_id, rule, subject, told_at, told_by) values (@group, @rule, @subject, now(), @worker)
            on conflict (group_id, rule, subject) do update set told_at = excluded.told_at, told_by = excluded.told_by
            where alert_notices.told_at <= now() - @repeat
            """, notice, ct)).ConfigureAwait(false) > 0;

    // The row is locked first, so that the last of several workers to let go sees that the others have.
    private async Task<bool> TakeEndAsync(NpgsqlConnection connection, AlertNotice notice, CancellationToken ct)
    {
        await connection.ExecuteAsync(Command(
            """
            set local lock_timeout = '1s';
            select 1 from alert_notices where group_id = @group and rule = @rule and subject = @subject for update
            """, notice, ct)).ConfigureAwait(false);
        await connection.ExecuteAsync(Command(
            """
            delete from alert_holds where group_id = @group and rule = @rule and subject = @subject
                and (worker = @worker or held_at < now() - @gone)
            """, notice, ct)).ConfigureAwait(false);
        return await connection.ExecuteAsync(Command(
            """
            delete from alert_notices told where group_id = @group and rule = @rule and subject = @subject and not exists (
                select from alert_holds held
                where (held.group_id, held.rule, held.subject) = (told.group_id, told.rule, told.subject))
            """, notice, ct)).ConfigureAwait(false) > 0;
    }

    private CommandDefinition Command(string sql, AlertNotice notice, CancellationToken ct) => new(
        sql,
        new
        {
            group = options.Kafka.GroupId,
            rule = notice.Rule.Name,
            subject = notice.Finding.Subject,
            worker,
            repeat = options.Alerts.RepeatInterval,
            gone = options.Alerts.Interval * LooksUntilGone,
        }, cancellationToken: ct);

    private static (string Rule, string Subject) KeyOf(AlertNotice notice) => (notice.Rule.Name, notice.Finding.Subject);
}

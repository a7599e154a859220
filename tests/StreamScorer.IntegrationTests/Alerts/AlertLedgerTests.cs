using Npgsql;
using StreamScorer.App.Alerts;
using StreamScorer.IntegrationTests.Sinks;
using Xunit;

namespace StreamScorer.IntegrationTests.Alerts;

/// <summary>Several workers and one webhook: who tells what, on a real PostgreSQL.</summary>
public class AlertLedgerTests
{
    private static readonly AlertRule Rule = AlertRules.All[0];
    private static readonly AlertNotice Begins = new(Rule, new AlertFinding("Kafka", "x"), false, DateTimeOffset.UnixEpoch);
    private static readonly AlertNotice Ends = Begins with { IsResolved = true };

    private readonly List<string> _sent = [];

    [RequiresServicesFact]
    public async Task One_of_two_tells_and_the_last_to_let_go_tells_the_end()
    {
        await using var database = await SinkDatabase.CreateAsync();
        var (a, b) = (Ledger(database, "a"), Ledger(database, "b"));
        await a.HoldAsync([Begins], default);
        await b.HoldAsync([Begins], default);
        Assert.All(await Task.WhenAll(Deliver(a, "a"), Deliver(b, "b")), Assert.True);
        Assert.Single(_sent);
        Assert.True(await Deliver(a, "a", Ends));
        Assert.Single(_sent);
        Assert.True(await Deliver(b, "b", Ends));
        Assert.Equal("b ends", _sent[^1]);
        Assert.True(await Deliver(a, "a", Ends));
        Assert.Equal(2, _sent.Count);
        Assert.True(await Deliver(b, "b"));
        Assert.Equal(3, _sent.Count);
    }

    [RequiresServicesFact]
    public async Task Two_that_let_go_at_once_tell_the_end_once()
    {
        await using var database = await SinkDatabase.CreateAsync();
        var (a, b) = (Ledger(database, "a"), Ledger(database, "b"));
        for (var round = 1; round <= 20; round++)
        {
            await a.HoldAsync([Begins], default);
            await b.HoldAsync([Begins], default);
            await Deliver(a, "a");
            await Task.WhenAll(Deliver(a, "a", Ends), Deliver(b, "b", Ends));
            Assert.Equal((round, round), (_sent.Count(text => text.EndsWith("begins", StringComparison.Ordinal)), _sent.Count(text => text.EndsWith("ends", StringComparison.Ordinal))));
        }
    }

    [RequiresServicesFact]
    public async Task Subjects_of_one_rule_are_told_and_ended_apart()
    {
        await using var database = await SinkDatabase.CreateAsync();
        var (a, b) = (Ledger(database, "a"), Ledger(database, "b"));
        var (other, brief) = (Begins with { Finding = new AlertFinding("PostgreSQL", "x") }, Begins with { Finding = new AlertFinding("model", "x") });
        await a.HoldAsync([Begins, other], default);
        await Deliver(a, "a");
        await Deliver(a, "a other", other);
        await Deliver(a, "a brief", brief);
        Assert.Equal(["a begins", "a other begins", "a brief begins"], _sent);
        await Deliver(a, "a", Ends);
        // Nothing of the others has gone with it: they are known as told, and one holds for its worker.
        await Deliver(b, "b brief", brief);
        await Deliver(b, "b other", other);
        await Deliver(b, "b other", other with { IsResolved = true });
        Assert.Equal("a ends", _sent[^1]);
        Assert.Equal(4, _sent.Count);
    }

    [RequiresServicesFact]
    public async Task What_one_could_not_deliver_the_other_does()
    {
        await using var database = await SinkDatabase.CreateAsync();
        var (a, b) = (Ledger(database, "a"), Ledger(database, "b"));
        Assert.False(await a.DeliverAsync(Begins, () => Task.FromResult(false), default));
        Assert.True(await Deliver(b, "b"));
        Assert.Equal(["b begins"], _sent);
    }

    [RequiresServicesFact]
    public async Task A_worker_that_is_gone_keeps_nothing_from_ending()
    {
        await using var database = await SinkDatabase.CreateAsync();
        var (a, b) = (Ledger(database, "a"), Ledger(database, "b"));
        await a.HoldAsync([Begins], default);
        await b.HoldAsync([Begins], default);
        await Deliver(a, "a");
        await database.ExecuteAsync("update alert_holds set held_at = now() - interval '1 hour' where worker = 'a'");
        Assert.True(await Deliver(b, "b", Ends));
        Assert.Equal(["a begins", "b ends"], _sent);
    }

    [RequiresServicesFact]
    public async Task What_goes_on_is_told_again_by_one_after_the_interval()
    {
        await using var database = await SinkDatabase.CreateAsync();
        var (a, b) = (Ledger(database, "a"), Ledger(database, "b"));
        await Deliver(a, "a");
        await database.ExecuteAsync("update alert_notices set told_at = now() - interval '5 hours'");
        await Deliver(b, "b");
        await Deliver(a, "a");
        Assert.Equal(["a begins", "b begins"], _sent);
    }

    [RequiresServicesFact]
    public async Task Without_the_database_each_tells_by_itself_and_tells_the_end_too()
    {
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1");
        var alone = new AlertLedger(nowhere, new StreamScorerOptions(), "a");
        await alone.HoldAsync([Begins], default);
        Assert.False(await Deliver(alone, "a", Ends));
        Assert.True(await Deliver(alone, "a"));
        Assert.True(await Deliver(alone, "a", Ends));
        Assert.Equal(["a begins", "a ends"], _sent);
    }

    private static AlertLedger Ledger(SinkDatabase database, string worker) => new(database.DataSource, new StreamScorerOptions(), worker);

    private Task<bool> Deliver(AlertLedger ledger, string worker) => Deliver(ledger, worker, Begins);

    private Task<bool> Deliver(AlertLedger ledger, string worker, AlertNotice notice) => ledger.DeliverAsync(
        notice,
        () =>
        {
            lock (_sent)
                _sent.Add(worker + (notice.IsResolved ? " ends" : " begins"));
            return Task.FromResult(true);
        }, default);
}

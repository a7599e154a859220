using StreamScorer.Sinks;
using StreamScorer.StoreContract;
using Xunit;

namespace StreamScorer.Tests.Simulation;

/// <summary>The simulation's database keeps the contract that PostgreSQL keeps in PostgresStoresTests.</summary>
public sealed class SimulatedStoresTests
{
    public static TheoryData<string> Clauses => StoreContract.StoreContract.Names;

    [Theory]
    [MemberData(nameof(Clauses))]
    public void Keep_the_contract(string clause) => SimulationRuns.OnThread(() =>
    {
        // Nothing here ever waits for another thread: time passes inside AskAsync.
        var kept = StoreContract.StoreContract.HoldAsync(clause, new SimulatedStores());
        Assert.True(kept.IsCompleted);
        kept.GetAwaiter().GetResult();
    });

    private sealed class SimulatedStores : IStores
    {
        private readonly SimulationScheduler _scheduler = new(1, keepTrace: false);
        private readonly SimulatedDatabase _database = new(Mutation.None);

        public SimulatedStores()
        {
            var process = new SimulatedProcess(_scheduler, FaultPlan.Quiet(_scheduler.Random, partitions: 1, workers: 1), "test");
            var server = SimulatedServer.PostgreSql();
            Ledger = new SimulatedLedger(process, server, _database, Guid.NewGuid());
            HotLeads = new SimulatedHotLeadStore(process, server, _database);
        }

        public IProgressLedger Ledger { get; }

        public IHotLeadStore HotLeads { get; }

        public string UnstorableLeadId => SimulatedEvents.RefusedMark;

        public Task<T> AskAsync<T>(Func<Task<T>> question)
        {
            var answer = question();
            _scheduler.RunUntil(_scheduler.Now + TimeSpan.FromSeconds(10).Ticks);
            Assert.True(answer.IsCompleted);
            return answer;
        }

        public Task CrashAsync()
        {
            _database.Crash(_scheduler.Random);
            return Task.CompletedTask;
        }

        public Task<StoredLead?> FindLeadAsync(string leadId) => Task.FromResult(_database.HotLeads.TryGetValue(leadId, out var row)
            ? new StoredLead(row.Partition.Partition.Value, row.Offset, row.Probability, row.ModelId, row.Hot)
            : null);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

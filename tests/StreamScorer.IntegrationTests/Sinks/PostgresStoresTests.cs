using Dapper;
using StreamScorer.Sinks;
using StreamScorer.StoreContract;
using Xunit;

namespace StreamScorer.IntegrationTests.Sinks;

/// <summary>PostgreSQL keeps the contract that the simulation's database keeps in SimulatedStoresTests.</summary>
public sealed class PostgresStoresTests
{
    public static TheoryData<string> Clauses => StoreContract.StoreContract.Names;

    [RequiresServicesTheory]
    [MemberData(nameof(Clauses))]
    public async Task Keep_the_contract(string clause)
    {
        await using var stores = new PostgresStores(await SinkDatabase.CreateAsync());
        await StoreContract.StoreContract.HoldAsync(clause, stores);
    }

    private sealed class PostgresStores(SinkDatabase database) : IStores
    {
        public IProgressLedger Ledger => database.Ledger;

        public IHotLeadStore HotLeads => database.Sink;

        // NUL is no character of a text value.
        public string UnstorableLeadId => "a\0b";

        public Task<T> AskAsync<T>(Func<Task<T>> question) => question();

        /// <summary>Recovery empties unlogged tables; KilledPostgresTests has it done by a real one.</summary>
        public Task CrashAsync() => database.ExecuteAsync("truncate take_witnesses");

        public async Task<StoredLead?> FindLeadAsync(string leadId)
        {
            await using var connection = await database.DataSource.OpenConnectionAsync();
            return await connection.QuerySingleOrDefaultAsync<StoredLead>(
                """
                select source_partition as Partition, source_offset as Offset, probability as Probability, model_id as ModelId,
                       cooled_at is null as Hot
                from hot_leads where lead_id = @leadId
                """,
                new { leadId });
        }

        public ValueTask DisposeAsync() => database.DisposeAsync();
    }
}

using StreamScorer.Sinks;

namespace StreamScorer.StoreContract;

/// <summary>The stores of one empty database of a test's own: PostgreSQL, or the simulation's.</summary>
internal interface IStores : IAsyncDisposable
{
    IProgressLedger Ledger { get; }

    IHotLeadStore HotLeads { get; }

    /// <summary>A lead id that the database refuses as data.</summary>
    string UnstorableLeadId { get; }

    /// <summary>Waits for an answer: where time is virtual, it passes meanwhile.</summary>
    Task<T> AskAsync<T>(Func<Task<T>> question);

    /// <summary>The database recovers from a crash: it has forgotten who took what.</summary>
    Task CrashAsync();

    /// <summary>A lead's row; null where there is none.</summary>
    Task<StoredLead?> FindLeadAsync(string leadId);
}

/// <summary>A row of hot_leads as far as the protocol is concerned.</summary>
internal sealed record StoredLead(int Partition, long Offset, double Probability, string ModelId, bool Hot);

/// <summary>An event of a lead that is to be folded and written; hot above 0.7.</summary>
internal sealed record ContractLead(string Id, double Probability, long Offset, int Partition = 0, long TimestampMicros = ScoredEvent.NoTime);

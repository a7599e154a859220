namespace StreamScorer.Telemetry.Outcomes;

/// <summary>A record of the outcome topic that is no outcome.</summary>
/// <param name="Topic">Its topic.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Offset">Its offset.</param>
/// <param name="Reason">What is wrong with it.</param>
/// <param name="Key">Byte for byte.</param>
/// <param name="Value">Byte for byte.</param>
public sealed record RejectedOutcome(string Topic, int Partition, long Offset, string Reason, byte[]? Key, byte[]? Value);

/// <summary>Outcomes to be recorded together: the newest of each lead, deletions, and what was no outcome.</summary>
public sealed class OutcomeBatch
{
    private readonly Dictionary<string, LeadOutcome> _outcomes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _deleted = new(StringComparer.Ordinal);
    private readonly List<RejectedOutcome> _rejected = [];

    /// <summary>The newest outcome of each lead.</summary>
    public IReadOnlyCollection<LeadOutcome> Outcomes => _outcomes.Values;

    /// <summary>Leads whose outcome is to be forgotten (a record with a key and no value).</summary>
    public IReadOnlyCollection<string> Deleted => _deleted;

    /// <summary>Records that are no outcome.</summary>
    public IReadOnlyList<RejectedOutcome> Rejected => _rejected;

    /// <summary>Records that the batch stands for.</summary>
    public int Records { get; private set; }

    /// <summary>Adds an outcome; of two of one lead the later one stays, of two at the same time the one added last.</summary>
    public void Add(LeadOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        Records++;
        if (!_outcomes.TryGetValue(outcome.LeadId, out var known) || outcome.OccurredAt >= known.OccurredAt)
            _outcomes[outcome.LeadId] = outcome;
    }

    /// <summary>Adds the wish to forget a lead's outcome; later outcomes of the lead are kept.</summary>
    public void Delete(string leadId)
    {
        Records++;
        _outcomes.Remove(leadId);
        _deleted.Add(leadId);
    }

    /// <summary>Adds a record that is no outcome.</summary>
    public void Reject(RejectedOutcome rejected)
    {
        Records++;
        _rejected.Add(rejected);
    }

    /// <summary>Empties the batch for reuse.</summary>
    public void Clear()
    {
        _outcomes.Clear();
        _deleted.Clear();
        _rejected.Clear();
        Records = 0;
    }
}

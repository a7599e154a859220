using Confluent.Kafka;
using Npgsql;

namespace StreamScorer.Sinks;

/// <summary>
/// The statement for the leads of a folded batch that were cold in all of it: changes the rows of those that have one,
/// where the decision is the lead's newest. A lead that was never hot has no row and gets none.
/// </summary>
internal sealed class HotLeadCooling
{
    // A row that is cold already keeps the time at which it cooled.
    private const string Sql =
        $"""
        update hot_leads as h
        set probability = excluded.probability, bucket = excluded.bucket, tier = chr(excluded.tier), reasons = null,
            model_name = $1, model_id = $2, event_time = nullif(excluded.event_time, '-infinity'),
            source_topic = excluded.source_topic, source_partition = excluded.source_partition,
            source_offset = excluded.source_offset, source_timestamp = excluded.source_timestamp,
            source_incarnation = excluded.source_incarnation, last_scored_at = $3, cooled_at = coalesce(h.cooled_at, $3)
        from (
            select e.lead_id, e.probability, e.bucket, e.tier, e.event_time, e.source_offset,
                   ($4::text[])[e.slot] as source_topic, ($5::integer[])[e.slot] as source_partition,
                   ($6::bigint[])[e.slot] as source_incarnation, nullif(e.source_timestamp, '-infinity') as source_timestamp
            from unnest($7::text[], $8::double precision[], $9::smallint[], $10::integer[], $11::timestamptz[], $12::integer[],
                        $13::bigint[], $14::timestamptz[])
              as e(lead_id, probability, bucket, tier, event_time, slot, source_offset, source_timestamp)) as excluded
        where h.organization_id = '' and h.lead_id = excluded.lead_id and {HotLeadColumns.IsNewest}
        """;

    private readonly HotLeadColumns _columns = new();
    private readonly NpgsqlParameter[] _parameters;

    public HotLeadCooling() => _parameters = _columns.Parameters;

    /// <summary>Leads added since <see cref="Begin"/>.</summary>
    public int Count => _columns.Count;

    /// <summary>Empties the arrays for a batch.</summary>
    public void Begin(HotLeadBatch batch, Func<TopicPartition, long> incarnationOf) => _columns.Begin(batch, incarnationOf);

    /// <summary>Adds a lead that was cold in the whole batch.</summary>
    public void Add(HotLeadBatch batch, int entry) => _columns.Add(batch, entry);

    /// <summary>The statement with its parameters, which must be cleared from it after the execution.</summary>
    public NpgsqlBatchCommand Command()
    {
        var command = new NpgsqlBatchCommand(Sql);
        command.Parameters.AddRange(_parameters);
        return command;
    }
}

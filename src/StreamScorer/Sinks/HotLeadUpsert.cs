using Confluent.Kafka;
using Npgsql;
using NpgsqlTypes;

namespace StreamScorer.Sinks;

/// <summary>
/// The statement for the leads that were hot in a folded batch: each gets a row or replaces its own, where the decision
/// is the lead's newest. Its parameter arrays are reused.
/// </summary>
internal sealed class HotLeadUpsert
{
    // Rows are locked in the order of the array, which is that of the lead ids: two workers that meet the same leads do
    // not wait for each other. The empty text stands for null. first_hot_at of a row that exists is kept.
    private const string Sql =
        $"""
        insert into hot_leads as h
            (lead_id, probability, bucket, tier, reasons, features, model_name, model_id, event_time,
             source_topic, source_partition, source_offset, source_timestamp, source_incarnation,
             first_hot_at, last_scored_at, cooled_at)
        select e.lead_id, e.probability, e.bucket, chr(e.tier), nullif(e.reasons, '')::jsonb, nullif(e.features, '')::jsonb,
               $1, $2, nullif(e.event_time, '-infinity'),
               ($4::text[])[e.slot], ($5::integer[])[e.slot], e.source_offset, nullif(e.source_timestamp, '-infinity'),
               ($6::bigint[])[e.slot], $3, $3, case when e.hot then null else $3 end
        from unnest($7::text[], $8::double precision[], $9::smallint[], $10::integer[], $11::timestamptz[], $12::integer[],
                    $13::bigint[], $14::timestamptz[], $15::boolean[], $16::text[], $17::text[])
          as e(lead_id, probability, bucket, tier, event_time, slot, source_offset, source_timestamp, hot, reasons, features)
        on conflict (organization_id, lead_id) do update
        set probability = excluded.probability, bucket = excluded.bucket, tier = excluded.tier,
            reasons = excluded.reasons, features = coalesce(excluded.features, h.features),
            model_name = excluded.model_name, model_id = excluded.model_id, event_time = excluded.event_time,
            source_topic = excluded.source_topic, source_partition = excluded.source_partition,
            source_offset = excluded.source_offset, source_timestamp = excluded.source_timestamp,
            source_incarnation = excluded.source_incarnation, last_scored_at = excluded.last_scored_at,
            cooled_at = excluded.cooled_at
        where {HotLeadColumns.IsNewest}
        """;

    private readonly HotLeadColumns _columns = new();
    private readonly ArrayParameter<bool> _hot = new(NpgsqlDbType.Boolean);
    private readonly ArrayParameter<ReadOnlyMemory<byte>> _reasons = new(NpgsqlDbType.Text);
    private readonly ArrayParameter<ReadOnlyMemory<byte>> _features = new(NpgsqlDbType.Text);
    private readonly NpgsqlParameter[] _parameters;

    public HotLeadUpsert() => _parameters = [.. _columns.Parameters, _hot.Parameter, _reasons.Parameter, _features.Parameter];

    /// <summary>Leads added since <see cref="Begin"/>.</summary>
    public int Count => _columns.Count;

    /// <summary>Empties the arrays for a batch.</summary>
    public void Begin(HotLeadBatch batch, Func<TopicPartition, long> incarnationOf)
    {
        _columns.Begin(batch, incarnationOf);
        _hot.Clear();
        _reasons.Clear();
        _features.Clear();
    }

    /// <summary>Adds a lead that was hot in the batch.</summary>
    public void Add(HotLeadBatch batch, int entry)
    {
        _columns.Add(batch, entry);
        _hot.Add(batch.Scored(entry).Hot);
        _reasons.Add(batch.Reasons(entry));
        _features.Add(batch.Features(entry));
    }

    /// <summary>The statement with its parameters, which must be cleared from it after the execution.</summary>
    public NpgsqlBatchCommand Command()
    {
        var command = new NpgsqlBatchCommand(Sql);
        command.Parameters.AddRange(_parameters);
        return command;
    }
}

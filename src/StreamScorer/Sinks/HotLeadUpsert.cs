using Confluent.Kafka;
using Npgsql;
using NpgsqlTypes;

namespace StreamScorer.Sinks;

/// <summary>
/// The one statement that brings a folded batch into hot_leads, with its parameter arrays, which are reused. A lead that
/// was hot in the batch gets a row or replaces its own; another one changes the row it has, if it has one. Both only
/// where the decision is the lead's newest.
/// </summary>
internal sealed class HotLeadUpsert
{
    // Why one statement for hot and cold leads: rows are locked in the order of the array, which is that of the lead
    // ids, so two workers that meet the same leads cannot wait for each other. The cold lead's row is locked while it is
    // looked up, so that a deletion in between cannot turn its update into an insert.
    // $4 to $6 are the batch's partitions, $7 and up the leads; -infinity and the empty text stand for null. A lead that
    // was not hot in the batch is never inserted, so its first_hot_at is free to say so to the update: -infinity.
    private const string Sql =
        """
        insert into hot_leads as h
            (lead_id, probability, bucket, tier, reasons, features, model_name, model_id, event_time,
             source_topic, source_partition, source_offset, source_timestamp, source_incarnation,
             first_hot_at, turned_hot_at, last_scored_at, cooled_at)
        select e.lead_id, e.probability, e.bucket, chr(e.tier), nullif(e.reasons, '')::jsonb, nullif(e.features, '')::jsonb,
               $1, $2, nullif(e.event_time, '-infinity'),
               ($4::text[])[e.slot], ($5::integer[])[e.slot], e.source_offset, nullif(e.source_timestamp, '-infinity'),
               ($6::bigint[])[e.slot], case when e.was_hot then $3 else '-infinity' end, $3, $3, case when e.hot then null else $3 end
        from unnest($7::text[], $8::boolean[], $9::boolean[], $10::double precision[], $11::smallint[], $12::integer[],
                    $13::text[], $14::text[], $15::timestamptz[], $16::integer[], $17::bigint[], $18::timestamptz[])
          as e(lead_id, hot, was_hot, probability, bucket, tier, reasons, features, event_time, slot, source_offset, source_timestamp)
        where e.was_hot
           or exists (select from hot_leads k where k.organization_id = '' and k.lead_id = e.lead_id for key share)
        on conflict (organization_id, lead_id) do update
        set probability = excluded.probability, bucket = excluded.bucket, tier = excluded.tier,
            reasons = excluded.reasons, features = coalesce(excluded.features, h.features),
            model_name = excluded.model_name, model_id = excluded.model_id, event_time = excluded.event_time,
            source_topic = excluded.source_topic, source_partition = excluded.source_partition,
            source_offset = excluded.source_offset, source_timestamp = excluded.source_timestamp,
            source_incarnation = excluded.source_incarnation, last_scored_at = excluded.last_scored_at,
            turned_hot_at = case
                when h.cooled_at is not null and excluded.cooled_at is null then excluded.turned_hot_at
                else h.turned_hot_at
                end,
            cooled_at = case
                when excluded.cooled_at is null or excluded.first_hot_at > '-infinity' then excluded.cooled_at
                else coalesce(h.cooled_at, excluded.cooled_at)
                end
        where case
            when (excluded.source_topic, excluded.source_partition) = (h.source_topic, h.source_partition)
            then (excluded.source_incarnation, excluded.source_offset) >= (h.source_incarnation, h.source_offset)
            else (coalesce(excluded.source_timestamp, '-infinity'), excluded.source_topic, excluded.source_partition)
               > (coalesce(h.source_timestamp, '-infinity'), h.source_topic, h.source_partition)
            end
        """;

    private const long PostgresEpochMicros = 946_684_800_000_000; // 2000-01-01T00:00:00Z, in microseconds since 1970.
    private const long PostgresMinusInfinity = long.MinValue;

    private readonly NpgsqlParameter<string> _modelName = new();
    private readonly NpgsqlParameter<string> _modelId = new();
    private readonly NpgsqlParameter<long> _scoredAt = new() { NpgsqlDbType = NpgsqlDbType.TimestampTz };
    private readonly ArrayParameter<string> _topics = new(NpgsqlDbType.Text);
    private readonly ArrayParameter<int> _partitions = new(NpgsqlDbType.Integer);
    private readonly ArrayParameter<long> _incarnations = new(NpgsqlDbType.Bigint);
    private readonly ArrayParameter<ReadOnlyMemory<byte>> _leadIds = new(NpgsqlDbType.Text);
    private readonly ArrayParameter<bool> _hot = new(NpgsqlDbType.Boolean);
    private readonly ArrayParameter<bool> _wasHot = new(NpgsqlDbType.Boolean);
    private readonly ArrayParameter<double> _probabilities = new(NpgsqlDbType.Double);
    private readonly ArrayParameter<short> _buckets = new(NpgsqlDbType.Smallint);
    private readonly ArrayParameter<int> _tiers = new(NpgsqlDbType.Integer);
    private readonly ArrayParameter<ReadOnlyMemory<byte>> _reasons = new(NpgsqlDbType.Text);
    private readonly ArrayParameter<ReadOnlyMemory<byte>> _features = new(NpgsqlDbType.Text);
    private readonly ArrayParameter<long> _eventTimes = new(NpgsqlDbType.TimestampTz);
    private readonly ArrayParameter<int> _slots = new(NpgsqlDbType.Integer);
    private readonly ArrayParameter<long> _offsets = new(NpgsqlDbType.Bigint);
    private readonly ArrayParameter<long> _timestamps = new(NpgsqlDbType.TimestampTz);
    private readonly NpgsqlParameter[] _parameters;

    public HotLeadUpsert() => _parameters =
    [
        _modelName, _modelId, _scoredAt,
        _topics.Parameter, _partitions.Parameter, _incarnations.Parameter,
        _leadIds.Parameter, _hot.Parameter, _wasHot.Parameter, _probabilities.Parameter, _buckets.Parameter, _tiers.Parameter,
        _reasons.Parameter, _features.Parameter, _eventTimes.Parameter, _slots.Parameter, _offsets.Parameter,
        _timestamps.Parameter,
    ];

    /// <summary>Runs the statement in the connection's transaction.</summary>
    /// <returns>Rows inserted or updated.</returns>
    public async Task<int> ExecuteAsync(
        NpgsqlConnection connection, HotLeadBatch batch, Func<TopicPartition, long> incarnationOf, CancellationToken ct)
    {
        Clear();
        _modelName.TypedValue = batch.ModelName;
        _modelId.TypedValue = batch.ModelId;
        _scoredAt.TypedValue = ToPostgres(batch.ScoredAtMicros);
        for (int slot = 0; slot < batch.Partitions.Count; slot++)
        {
            var partition = batch.Partitions[slot];
            _topics.Add(partition.Topic);
            _partitions.Add(partition.Partition.Value);
            _incarnations.Add(incarnationOf(partition));
        }

        foreach (int entry in batch.OrderedByLeadId())
            Add(batch, entry);

        await using var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.AddRange(_parameters);
        try
        {
            // Prepared once per physical connection; afterwards this finds the statement by its text.
            await command.PrepareAsync(ct);
            return await command.ExecuteNonQueryAsync(ct);
        }
        finally
        {
            command.Parameters.Clear();
        }
    }

    private void Add(HotLeadBatch batch, int entry)
    {
        ref readonly var scored = ref batch.Scored(entry);
        _leadIds.Add(batch.LeadIdMemory(entry));
        _hot.Add(scored.Hot);
        _wasHot.Add(batch.HotEventIndex(entry) >= 0);
        _probabilities.Add(scored.Probability);
        _buckets.Add((short)scored.Bucket);
        _tiers.Add(scored.Tier);
        _reasons.Add(batch.Reasons(entry));
        _features.Add(batch.Features(entry));
        _eventTimes.Add(ToPostgres(scored.OccurredAtMicros));
        _slots.Add(batch.SlotOf(entry) + 1); // SQL arrays begin at 1.
        _offsets.Add(scored.Offset);
        _timestamps.Add(ToPostgres(scored.KafkaTimestampMicros));
    }

    private void Clear()
    {
        _topics.Clear();
        _partitions.Clear();
        _incarnations.Clear();
        _leadIds.Clear();
        _hot.Clear();
        _wasHot.Clear();
        _probabilities.Clear();
        _buckets.Clear();
        _tiers.Clear();
        _reasons.Clear();
        _features.Clear();
        _eventTimes.Clear();
        _slots.Clear();
        _offsets.Clear();
        _timestamps.Clear();
    }

    private static long ToPostgres(long micros) =>
        micros == ScoredEvent.NoTime ? PostgresMinusInfinity : micros - PostgresEpochMicros;

    /// <summary>An array parameter whose list is filled anew for each execution.</summary>
    private sealed class ArrayParameter<T>(NpgsqlDbType elementType)
    {
        private readonly List<T> _values = [];

        public NpgsqlParameter<List<T>> Parameter { get; } = new() { NpgsqlDbType = NpgsqlDbType.Array | elementType };

        public void Add(T value) => _values.Add(value);

        public void Clear()
        {
            _values.Clear();

            // Assigned each time: the parameter keeps the size it computed for a value until it is given one.
            Parameter.TypedValue = _values;
        }
    }
}

using Confluent.Kafka;
using Npgsql;
using NpgsqlTypes;

namespace StreamScorer.Sinks;

/// <summary>
/// The columns that every write to hot_leads brings: the batch's model and partitions once, the decision of each lead.
/// They are parameters $1 to $14 of the statements; -infinity stands for a time that is not known.
/// </summary>
internal sealed class HotLeadColumns
{
    /// <summary>
    /// Whether the decision <c>excluded</c> is newer than the row <c>h</c>; the rules of <see cref="HotLeadOrder"/>.
    /// </summary>
    public const string IsNewest =
        """
        case
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
    private readonly ArrayParameter<double> _probabilities = new(NpgsqlDbType.Double);
    private readonly ArrayParameter<short> _buckets = new(NpgsqlDbType.Smallint);
    private readonly ArrayParameter<int> _tiers = new(NpgsqlDbType.Integer);
    private readonly ArrayParameter<long> _eventTimes = new(NpgsqlDbType.TimestampTz);
    private readonly ArrayParameter<int> _slots = new(NpgsqlDbType.Integer);
    private readonly ArrayParameter<long> _offsets = new(NpgsqlDbType.Bigint);
    private readonly ArrayParameter<long> _timestamps = new(NpgsqlDbType.TimestampTz);

    /// <summary>$1 to $14.</summary>
    public NpgsqlParameter[] Parameters =>
    [
        _modelName, _modelId, _scoredAt, _topics.Parameter, _partitions.Parameter, _incarnations.Parameter,
        _leadIds.Parameter, _probabilities.Parameter, _buckets.Parameter, _tiers.Parameter, _eventTimes.Parameter,
        _slots.Parameter, _offsets.Parameter, _timestamps.Parameter,
    ];

    /// <summary>Leads added since <see cref="Begin"/>.</summary>
    public int Count { get; private set; }

    /// <summary>Empties the columns and sets what the batch says once.</summary>
    public void Begin(HotLeadBatch batch, Func<TopicPartition, long> incarnationOf)
    {
        Count = 0;
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
    }

    /// <summary>Adds a lead of the batch.</summary>
    public void Add(HotLeadBatch batch, int entry)
    {
        ref readonly var scored = ref batch.Scored(entry);
        Count++;
        _leadIds.Add(batch.LeadIdMemory(entry));
        _probabilities.Add(scored.Probability);
        _buckets.Add((short)scored.Bucket);
        _tiers.Add(scored.Tier);
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
        _probabilities.Clear();
        _buckets.Clear();
        _tiers.Clear();
        _eventTimes.Clear();
        _slots.Clear();
        _offsets.Clear();
        _timestamps.Clear();
    }

    private static long ToPostgres(long micros) =>
        micros == ScoredEvent.NoTime ? PostgresMinusInfinity : micros - PostgresEpochMicros;
}

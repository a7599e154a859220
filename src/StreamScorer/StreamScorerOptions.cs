using System.ComponentModel.DataAnnotations;

namespace StreamScorer;

/// <summary>
/// Every setting of the worker: its default, its bound and its meaning stand side by side here.
/// Bound once by <see cref="SettingsBinder"/> from appsettings.json, appsettings.{Environment}.json, the environment
/// (<c>Kafka__BootstrapServers</c>) and the command line (<c>--Kafka:BootstrapServers</c>), in that order.
/// </summary>
public sealed class StreamScorerOptions
{
    /// <summary>The broker, the topics and the consumer group.</summary>
    public KafkaOptions Kafka { get; set; } = new();

    /// <summary>Connection strings; only <c>HotLeads</c> (PostgreSQL) is known.</summary>
    public ConnectionStringsOptions ConnectionStrings { get; set; } = new();

    /// <summary>The model and the decision.</summary>
    public ScoringOptions Scoring { get; set; } = new();

    /// <summary>How many records are decoded, scored and written together.</summary>
    public MicroBatchOptions MicroBatch { get; set; } = new();

    /// <summary>The table of hot leads.</summary>
    public HotLeadsOptions HotLeads { get; set; } = new();

    /// <summary>When and where scored rows become Parquet files.</summary>
    public CheckpointOptions Checkpoint { get; set; } = new();

    /// <summary>The HTTP surface beside the worker.</summary>
    public ApiOptions Api { get; set; } = new();

    /// <summary>Whether the events' own quality is counted.</summary>
    public QualityOptions Quality { get; set; } = new();

    /// <summary>Where outcomes of leads come from, and how they meet their scores.</summary>
    public OutcomeOptions Outcomes { get; set; } = new();

    /// <summary>Where the worker itself sends alerts.</summary>
    public AlertOptions Alerts { get; set; } = new();
}

/// <summary>The broker, the topics and the consumer group.</summary>
public sealed class KafkaOptions
{
    /// <summary>Broker addresses, <c>host:port[,host:port]</c>.</summary>
    [Required(AllowEmptyStrings = false)]
    public string BootstrapServers { get; set; } = "localhost:9092";

    /// <summary>The topic of lead events.</summary>
    [Required, StringLength(249, MinimumLength = 1), RegularExpression("^[a-zA-Z0-9._-]+$")]
    public string Topic { get; set; } = "user-events";

    /// <summary>The consumer group; the progress in PostgreSQL is kept under the same name.</summary>
    [Required, StringLength(255, MinimumLength = 1)]
    public string GroupId { get; set; } = "stream-scorer";

    /// <summary>Where records go that can never be scored. Empty: the topic's name with <c>.dead-letters</c> behind it.</summary>
    public string DeadLetterTopic { get; set; } = "";

    /// <summary>Static membership (<c>group.instance.id</c>): a restart within the session timeout causes no rebalance.</summary>
    public string GroupInstanceId { get; set; } = "";

    /// <summary>
    /// What an offset out of range means: <c>Fail</c> stops the worker, <c>Earliest</c> goes on at the oldest record
    /// and records the gap for the audit.
    /// </summary>
    public OffsetOutOfRangePolicy OnOffsetOutOfRange { get; set; } = OffsetOutOfRangePolicy.Fail;

    /// <summary>How long the group waits for a silent worker before its partitions go to others.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:30:00")]
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>
    /// How long a revoke or a stop may take to finish, register and commit what is in flight. At most two thirds of
    /// <see cref="SessionTimeout"/>: past the session the group has moved on and the work would be refused.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:20:00")]
    public TimeSpan DrainBudget { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Whether records' headers are read (CloudEvents binary mode). Costs about a fifth of consume speed.</summary>
    public bool ReadHeaders { get; set; }

    /// <summary>
    /// Settings handed to the Kafka client as they are, for consumers and producers alike. Underscores stand for dots,
    /// so that a shell accepts <c>Kafka__Properties__security_protocol</c>.
    /// </summary>
    public Dictionary<string, string> Properties { get; set; } = [];

    /// <summary>The dead-letter topic in force.</summary>
    public string EffectiveDeadLetterTopic => DeadLetterTopic.Length > 0 ? DeadLetterTopic : Topic + ".dead-letters";
}

/// <summary>What the worker does when its offset is no longer, or not yet, on the topic.</summary>
public enum OffsetOutOfRangePolicy
{
    /// <summary>Stop with a message that names the partition, the offset and the remedy.</summary>
    Fail,

    /// <summary>Go on at the oldest record; the gap is recorded, so that <c>audit</c> tells it from loss.</summary>
    Earliest,
}

/// <summary>Connection strings.</summary>
public sealed class ConnectionStringsOptions
{
    /// <summary>PostgreSQL: hot leads and progress. Tables live in the first schema of the search path.</summary>
    [Required(AllowEmptyStrings = false)]
    public string HotLeads { get; set; } = "Host=localhost;Database=streamscorer;Username=streamscorer";
}

/// <summary>The model and the decision.</summary>
public sealed class ScoringOptions
{
    /// <summary>The model's name in the pool, in rows and in metrics.</summary>
    [Required, StringLength(128, MinimumLength = 1)]
    public string ModelName { get; set; } = "lead-scoring";

    /// <summary>The model folder (with <c>model.forest</c> in it) or the model file itself.</summary>
    [Required(AllowEmptyStrings = false)]
    public string ModelPath { get; set; } = "models/lead-scoring";

    /// <summary>Reload the model when its file is replaced.</summary>
    public bool WatchModel { get; set; } = true;

    /// <summary>A lead is hot when its calibrated probability is above this, as doubles: exactly 0.7 is not hot.</summary>
    [Range(0.0, 1.0)]
    public double Threshold { get; set; } = 0.7;

    /// <summary>For which leads the score's reasons are written.</summary>
    public ReasonsFor Reasons { get; set; } = ReasonsFor.Hot;

    /// <summary>How many reasons a lead gets at most.</summary>
    [Range(1, 50)]
    public int TopReasons { get; set; } = 5;
}

/// <summary>For which leads the score's reasons are computed and written.</summary>
public enum ReasonsFor
{
    /// <summary>For none.</summary>
    None,

    /// <summary>For hot leads.</summary>
    Hot,

    /// <summary>For every event.</summary>
    All,
}

/// <summary>How many records are decoded, scored and written together.</summary>
public sealed class MicroBatchOptions
{
    /// <summary>Most records in one micro-batch.</summary>
    [Range(1, 100_000)]
    public int MaxRecords { get; set; } = 10_240;

    /// <summary>
    /// Longest wait for a micro-batch to fill, from its first record on. While the loop has another one before it, it fills on.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:10")]
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Most bytes of keys and values in one micro-batch; a larger single record still passes, alone.</summary>
    [Range(64 * 1024, 256 * 1024 * 1024)]
    public int MaxBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>How many full micro-batches may wait between consuming and scoring before partitions are paused.</summary>
    [Range(1, 64)]
    public int MaxQueued { get; set; } = 2;
}

/// <summary>The table of hot leads.</summary>
public sealed class HotLeadsOptions
{
    /// <summary>
    /// How many leads with a row the worker remembers, 8 to 16 bytes each, so that cold events of all others need no
    /// query; beyond, partition by partition, every cold event is a query again. 0 turns that off: needed while the events
    /// of a lead may move to another partition, which is so when partitions are being added to the topic.
    /// </summary>
    [Range(0, 100_000_000)]
    public int FilterMaxLeads { get; set; } = 2_000_000;
}

/// <summary>When and where scored rows become Parquet files.</summary>
public sealed class CheckpointOptions
{
    /// <summary>The archive root, shared by all workers of one group; it outlives them.</summary>
    [Required(AllowEmptyStrings = false)]
    public string Folder { get; set; } = "data/checkpoints";

    /// <summary>A checkpoint closes at the latest after this many scored rows.</summary>
    [Range(1, 10_000_000)]
    public int MaxRows { get; set; } = 250_000;

    /// <summary>
    /// A checkpoint closes as soon as its rows take this many bytes of memory (about 280 a row); the next one fills meanwhile.
    /// </summary>
    [Range(1024 * 1024, 1024 * 1024 * 1024)]
    public int MaxBytes { get; set; } = 20 * 1024 * 1024;

    /// <summary>A checkpoint closes at the latest this long after its first record.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "1.00:00:00")]
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often registered files that another worker left unpublished are looked for.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan SettleInterval { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>Data quality: null rates, unseen categories, drift of features and scores against training.</summary>
public sealed class QualityOptions
{
    /// <summary>
    /// Whether the worker counts it, for metrics, alerts and pages. <c>bench compare --first Quality:Enabled=false</c> tells
    /// what that costs.
    /// </summary>
    public bool Enabled { get; set; } = true;
}

/// <summary>Where outcomes of leads come from, and how they meet their scores.</summary>
public sealed class OutcomeOptions
{
    /// <summary>The topic of outcomes, read by a group of its own (<c>GroupId.outcomes</c>) once it exists. Empty: none is read.</summary>
    [StringLength(249), RegularExpression("^[a-zA-Z0-9._-]*$")]
    public string Topic { get; set; } = "lead-outcomes";

    /// <summary>How often scores are looked for, for outcomes that have none yet.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long an outcome waits before its score is looked for: longer than an event takes to be in a published
    /// checkpoint (<c>Checkpoint:MaxAge</c> and the usual lag).
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan SettleDelay { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>How far back scores are looked for.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan Horizon { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Outcomes of this long say how good a model is.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromDays(30);
}

/// <summary>Where the worker itself sends alerts; for installations without Prometheus and Alertmanager.</summary>
public sealed class AlertOptions
{
    /// <summary>Address that takes Slack's incoming-webhook JSON by POST. Empty: no alerts are sent.</summary>
    public string WebhookUrl { get; set; } = "";

    /// <summary>File with that address in it, for those who keep secrets out of the environment; wins over <see cref="WebhookUrl"/>.</summary>
    public string WebhookUrlFile { get; set; } = "";

    /// <summary>How often the conditions are looked at.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>An alert that goes on is told again after this long.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan RepeatInterval { get; set; } = TimeSpan.FromHours(4);

    /// <summary>Part of each <c>for</c> time of the alert rules that a condition must last here, 0 to 1; below 1 for trying things out.</summary>
    [Range(0.0, 1.0)]
    public double PatienceFactor { get; set; } = 1;
}

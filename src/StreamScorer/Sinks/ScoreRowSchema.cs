using StreamScorer.Parquet;

namespace StreamScorer.Sinks;

/// <summary>
/// The columns of a score file, one row per event. Columns are only ever added, nullable and at the end; timestamps are
/// microseconds since 1970 UTC.
/// </summary>
public static class ScoreRowSchema
{
    /// <summary>Footer key under which a file names the version of this schema.</summary>
    public const string FormatKey = "streamscorer.format";

    /// <summary>Version of this schema.</summary>
    public const string FormatVersion = "1";

    /// <summary>Footer key under which a file names itself, so that a renamed or copied file is recognised.</summary>
    public const string FileIdKey = "streamscorer.file_id";

    /// <summary>The columns, in file order.</summary>
    public static ParquetSchema Schema { get; } = new(
        new ParquetColumn("topic", ParquetType.String),
        new ParquetColumn("kafka_partition", ParquetType.Int32),
        new ParquetColumn("kafka_offset", ParquetType.Int64),
        new ParquetColumn("kafka_timestamp", ParquetType.TimestampMicros, Nullable: true),
        new ParquetColumn("event_id", ParquetType.String, Nullable: true),
        new ParquetColumn("lead_id", ParquetType.String),
        new ParquetColumn("occurred_at", ParquetType.TimestampMicros, Nullable: true),
        new ParquetColumn("model_name", ParquetType.String),
        new ParquetColumn("model_id", ParquetType.String),
        new ParquetColumn("raw_score", ParquetType.Double),
        new ParquetColumn("probability", ParquetType.Double),
        new ParquetColumn("bucket", ParquetType.Int32),
        new ParquetColumn("tier", ParquetType.String),
        new ParquetColumn("hot", ParquetType.Boolean),
        new ParquetColumn("reasons", ParquetType.String, Nullable: true),
        new ParquetColumn("scored_at", ParquetType.TimestampMicros));

    /// <summary>What the footer of a file says about it.</summary>
    internal static IReadOnlyDictionary<string, string> Metadata(Guid fileId) => new Dictionary<string, string>
    {
        [FormatKey] = FormatVersion,
        [FileIdKey] = fileId.ToString(),
    };
}

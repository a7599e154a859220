using System.Text;
using Confluent.Kafka;
using StreamScorer.App.Audit;
using StreamScorer.Forests;
using StreamScorer.Parquet;
using StreamScorer.Training.Replay;

namespace StreamScorer.App.Verification;

/// <summary>What <c>replay --verify</c> found.</summary>
/// <param name="Rows">Rows in the archive within the offsets asked for.</param>
/// <param name="NotOnTopic">Rows whose record the topic no longer has: retention, compaction. No fault.</param>
/// <param name="Models">What became of the others, by model.</param>
internal sealed record VerificationReport(long Rows, long NotOnTopic, IReadOnlyList<ModelVerification> Models)
{
    /// <summary>True when rows were compared and every one of them has the same bits.</summary>
    public bool IsSame => Models.Sum(model => model.Compared) > 0 && Models.All(model => model is { Different: 0, Undecodable: 0, WithoutModel: 0 });
}

/// <summary>
/// Scores an archive again: takes the rows of its visible files some hundred thousand at a time, reads their events back
/// from the topic, and lets <see cref="ScoreVerifier"/> compare. Memory does not grow with the archive.
/// </summary>
internal sealed class ArchiveVerification(KafkaOptions kafka, string topic, OffsetRun window, IReadOnlyDictionary<string, ForestModel> models)
{
    private const int RowsAtOnce = 500_000;
    private static readonly string[] Columns = ["topic", "kafka_partition", "kafka_offset", "model_id", "raw_score", "probability"];

    private readonly byte[] _topicUtf8 = Encoding.UTF8.GetBytes(topic);
    private readonly ColumnValues[] _columns = [.. Columns.Select(_ => new ColumnValues())];
    private readonly ScoreVerifier _verifier = new(models);
    private readonly List<RecordedScore> _rows = [];
    private long _rowCount;
    private long _found;

    /// <summary>Verifies every visible file below the archive's root.</summary>
    /// <exception cref="ServiceMissingException">No broker answers, or the topic does not exist.</exception>
    public VerificationReport Run(string archive, Action<string> tell, CancellationToken ct)
    {
        if (new TopicReader(kafka).Watermarks(topic).Count == 0)
            throw ServiceMissingException.NoTopic(kafka, topic);
        // Names begin with the time of writing, so that the rows of neighbouring files lie together on the topic.
        var files = Directory.EnumerateFiles(archive, "*.parquet", SearchOption.AllDirectories).OrderBy(Path.GetFileName, StringComparer.Ordinal).ToList();
        for (var i = 0; i < files.Count; i++)
        {
            ct.ThrowIfCancellationRequested();
            Collect(files[i], ct);
            if (_rows.Count < RowsAtOnce && i < files.Count - 1)
                continue;
            CompareCollected(ct);
            tell(FormattableString.Invariant($"{i + 1} of {files.Count} files, {_rowCount:N0} rows scored again"));
        }

        return new VerificationReport(_rowCount, _rowCount - _found, _verifier.Results);
    }

    private void Collect(string path, CancellationToken ct)
    {
        using var file = ParquetFileReader.Open(path);
        for (var group = 0; group < file.RowGroupCount; group++)
        {
            ct.ThrowIfCancellationRequested();
            for (var column = 0; column < Columns.Length; column++)
            {
                var index = file.Schema.IndexOf(Columns[column]);
                if (index < 0)
                    throw new ParquetException($"{path} has no column {Columns[column]}: it is not a checkpoint file.");
                file.ReadColumn(group, index, _columns[column]);
            }

            CollectGroup(file.RowGroupRows(group));
        }
    }

    private void CollectGroup(int rows)
    {
        var (lastModel, model) = (Array.Empty<byte>(), -1);
        for (var row = 0; row < rows; row++)
        {
            var offset = _columns[2].GetInt64(row);
            if (!window.Contains(offset) || !_columns[0].GetBytes(row).SequenceEqual(_topicUtf8))
                continue;
            var modelId = _columns[3].GetBytes(row);
            if (model < 0 || !modelId.SequenceEqual(lastModel))
                (lastModel, model) = (modelId.ToArray(), _verifier.IndexOf(Encoding.UTF8.GetString(modelId)));
            _rows.Add(new RecordedScore(_columns[1].GetInt32(row), offset, model, _columns[4].GetDouble(row), _columns[5].GetDouble(row)));
        }
    }

    private void CompareCollected(CancellationToken ct)
    {
        _rowCount += _rows.Count;
        var byPartition = _rows.GroupBy(row => row.Partition)
            .ToDictionary(rows => rows.Key, rows => rows.OrderBy(row => row.Offset).ToArray());
        var next = byPartition.Keys.ToDictionary(partition => partition, _ => 0);
        var spans = byPartition.Select(rows => new TopicSpan(rows.Key, new OffsetRun(rows.Value[0].Offset, rows.Value[^1].Offset + 1))).ToList();
        new TopicReader(kafka).Read<byte[], byte[]>(
            topic, spans, NullableBytes.Instance, NullableBytes.Instance, "none",
            record => next[record.Partition.Value] = Compare(byPartition[record.Partition.Value], next[record.Partition.Value], record), ct);
        _rows.Clear();
    }

    /// <summary>Compares the rows of the record's offset and returns the index behind them; rows before it have no record.</summary>
    private int Compare(RecordedScore[] rows, int index, ConsumeResult<byte[], byte[]> record)
    {
        while (index < rows.Length && rows[index].Offset < record.Offset.Value)
            index++;
        for (; index < rows.Length && rows[index].Offset == record.Offset.Value; index++)
        {
            _found++;
            _verifier.Verify(rows[index], record.Message.Key, record.Message.Value);
        }

        return index;
    }

    private sealed class NullableBytes : IDeserializer<byte[]>
    {
        public static readonly NullableBytes Instance = new();

        public byte[] Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) => isNull ? null! : data.ToArray();
    }
}

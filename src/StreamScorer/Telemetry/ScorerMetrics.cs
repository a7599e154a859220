using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using StreamScorer.Scoring;
using StreamScorer.Sinks;

namespace StreamScorer.Telemetry;

/// <summary>
/// Every meter of the data path, with OpenTelemetry's messaging names where it has one. Updated per micro-batch and per
/// checkpoint, never per event; no label carries a lead id.
/// </summary>
public sealed class ScorerMetrics : IDisposable
{
    /// <summary>The meter's name, for exporters.</summary>
    public const string MeterName = "StreamScorer";

    /// <summary>Records consumed.</summary>
    public const string ConsumedName = "messaging.client.consumed.messages";

    /// <summary>Events scored.</summary>
    public const string ScoredName = "streamscorer.events.scored";

    /// <summary>Events above the threshold.</summary>
    public const string HotName = "streamscorer.events.hot";

    /// <summary>Records with an empty value.</summary>
    public const string TombstonesName = "streamscorer.records.tombstones";

    /// <summary>Dead letters, by reason.</summary>
    public const string DeadLettersName = "streamscorer.dead_letters";

    /// <summary>Records of this worker's partitions that are not consumed yet.</summary>
    public const string LagName = "streamscorer.consumer.lag";

    /// <summary>Seconds from a micro-batch's arrival in the loop to the end of its writes.</summary>
    public const string BatchSecondsName = "messaging.process.duration";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _consumed;
    private readonly Counter<long> _scored;
    private readonly Counter<long> _hot;
    private readonly Counter<long> _tombstones;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _unknownFields;
    private readonly Counter<long> _unseenCategories;
    private readonly Counter<long> _modelSwaps;
    private readonly Counter<long> _modelReloadFailures;
    private readonly Counter<long> _checkpoints;
    private readonly Histogram<double> _checkpointSeconds;
    private readonly Histogram<double> _batchSeconds;
    private readonly Histogram<double> _scoringSeconds;
    private readonly Histogram<double> _hotLeadSeconds;
    private readonly Histogram<long> _batchRecords;
    private readonly Counter<long> _tiers;
    private readonly long[] _tierCounts = new long[5];
    private readonly KeyValuePair<string, object?>[] _tierTags =
        [.. "ABCDE".Select(tier => new KeyValuePair<string, object?>("tier", tier.ToString()))];
    private (long Rows, long Hot, long DeadLetters) _closed;

    /// <summary>Creates the instruments.</summary>
    public ScorerMetrics()
    {
        _consumed = _meter.CreateCounter<long>(ConsumedName, "{message}", "Records consumed.");
        _scored = _meter.CreateCounter<long>(ScoredName, "{event}", "Events scored.");
        _hot = _meter.CreateCounter<long>(HotName, "{event}", "Events scored above the threshold.");
        _tombstones = _meter.CreateCounter<long>(TombstonesName, "{message}", "Records with an empty value.");
        _deadLetters = _meter.CreateCounter<long>(DeadLettersName, "{message}", "Records sent to the dead-letter topic, by reason.");
        _unknownFields = _meter.CreateCounter<long>("streamscorer.fields.unknown", "{field}", "Fields that the model does not know.");
        _unseenCategories = _meter.CreateCounter<long>("streamscorer.categories.unseen", "{value}", "Categories that training never saw.");
        _modelSwaps = _meter.CreateCounter<long>("streamscorer.model.swaps", "{swap}", "Models replaced by another.");
        _modelReloadFailures = _meter.CreateCounter<long>(
            "streamscorer.model.reload_failures", "{failure}", "Reloads that failed and left the old model in place.");
        _checkpoints = _meter.CreateCounter<long>("streamscorer.checkpoints", "{file}", "Checkpoints published.");
        _checkpointSeconds = _meter.CreateHistogram<double>("streamscorer.checkpoint.duration", "s", "From closing a checkpoint to its publication.");
        _batchSeconds = _meter.CreateHistogram<double>(BatchSecondsName, "s", "From a micro-batch's arrival in the loop to the end of its writes.");
        _scoringSeconds = _meter.CreateHistogram<double>("streamscorer.scoring.duration", "s", "Decoding and scoring of one micro-batch.");
        _hotLeadSeconds = _meter.CreateHistogram<double>(
            "streamscorer.hot_leads.write.duration", "s", "From handing a micro-batch's hot leads to PostgreSQL to the end of the write.");
        _batchRecords = _meter.CreateHistogram<long>("streamscorer.batch.records", "{message}", "Records of a micro-batch.");
        _tiers = _meter.CreateCounter<long>("streamscorer.events.tier", "{event}", "Events scored, by tier A to E.");
    }

    /// <summary>What the loop tells of itself.</summary>
    public StreamStatus Stream { get; } = new();

    /// <summary>Records consumed since the start.</summary>
    public long Records { get; private set; }

    /// <summary>Events scored since the start.</summary>
    public long Scored { get; private set; }

    /// <summary>Dead letters since the start.</summary>
    public long DeadLetters { get; private set; }

    /// <summary>Checkpoints published since the start.</summary>
    public long Checkpoints { get; private set; }

    /// <summary>Records without a key since the start.</summary>
    public long KeylessRecords { get; private set; }

    /// <summary>Shows which models serve: a gauge that is always 1, with the model's id as a label.</summary>
    public void Observe(PredictionEnginePool pool) => _meter.CreateObservableGauge(
        "streamscorer.model.info",
        () => pool.Names.Select(name => new Measurement<int>(
            1, new KeyValuePair<string, object?>("model", name), new KeyValuePair<string, object?>("model_id", pool.GetModel(name).Id))),
        null, "The models that serve; always 1.");

    /// <summary>How long a micro-batch took.</summary>
    /// <param name="records">Its records.</param>
    /// <param name="total">From its arrival in the loop to the end of its writes.</param>
    /// <param name="scoring">Decoding and scoring.</param>
    /// <param name="writing">The write of its hot leads, which may overlap the scoring of the next.</param>
    public void BatchTimes(int records, TimeSpan total, TimeSpan scoring, TimeSpan writing)
    {
        _batchRecords.Record(records);
        _batchSeconds.Record(total.TotalSeconds);
        _scoringSeconds.Record(scoring.TotalSeconds);
        _hotLeadSeconds.Record(writing.TotalSeconds);
    }

    /// <summary>A micro-batch is done.</summary>
    public void BatchDone(int records, ScoredBatch batch)
    {
        Array.Clear(_tierCounts);
        long hot = 0, unknown = 0, unseen = 0;
        foreach (ref readonly var scored in batch.Events)
        {
            hot += scored.Hot ? 1 : 0;
            _tierCounts[Math.Clamp(scored.Tier - 'A', 0, 4)]++;
        }

        foreach (ref readonly var decoded in batch.Decoded)
        {
            unknown += decoded.UnknownFields;
            unseen += decoded.UnseenCategories;
        }

        Records += records;
        Scored += batch.Count;
        DeadLetters += batch.Bad.Count;
        _consumed.Add(records);
        _scored.Add(batch.Count);
        _hot.Add(hot);
        _tombstones.Add(batch.Tombstones);
        _unknownFields.Add(unknown);
        _unseenCategories.Add(unseen);
        for (var tier = 0; tier < _tierCounts.Length; tier++)
            if (_tierCounts[tier] > 0)
                _tiers.Add(_tierCounts[tier], _tierTags[tier]);
        foreach (var bad in batch.Bad)
            _deadLetters.Add(1, new KeyValuePair<string, object?>("reason", bad.Reason));
    }

    /// <summary>A model was replaced, or was to be: a handler of <see cref="PredictionEnginePool.Reloaded"/>.</summary>
    public void ModelReloaded(ModelReload reload) =>
        (reload.Error is null ? _modelSwaps : _modelReloadFailures).Add(1, new KeyValuePair<string, object?>("model", reload.Name));

    /// <summary>What the checkpoint that closes now holds.</summary>
    public void CheckpointClosed(long rows, long hot, long deadLetters) => _closed = (rows, hot, deadLetters);

    /// <summary>A checkpoint is published: counted, and told in one line.</summary>
    public void CheckpointDone(CheckpointResult result, long lag, ILogger log)
    {
        Checkpoints++;
        Stream.Lag = lag;
        _checkpoints.Add(1);
        _checkpointSeconds.Record(result.Elapsed.TotalSeconds);
        log.CheckpointDone(
            Checkpoints, _closed.Rows, _closed.Hot, _closed.DeadLetters, result.Leases.Count, (long)result.Elapsed.TotalMilliseconds, lag,
            result.Staged.FinalPath ?? "no rows, no file");
    }

    /// <summary>Counts records without a key; true when their number reaches 1 or the next power of ten, worth a warning.</summary>
    public bool CountKeyless(int records)
    {
        var before = KeylessRecords;
        KeylessRecords += records;
        return KeylessRecords > 0 && (before == 0 || (int)Math.Log10(before) < (int)Math.Log10(KeylessRecords));
    }

    /// <summary>Counts records without a key, and warns of them now and then.</summary>
    public void WarnOfKeyless(int records, ILogger log)
    {
        if (records > 0 && CountKeyless(records))
            log.RecordsWithoutKey(KeylessRecords);
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}

using System.Buffers;
using System.Runtime.CompilerServices;
using StreamScorer.Consumer;
using StreamScorer.Features;
using StreamScorer.Forests;

namespace StreamScorer.Scoring;

/// <summary>
/// Decodes and scores one micro-batch at a time with one immutable model. Owns its buffers; used by one thread.
/// Nothing is allocated per event.
/// </summary>
public sealed class BatchScorer(ScoringOptions options, PredictionEnginePool pool, TimeProvider clock)
{
    private readonly ArrayBufferWriter<byte> _json = new(4096);
    private EventDecoder? _decoder;
    private ScoringModel? _decoderModel;
    private double[] _rows = [];
    private double[] _raw = [];
    private double[] _probability = [];
    private int _rowValues;

    /// <summary>The decoder of the model that the last batch was scored with.</summary>
    public EventDecoder Decoder => _decoder ?? throw new InvalidOperationException("No batch was scored yet.");

    /// <summary>The feature rows of the batch that was scored last, end to end, in the order of its events.</summary>
    public ReadOnlySpan<double> Rows => _rows.AsSpan(0, _rowValues);

    /// <summary>
    /// Decodes every record that is new under a live lease, scores the events, and lists the bad records. Each such
    /// record advances its lease: scored, dead letter or tombstone, it is accounted for.
    /// </summary>
    public void Score(MicroBatch batch, ScoringModel model, ScoredBatch scored)
    {
        scored.Clear();
        scored.ScoredAtMicros = clock.GetUtcNow().UtcTicks / TimeSpan.TicksPerMicrosecond - UnixEpochMicros;
        UseModel(model);
        Decode(batch, model.Schema.Count, scored);
        scored.BadWhenDecoded = scored.Bad.Count;
        var engine = pool.GetPredictionEngine(model);
        try
        {
            ScoreBlocks(engine, model.Schema.Count, scored);
            _rowValues = scored.Count * model.Schema.Count;
        }
        finally
        {
            pool.ReturnPredictionEngine(engine);
        }
    }

    private const long UnixEpochMicros = 62_135_596_800_000_000;

    private void UseModel(ScoringModel model)
    {
        if (ReferenceEquals(_decoderModel, model))
            return;
        _decoder = new EventDecoder(model.Schema, null, clock);
        _decoderModel = model;
    }

    // Optimised from the first call on, as are the other loops over a micro-batch's events: called once a batch, they would
    // take minutes to be noticed as hot.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Decode(MicroBatch batch, int featureCount, ScoredBatch scored)
    {
        if (_rows.Length < batch.Count * featureCount)
            _rows = new double[batch.Count * featureCount];
        var decoder = _decoder!;
        var payload = batch.Payload;
        var leases = batch.Leases;
        var offsets = batch.Offsets;
        var keys = batch.Keys;
        var values = batch.Values;
        var decoded = default(DecodedEvent);
        for (var record = 0; record < leases.Length; record++)
        {
            var lease = leases[record];
            var offset = offsets[record];
            if (lease.Released || !lease.Offsets!.IsNew(offset))
                continue;
            lease.Offsets.Advance(offset);
            var key = keys[record];
            var value = values[record];
            var row = _rows.AsSpan(scored.Count * featureCount, featureCount);
            var kind = decoder.Decode(
                payload.Get(key), key.IsNull, payload.GetText(value), value.IsNull, batch.Attributes(record), row, scored.Texts,
                ref decoded);
            if (decoded.KeyMissing)
                scored.KeylessRecords++;
            if (kind == RecordKind.Event)
                scored.Add(record, offset, batch.Timestamps[record], decoded);
            else if (kind == RecordKind.Tombstone)
                scored.Tombstones++;
            else
                scored.Bad.Add(new BadRecord(
                    record, "decode", decoded.Reason.ToString(), decoder.Describe(decoded), decoded.Reason, decoded.FaultFeature));
        }
    }

    // Block by block, so that the reasons of a block can use the leaves that its scores were summed from.
    private void ScoreBlocks(PredictionEngine engine, int featureCount, ScoredBatch scored)
    {
        if (_raw.Length < scored.Count)
            (_raw, _probability) = (new double[Math.Max(4096, scored.Count)], new double[Math.Max(4096, scored.Count)]);
        for (var first = 0; first < scored.Count; first += ForestScorer.BlockRows)
        {
            var count = Math.Min(ForestScorer.BlockRows, scored.Count - first);
            var known = TryPredict(engine, featureCount, first, count);
            if (!known)
                count = PredictOneByOne(engine, featureCount, first, scored) - first;
            Decide(engine.Model.Forest, first, count, scored);
            Explain(engine, featureCount, first, count, known, scored);
            if (!known)
                break;
        }
    }

    private void Decide(ForestModel forest, int first, int count, ScoredBatch scored)
    {
        var events = scored.Events;
        for (var i = first; i < first + count; i++)
        {
            ref var scoredEvent = ref events[i];
            scoredEvent.RawScore = _raw[i];
            scoredEvent.Probability = _probability[i];
            scoredEvent.Bucket = forest.BucketOf(_probability[i]);
            scoredEvent.Tier = ForestModel.TierOf(scoredEvent.Bucket);
            scoredEvent.Hot = _probability[i] > options.Threshold;
        }
    }

    private bool TryPredict(PredictionEngine engine, int featureCount, int start, int count)
    {
        try
        {
            engine.Predict(
                _rows.AsSpan(start * featureCount, count * featureCount), _raw.AsSpan(start, count), _probability.AsSpan(start, count),
                keepLeaves: options.Reasons != ReasonsFor.None);
            return true;
        }
        catch (Exception exception) when (exception is not (OutOfMemoryException or StackOverflowException))
        {
            return false;
        }
    }

    /// <summary>
    /// A row made the scorer throw: every row from here on alone, so that only that one becomes a dead letter. It leaves the
    /// batch here: nobody downstream must see a score that it does not have.
    /// </summary>
    /// <returns>How many events the batch has left.</returns>
    private int PredictOneByOne(PredictionEngine engine, int featureCount, int first, ScoredBatch scored)
    {
        var kept = first;
        for (var i = first; i < scored.Count; i++)
        {
            if (!TryPredict(engine, featureCount, i, 1))
            {
                scored.Bad.Add(new BadRecord(scored.Records[i], "score", "ScoringFailed", "The model could not score this event."));
                continue;
            }

            (_raw[kept], _probability[kept]) = (_raw[i], _probability[i]);
            _rows.AsSpan(i * featureCount, featureCount).CopyTo(_rows.AsSpan(kept * featureCount));
            scored.Move(i, kept++);
        }

        scored.Truncate(kept);
        return kept;
    }

    private void Explain(PredictionEngine engine, int featureCount, int first, int count, bool known, ScoredBatch scored)
    {
        if (options.Reasons == ReasonsFor.None)
            return;
        for (var i = first; i < first + count; i++)
        {
            if (options.Reasons == ReasonsFor.Hot && !scored.Events[i].Hot)
                continue;
            if (TryExplain(engine, _rows.AsSpan(i * featureCount, featureCount), known ? i - first : -1))
                scored.Reasons[i] = scored.Texts.Append(_json.WrittenSpan);
            else
                scored.Bad.Add(new BadRecord(scored.Records[i], "score", "ReasonsFailed", "The model could not give reasons for this event's score."));
        }
    }

    private bool TryExplain(PredictionEngine engine, ReadOnlySpan<double> row, int place)
    {
        try
        {
            _json.ResetWrittenCount();
            engine.AppendReasonsJson(row, options.TopReasons, _json, exact: false, place);
            return true;
        }
        catch (Exception exception) when (exception is not (OutOfMemoryException or StackOverflowException))
        {
            return false;
        }
    }
}

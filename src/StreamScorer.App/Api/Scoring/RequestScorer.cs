using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using StreamScorer.Features;
using StreamScorer.Forests;
using StreamScorer.Scoring;
using StreamScorer.Sinks;

namespace StreamScorer.App.Api.Scoring;

/// <summary>
/// Decodes and scores one request at a time with one model, and owns every buffer that this needs, so that nothing is
/// allocated per lead. One thread at a time.
/// </summary>
internal sealed class RequestScorer
{
    private readonly PredictionEngine _engine;
    private readonly HotThreshold _threshold;
    private readonly int _topReasons;
    private readonly ArrayBufferWriter<byte> _json = new(1024);
    private double[] _raw = [];
    private double[] _probability = [];
    private ScoredEvent[] _events = [];
    private Utf8Slice[] _reasons = [];

    /// <summary>A scorer for a model.</summary>
    public RequestScorer(ScoringModel model, HotThreshold threshold, int mostLeads, int topReasons, TimeProvider clock)
    {
        Model = model;
        _engine = new PredictionEngine(model, threshold);
        _threshold = threshold;
        _topReasons = topReasons;
        Utf8Name = Encoding.UTF8.GetBytes(model.Name);
        JsonName = Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(model.Name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"");
        Decoder = new LeadRequestDecoder(model.Schema, mostLeads, clock);
    }

    /// <summary>The model that scores, always.</summary>
    public ScoringModel Model { get; }

    /// <summary>Its name, UTF-8.</summary>
    public byte[] Utf8Name { get; }

    /// <summary>Its name as a JSON string, with quotes.</summary>
    public byte[] JsonName { get; }

    /// <summary>What the request says.</summary>
    public LeadRequestDecoder Decoder { get; }

    /// <summary>Bytes of a body that did not arrive in one piece; grows to the largest.</summary>
    public ArrayBufferWriter<byte> Body { get; } = new(4096);

    /// <summary>The answer under way.</summary>
    public ArrayBufferWriter<byte> Answer { get; } = new(4096);

    /// <summary>The decisions, one per lead of the request.</summary>
    public ReadOnlySpan<ScoredEvent> Events => _events.AsSpan(0, Decoder.Count);

    /// <summary>The reasons of a lead as a JSON array; empty where none were asked for.</summary>
    public ReadOnlySpan<byte> Reasons(int lead) => Decoder.Texts.Get(_reasons[lead]);

    /// <summary>Scores what the decoder has read. The same rows give the same bits as in the stream.</summary>
    /// <param name="withReasons">Whether exact reasons (TreeSHAP) are wanted.</param>
    public void Score(bool withReasons)
    {
        var count = Decoder.Count;
        Grow(count);
        _engine.Predict(Decoder.Rows, _raw.AsSpan(0, count), _probability.AsSpan(0, count));
        for (var i = 0; i < count; i++)
        {
            ref var scored = ref _events[i];
            scored.RawScore = _raw[i];
            scored.Probability = _probability[i];
            scored.Bucket = Model.Forest.BucketOf(_probability[i]);
            scored.Tier = ForestModel.TierOf(scored.Bucket);
            scored.Hot = _threshold.IsHot(_probability[i]);
            scored.OccurredAtMicros = Decoder.Leads[i].OccurredAtMicros;
            scored.KafkaTimestampMicros = ScoredEvent.NoTime;
            _reasons[i] = Utf8Slice.Null;
            if (withReasons)
                Explain(i);
        }
    }

    private void Explain(int lead)
    {
        _json.ResetWrittenCount();
        var features = Model.Schema.Count;
        _engine.AppendReasonsJson(Decoder.Rows.Slice(lead * features, features), _topReasons, _json, exact: true);
        _reasons[lead] = Decoder.Texts.Append(_json.WrittenSpan);
    }

    private void Grow(int count)
    {
        if (_raw.Length >= count)
            return;
        var size = Math.Max(16, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)count));
        (_raw, _probability) = (new double[size], new double[size]);
        (_events, _reasons) = (new ScoredEvent[size], new Utf8Slice[size]);
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using StreamScorer.Consumer;
using StreamScorer.Forests;
using StreamScorer.Scoring;
using StreamScorer.Telemetry.Quality;
using StreamScorer.Training.Generation;
using StreamScorer.Training.LeadScoring;

namespace StreamScorer.Tests.Telemetry.Quality;

/// <summary>
/// Generated leads as JSON events through the real decoder and scorer into the quality counters, with a say in what the
/// producer does to each event on the way.
/// </summary>
internal sealed class QualityScene : IDisposable
{
    public const int TrainingRows = 4000;

    private static readonly Lazy<ForestModel> Trained = new(() => SyntheticForest.Train(42, TrainingRows, trees: 40));

    private readonly PredictionEnginePool _pool = new(new HotThreshold(0.7));
    private readonly BatchScorer _scorer;
    private readonly ScoredBatch _scored = new();
    private readonly PartitionLease _lease = new(new TopicPartition("events", 0));
    private long _offset;

    public QualityScene(bool isEnabled = true)
    {
        Model = new ScoringModel("lead-scoring", Forest);
        _scorer = new BatchScorer(new ScoringOptions { Reasons = ReasonsFor.None }, _pool, Clock);
        _lease.Take(1, 0);
        Quality = new DataQuality(Clock, isEnabled);
        if (isEnabled)
            Quality.Enter(Model);
    }

    /// <summary>A forest on generated leads of seed 42, once for all tests.</summary>
    public static ForestModel Forest => Trained.Value;

    public ManualClock Clock { get; } = new();

    public ScoringModel Model { get; }

    public DataQuality Quality { get; }

    /// <summary>Every probability so far, with the lead's label.</summary>
    public List<(double Probability, bool Converted)> Scored { get; } = [];

    public DataQualityReport? Report(QualityWindow window = QualityWindow.Hour) => Quality.Reports(window).SingleOrDefault();

    /// <summary>Feeds leads of one seed, in micro-batches.</summary>
    public void Feed(int leads, int seed, Action<JsonObject, int>? change = null)
    {
        var generator = new LeadGenerator(seed);
        // Far from the training rows of the same seed.
        Feed(Enumerable.Range(0, leads).Select(i =>
        {
            var lead = generator.Create(1_000_000 + i);
            var json = Event(lead);
            change?.Invoke(json, i);
            return (Encoding.UTF8.GetBytes(lead.Id.ToString()), Encoding.UTF8.GetBytes(json.ToJsonString()), lead.Converted);
        }));
    }

    /// <summary>Feeds events, in micro-batches.</summary>
    public void Feed(IEnumerable<(byte[] Key, byte[] Value, bool Converted)> events)
    {
        foreach (var chunk in events.Chunk(500))
        {
            var batch = new MicroBatch(512);
            foreach (var (key, value, _) in chunk)
                batch.Append(_lease, _offset++, 0, batch.Payload.Append(key), batch.Payload.Append(value));
            _scorer.Score(batch, Model, _scored);
            Quality.Observe(Model, _scorer.Rows, _scored);
            for (var i = 0; i < _scored.Count; i++)
                Scored.Add((_scored.Events[i].Probability, chunk[_scored.Records[i]].Converted));
        }
    }

    public void Dispose() => _pool.Dispose();

    private static JsonObject Event(SyntheticLead lead)
    {
        var json = new JsonObject { ["leadId"] = lead.Id.ToString() };
        foreach (var feature in LeadScoringSchema.Features)
        {
            var cell = lead.Cell(feature.ColumnName);
            json[feature.StreamName] = cell is null or "" ? null
                : feature.Kind == FeatureKind.Numeric ? double.Parse(cell, CultureInfo.InvariantCulture) : cell;
        }

        return json;
    }
}

using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamScorer.Consumer;
using StreamScorer.Features;
using StreamScorer.Scoring;
using StreamScorer.Sinks;
using StreamScorer.Telemetry;

namespace StreamScorer.Benchmarks.Stream;

/// <summary>How far an event goes in a stage.</summary>
internal enum Stage
{
    Consume,
    Batch,
    Decode,
    Score,
    Checkpoint,
    HotLeads,
}

/// <summary>
/// Runs a part of the data path in this process, made of the worker's own parts: the topic from the beginning, through
/// every step up to the one asked for. One after another on one thread beside the consumer's, so that costs add up.
/// </summary>
internal sealed class StageRun(BenchServices services, BenchScope scope, string modelFolder, int partitions, long events)
{
    private const string ModelName = "lead-scoring";

    private readonly StreamScorerOptions _options = scope.Options();
    private readonly ScoredBatch _scored = new();
    private readonly ScoreRows _rows = new();
    private readonly Readiness _readiness = new(TimeProvider.System);

    /// <summary>The client's settings that are not its defaults, for the report.</summary>
    public static string ConsumerSettings(BenchScope scope) => string.Join(
        ' ', KafkaClientSettings.Consumer(scope.Options().Kafka).Where(s => s.Key is not ("bootstrap.servers" or "group.id"))
            .Select(s => $"{s.Key}={s.Value}"));

    /// <summary>Runs the stage.</summary>
    public async Task<StageFigures> RunAsync(Stage stage)
    {
        GC.Collect();
        ProcessTimes.ResetPeak();
        if (stage == Stage.Consume)
            return Consume();
        using var pool = new PredictionEnginePool(new HotThreshold(_options.Scoring.Threshold));
        pool.FromFile(ModelName, modelFolder, watchForChanges: false);
        await using var dataSource = NpgsqlDataSource.Create(scope.ConnectionString);
        await Migrations.ApplyAsync(dataSource, CancellationToken.None);
        await using var source = new KafkaMicroBatchSource(_options, NullLogger<KafkaMicroBatchSource>.Instance);
        return await RunAsync(stage, source, dataSource, pool);
    }

    private StageFigures Consume()
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(KafkaClientSettings.Consumer(_options.Kafka))
            .SetLogHandler((_, _) => { }).Build();
        consumer.Assign(Enumerable.Range(0, partitions).Select(p => new TopicPartitionOffset(_options.Kafka.Topic, p, 0)));
        consumer.Consume(TimeSpan.FromSeconds(10));
        var meter = new StageMeter(services);
        for (var i = 1; i < events;)
            i += consumer.Consume(TimeSpan.FromSeconds(1)) is null ? 0 : 1;
        return meter.Read(nameof(Stage.Consume), events);
    }

    private async Task<StageFigures> RunAsync(
        Stage stage, KafkaMicroBatchSource source, NpgsqlDataSource dataSource, PredictionEnginePool pool)
    {
        var folder = new CheckpointFolder(_options.Checkpoint.Folder);
        var ledger = new ProgressLedger(dataSource, _options.Kafka.GroupId, folder.OpenStorage(), TimeProvider.System);
        var files = new CheckpointFileWriter(folder, _options.Kafka.GroupId, TimeProvider.System);
        var retry = new OutageRetry(_readiness, NullLogger.Instance, TimeProvider.System);
        var store = new HotLeadSink(dataSource, _options.Kafka.GroupId);
        var hotLeads = new HotLeadWriter(store, retry, new LeadFilter(store, retry, _options.HotLeads));
        var scorer = new BatchScorer(_options.Scoring, pool, TimeProvider.System);
        var model = pool.GetModel(ModelName);
        var decoding = new Decoding(model);
        StageMeter? meter = null;
        StageFigures? figures = null;
        var done = 0L;
        source.Start();
        await foreach (var next in source.Events.ReadAllAsync())
        {
            if (next is PartitionsAssigned assigned)
            {
                await TakeAsync(ledger, assigned);
                hotLeads.Open(assigned.Leases, default);
                meter = new StageMeter(services);
            }

            (next as PartitionsRevoked)?.Complete();
            if (next is SourceFailed failed)
                throw new InvalidOperationException("The source failed.", failed.Reason);
            if (next is not MicroBatch batch || figures is not null)
                continue;
            if (stage == Stage.Decode)
                decoding.Run(batch);
            if (stage >= Stage.Score)
                scorer.Score(batch, model, _scored);
            if (stage >= Stage.HotLeads)
                await hotLeads.WriteAsync(batch, _scored, model, default);
            if (stage >= Stage.Checkpoint)
                Append(batch, model, files, done + batch.Count == events);
            done += batch.Count;
            source.Return(batch);
            if (done < events)
                continue;
            figures = meter!.Read(stage.ToString(), events);
            _ = source.StopAsync();
        }

        return figures ?? throw new InvalidOperationException($"The source ended after {done} of {events} events.");
    }

    private static async Task TakeAsync(ProgressLedger ledger, PartitionsAssigned assigned)
    {
        var requests = assigned.Leases.Select(l => new TakeRequest(l.Partition.Topic, l.Partition.Partition.Value, 0)).ToList();
        foreach (var partition in await ledger.TakeAsync(requests, "bench", default))
            assigned.Leases.First(l => l.Partition.Partition.Value == partition.Partition).Take(partition.OwnerEpoch, 0);
        assigned.TryComplete();
    }

    private void Append(MicroBatch batch, ScoringModel model, CheckpointFileWriter files, bool isLast)
    {
        _rows.BeginBatch(model.Name, model.Id, _scored.ScoredAtMicros);
        for (var i = 0; i < _scored.Count; i++)
        {
            var partition = batch.Leases[_scored.Records[i]].Partition;
            ref readonly var decoded = ref _scored.Decoded[i];
            _rows.Append(
                _rows.PartitionSlot(partition.Topic, partition.Partition.Value), _scored.Events[i],
                _scored.Texts.Get(decoded.LeadId), _scored.Texts.Get(decoded.EventId), _scored.Texts.Get(_scored.Reasons[i]));
        }

        if (_rows.Count < _options.Checkpoint.MaxRows && _rows.SizeBytes < _options.Checkpoint.MaxBytes && !isLast)
            return;
        var ranges = Enumerable.Range(0, partitions)
            .Select(p => new PartitionRange(_options.Kafka.Topic, p, 1, 0, long.MaxValue, 0));
        files.Stage(_rows, [.. ranges]);
        _rows.Clear();
    }

    private sealed class Decoding(ScoringModel model)
    {
        private readonly EventDecoder _decoder = new(model.Schema);
        private readonly double[] _row = new double[model.Schema.Count];
        private readonly Utf8Arena _texts = new();

        public void Run(MicroBatch batch)
        {
            var decoded = default(DecodedEvent);
            _texts.Clear();
            for (var i = 0; i < batch.Count; i++)
            {
                _decoder.Decode(
                    batch.Payload.Get(batch.Keys[i]), batch.Keys[i].IsNull,
                    batch.Payload.Get(batch.Values[i]), batch.Values[i].IsNull,
                    _row, _texts, ref decoded);
            }
        }
    }
}

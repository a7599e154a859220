using System.Buffers;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using StreamScorer.Consumer;
using StreamScorer.Features;
using StreamScorer.Forests;
using StreamScorer.Scoring;
using StreamScorer.Sinks;
using StreamScorer.Telemetry.Quality;

namespace StreamScorer.Benchmarks.Stream;

/// <summary>
/// <c>bench path</c>: what each step of the worker costs per event on one thread, without Kafka and PostgreSQL. Tells
/// where a microsecond went; <c>bench stream</c> tells whether it matters.
/// </summary>
internal sealed class PathBenchmark
{
    private const int Batches = 32;
    private const int BatchEvents = 4096;
    private const string Topic = "bench-path";

    private readonly List<MicroBatch> _batches = [];
    private readonly List<ScoredBatch> _scored = [];
    private readonly BatchScorer _scorer;
    private readonly ScoringModel _model;
    private readonly PredictionEngine _engine;
    private readonly PartitionLease _lease = new(new TopicPartition(Topic, 0));
    private readonly double[] _rows;
    private readonly (double[] Raw, double[] Probability) _scores = (new double[BatchEvents], new double[BatchEvents]);

    private PathBenchmark(string modelFolder, PredictionEnginePool pool)
    {
        pool.FromFile("lead-scoring", modelFolder, watchForChanges: false);
        _model = pool.GetModel("lead-scoring");
        _engine = new PredictionEngine(_model, new HotThreshold(0.7));
        _scorer = new BatchScorer(new ScoringOptions(), pool, TimeProvider.System);
        _rows = new double[BatchEvents * _model.Schema.Count];
        _lease.Take(1, 0);
        var workload = new StreamWorkload(new WorkloadShape(Batches * BatchEvents), _model.Forest);
        for (var offset = 0L; offset < Batches * BatchEvents; offset++)
        {
            if (offset % BatchEvents == 0)
                _batches.Add(new MicroBatch(BatchEvents));
            var value = workload.Next();
            var payload = _batches[^1].Payload;
            _batches[^1].Append(_lease, offset, 0, payload.Append(workload.Key.Span), payload.Append(value.Span));
        }
    }

    public static Task<int> RunAsync(string[] args)
    {
        var model = new Option<string?>("--model") { Description = "Model folder; else one is trained on the shipped leads." };
        var command = new RootCommand("What each step of the worker costs an event on one thread, without services.") { model };
        command.SetAction(async parse =>
        {
            using var pool = new PredictionEnginePool(new HotThreshold(0.7));
            var bench = new PathBenchmark(parse.GetValue(model) ?? await BenchModel.TrainAsync(), pool);
            for (var round = 0; round < 2; round++)
                bench.Run(round > 0);
        });
        return BenchmarkCommand.RunAsync(command, args);
    }

    private void Run(bool tell)
    {
        var texts = new Utf8Arena(1 << 20);
        var decoder = new EventDecoder(_model.Schema);
        var decoded = default(DecodedEvent);
        Measure("decode", tell, batch =>
        {
            texts.Clear();
            for (var i = 0; i < batch.Count; i++)
            {
                decoder.Decode(
                    batch.Payload.Get(batch.Keys[i]), false, batch.Payload.GetText(batch.Values[i]), false, default,
                    _rows.AsSpan(i * _model.Schema.Count, _model.Schema.Count), texts, ref decoded);
            }
        });
        Measure("predict", tell, _ => _engine.Predict(_rows, _scores.Raw, _scores.Probability));
        var json = new ArrayBufferWriter<byte>(4096);
        var contributions = new double[_model.Schema.Count];
        var scorer = _model.Forest.CreateScorer();
        Measure("contributions of 1/4", tell, _ =>
        {
            for (var i = 0; i < BatchEvents; i += 4)
                scorer.Contributions(_rows.AsSpan(i * _model.Schema.Count, _model.Schema.Count), contributions, out var _);
        });
        Measure("reasons of 1/4", tell, _ =>
        {
            for (var i = 0; i < BatchEvents; i += 4)
            {
                json.ResetWrittenCount();
                _engine.AppendReasonsJson(_rows.AsSpan(i * _model.Schema.Count, _model.Schema.Count), 5, json);
            }
        });
        var blocks = new BlockScoring(_engine, topReasons: 5);
        Measure("predict and reasons of 1/4", tell, _ => blocks.Score(_rows));
        ScoreAll(tell);
        Observe(tell);
        Append(tell);
        Fold(tell);
    }

    private void ScoreAll(bool tell)
    {
        _scored.Clear();
        var offset = 0L;
        var lease = new PartitionLease(_lease.Partition);
        lease.Take(1, 0);
        var batches = new List<MicroBatch>();
        foreach (var batch in _batches)
        {
            batches.Add(new MicroBatch(BatchEvents));
            for (var i = 0; i < batch.Count; i++)
            {
                var payload = batches[^1].Payload;
                batches[^1].Append(
                    lease, offset++, 0, payload.Append(batch.Payload.Get(batch.Keys[i])), payload.Append(batch.Payload.Get(batch.Values[i])));
            }
        }

        _scored.AddRange(batches.Select(_ => new ScoredBatch()));
        var k = 0;
        Measure("decode, score, reasons", tell, _ => _scorer.Score(batches[k], _model, _scored[k++]));
    }

    // Counts the rows of the last decoded batch over and over, beside each batch's own scores.
    private void Observe(bool tell)
    {
        var quality = new DataQualityCounters(_model, TimeProvider.System);
        var k = 0;
        Measure("data quality", tell, _ => quality.Observe(_rows, _scored[k++]));
    }

    private void Append(bool tell)
    {
        var rows = new ScoreRows();
        for (var round = 0; round < 2; round++)
        {
            var k = 0;
            rows.Clear();
            Measure("append rows", tell && round > 0, _ =>
            {
                var scored = _scored[k++];
                rows.BeginBatch("m", _model.Id, 1);
                var slot = rows.PartitionSlot(Topic, 0);
                for (var i = 0; i < scored.Count; i++)
                {
                    ref readonly var e = ref scored.Decoded[i];
                    rows.Append(slot, scored.Events[i], scored.Texts.Get(e.LeadId), scored.Texts.Get(e.EventId), scored.Texts.Get(scored.Reasons[i]));
                }
            });
        }

        var folder = new CheckpointFolder(Directory.CreateTempSubdirectory("streamscorer-path-").FullName);
        folder.OpenStorage();
        var writer = new CheckpointFileWriter(folder, "g", TimeProvider.System);
        var done = false;
        Measure("write file", tell, _ =>
        {
            if (!done)
                writer.Stage(rows, [new PartitionRange(Topic, 0, 1, 0, long.MaxValue, 0)]);
            done = true;
        });
        Directory.Delete(folder.Root, true);
    }

    private void Fold(bool tell)
    {
        var hot = new HotLeadBatch();
        var k = 0;
        Measure("fold", tell, _ =>
        {
            var scored = _scored[k++];
            hot.Begin("m", _model.Id, 1);
            var slot = hot.PartitionSlot(Topic, 0);
            for (var i = 0; i < scored.Count; i++)
                hot.Fold(slot, scored.Texts.Get(scored.Decoded[i].LeadId), scored.Events[i], i);
        });
        var json = new ArrayBufferWriter<byte>(4096);
        Measure("features of 1/4", tell, batch =>
        {
            for (var i = 0; i < BatchEvents; i += 4)
            {
                json.ResetWrittenCount();
                _scorer.Decoder.AppendFeaturesJson(batch.Payload.GetText(batch.Values[i]), json);
            }
        });
    }

    private void Measure(string step, bool tell, Action<MicroBatch> run)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        foreach (var batch in _batches)
            run(batch);
        var nanoseconds = watch.Elapsed.TotalNanoseconds / (Batches * BatchEvents);
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)(Batches * BatchEvents);
        if (tell)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{step,-24}{nanoseconds,8:F0} ns/event {bytes,8:F1} B/event"));
    }
}

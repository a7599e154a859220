using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Dapper;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamScorer.App.Audit;
using StreamScorer.Sinks;

namespace StreamScorer.IntegrationTests.Audit;

/// <summary>
/// A topic, a ledger, an archive and hot leads as a faultless worker leaves them, made by the sinks and without a
/// worker, so that a test can plant one fault and see whether the audit names it.
/// </summary>
internal sealed class AuditScene : IAsyncDisposable
{
    public const int Offsets = 40;
    public const int CheckpointOffsets = 20;
    public const long TombstoneOffset = 16;
    public const long BadOffset = 13;
    public const string ModelId = "0123456789abcdef";

    private readonly Dictionary<int, TakenPartition> _taken = [];

    private AuditScene(TestScope scope)
    {
        Scope = scope;
        DataSource = NpgsqlDataSource.Create(scope.ConnectionString);
        Folder = new CheckpointFolder(scope.CheckpointFolder);
        Options = SettingsBinder.Bind(new ConfigurationBuilder().AddInMemoryCollection(scope.ToSettings()).Build());
    }

    public TestScope Scope { get; }

    public NpgsqlDataSource DataSource { get; }

    public CheckpointFolder Folder { get; }

    public StreamScorerOptions Options { get; }

    public ProgressLedger Ledger { get; private set; } = null!;

    /// <summary>Checkpoints in order of registration.</summary>
    public List<StagedCheckpoint> Checkpoints { get; } = [];

    /// <summary>
    /// Two partitions of 40 records about ten leads each, worked off in two checkpoints. In both partitions offset 16
    /// is a tombstone and offset 13 a bad record with its dead letter.
    /// </summary>
    public static async Task<AuditScene> CreateAsync([System.Runtime.CompilerServices.CallerMemberName] string test = "")
    {
        var scene = await CreateEmptyAsync(partitions: 2, test);
        foreach (var partition in new[] { 0, 1 })
        {
            scene.Publish(partition, 0, Offsets);
            scene.PublishDeadLetter(partition, BadOffset);
        }

        for (var start = 0L; start < Offsets; start += CheckpointOffsets)
            await scene.CheckpointAsync((0, start, start + CheckpointOffsets), (1, start, start + CheckpointOffsets));
        return scene;
    }

    /// <summary>Topics, tables and archive with nothing in them.</summary>
    public static async Task<AuditScene> CreateEmptyAsync(int partitions, [System.Runtime.CompilerServices.CallerMemberName] string test = "")
    {
        var scene = new AuditScene(await TestScope.CreateAsync(partitions, test: test));
        await Migrations.ApplyAsync(scene.DataSource);
        scene.Ledger = new ProgressLedger(scene.DataSource, scene.Scope.GroupId, scene.Folder.OpenStorage(), TimeProvider.System);
        await scene.TakeAsync(partitions);
        return scene;
    }

    /// <summary>Takes the partitions, as a worker does before it writes.</summary>
    public async Task TakeAsync(int partitions)
    {
        foreach (var taken in await Ledger.TakeAsync(
            [.. Enumerable.Range(0, partitions).Select(partition => new TakeRequest(Scope.Topic, partition, 0))], "test", default))
            _taken[taken.Partition] = taken;
    }

    /// <summary>The lead that the record of an offset is about.</summary>
    public static string Lead(int partition, long offset) =>
        string.Create(CultureInfo.InvariantCulture, $"lead-{partition}-{offset % 10}");

    /// <summary>Every lead whose number is divisible by 3 is hot in the end; 1 has cooled.</summary>
    public static bool IsHot(long offset) => offset % 10 % 3 == 0 || (offset % 10 == 1 && offset < CheckpointOffsets);

    /// <summary>A probability of its own for each offset.</summary>
    public static double Probability(long offset) => (IsHot(offset) ? 0.8 : 0.2) + (offset / 1e6);

    /// <summary>Publishes the records of a run of offsets.</summary>
    public void Publish(int partition, long start, long end)
    {
        using var producer = Producer();
        for (var offset = start; offset < end; offset++)
        {
            var value = offset == TombstoneOffset ? null
                : offset == BadOffset ? "no json"u8.ToArray()
                : JsonSerializer.SerializeToUtf8Bytes(new { leadId = Lead(partition, offset), city = "Pune" });
            producer.Produce(
                new TopicPartition(Scope.Topic, partition),
                new Message<byte[], byte[]?> { Key = Encoding.UTF8.GetBytes(Lead(partition, offset)), Value = value });
        }

        producer.Flush(TimeSpan.FromSeconds(20));
    }

    /// <summary>Publishes the dead letter of an offset, as an envelope, which every broker can carry.</summary>
    public void PublishDeadLetter(int partition, long offset)
    {
        using var producer = Producer();
        var envelope = JsonSerializer.SerializeToUtf8Bytes(
            new { reason = "NotJson", topic = Scope.Topic, partition, offset, key = (string?)null, value = "bm8ganNvbg==" });
        producer.Produce(Scope.DeadLetterTopic, new Message<byte[], byte[]?> { Key = [], Value = envelope });
        producer.Flush(TimeSpan.FromSeconds(20));
    }

    /// <summary>Scores the ranges: hot leads, then one registered and published checkpoint.</summary>
    public async Task<StagedCheckpoint> CheckpointAsync(params (int Partition, long Start, long End)[] ranges)
    {
        await WriteHotLeadsAsync(ranges);
        var staged = Stage((_, offset) => HasRow(offset), Lead, ranges);
        var outcome = await Ledger.RegisterAsync(staged, default);
        if (!outcome.IsRegistered)
            throw new InvalidOperationException("The scene's checkpoint was refused.");
        await new Settlement(Ledger, Folder, NullLogger.Instance).PublishAsync(staged.FileId, staged.StagedPath, staged.FinalPath, default);
        Checkpoints.Add(staged);
        return staged;
    }

    /// <summary>Passes offsets over on record, as a worker does that finds them gone from the topic.</summary>
    public async Task RecordGapAsync(int partition, long start, long end)
    {
        var outcome = await Ledger.RecordGapAsync(
            new PartitionEpoch(Scope.Topic, partition, _taken[partition].OwnerEpoch), start, end, GapReason.Retention, default);
        if (outcome != RegistrationOutcome.Done)
            throw new InvalidOperationException("The scene's gap was refused.");
    }

    /// <summary>Writes the newest decision of each lead in the ranges.</summary>
    public Task WriteHotLeadsAsync(params (int Partition, long Start, long End)[] ranges) => WriteHotLeadsAsync(Lead, ranges);

    /// <summary>The same for leads of a test's own.</summary>
    public async Task WriteHotLeadsAsync(Func<int, long, string> lead, params (int Partition, long Start, long End)[] ranges)
    {
        var batch = new HotLeadBatch();
        batch.Begin("lead-scoring", ModelId, 1_700_000_000_000_000);
        foreach (var (partition, start, end) in ranges)
        {
            var slot = batch.PartitionSlot(Scope.Topic, partition);
            for (var offset = start; offset < end; offset++)
            {
                if (HasRow(offset))
                    batch.Fold(slot, Encoding.UTF8.GetBytes(lead(partition, offset)), Scored(offset), 0);
            }
        }

        var epochs = ranges.Select(range => new PartitionEpoch(Scope.Topic, range.Partition, _taken[range.Partition].OwnerEpoch));
        var written = await new HotLeadSink(DataSource, Scope.GroupId).WriteAsync(batch, [.. epochs], default);
        if (!written.IsWritten)
            throw new InvalidOperationException("The scene's hot leads were refused.");
    }

    /// <summary>Writes a file of the ranges under a staging name.</summary>
    public StagedCheckpoint Stage(
        Func<int, long, bool> hasRow, Func<int, long, string> lead, params (int Partition, long Start, long End)[] ranges)
    {
        var rows = new ScoreRows();
        rows.BeginBatch("lead-scoring", ModelId, 1_700_000_000_000_000);
        foreach (var (partition, start, end) in ranges)
        {
            var slot = rows.PartitionSlot(Scope.Topic, partition);
            for (var offset = start; offset < end; offset++)
            {
                if (hasRow(partition, offset))
                    rows.Append(slot, Scored(offset), Encoding.UTF8.GetBytes(lead(partition, offset)), [], []);
            }
        }

        return new CheckpointFileWriter(Folder, Scope.GroupId, TimeProvider.System).Stage(rows, [.. ranges.Select(range => new PartitionRange(
            Scope.Topic, range.Partition, _taken[range.Partition].OwnerEpoch, range.Start, range.End, 0))]);
    }

    /// <summary>Puts another file in a checkpoint's place.</summary>
    public void Replace(StagedCheckpoint checkpoint, Func<int, long, bool> hasRow, Func<int, long, string> lead)
    {
        var ranges = checkpoint.Ranges.Select(range => (range.Partition, range.StartOffset, range.EndOffset)).ToArray();
        var other = Stage(hasRow, lead, ranges);
        File.Move(Folder.FullPath(other.StagedPath!), PathOf(checkpoint), overwrite: true);
    }

    /// <summary>Where a published checkpoint lies.</summary>
    public string PathOf(StagedCheckpoint checkpoint) => Folder.FullPath(checkpoint.FinalPath!);

    /// <summary>Whether the scene's record of this offset is scored.</summary>
    public static bool HasRow(long offset) => offset is not (TombstoneOffset or BadOffset);

    public async Task ExecuteAsync(string sql, object? arguments = null)
    {
        await using var connection = await DataSource.OpenConnectionAsync();
        await connection.ExecuteAsync(sql, arguments);
    }

    /// <summary>Audits the scene as drained.</summary>
    public Task<AuditReport> AuditAsync(bool deep = false) => AuditAsync(new AuditRequest { Drained = true, Deep = deep });

    public Task<AuditReport> AuditAsync(AuditRequest request) => new AuditRunner(Options).RunAsync(request);

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await Scope.DisposeAsync();
    }

    private static ScoredEvent Scored(long offset) => new()
    {
        Offset = offset,
        KafkaTimestampMicros = ScoredEvent.NoTime,
        OccurredAtMicros = ScoredEvent.NoTime,
        Probability = Probability(offset),
        RawScore = Probability(offset),
        Bucket = IsHot(offset) ? 5 : 2,
        Tier = IsHot(offset) ? 'A' : 'D',
        Hot = IsHot(offset),
    };

    private IProducer<byte[], byte[]?> Producer() => new ProducerBuilder<byte[], byte[]?>(Scope.Kafka.Apply(new ProducerConfig { LingerMs = 1 }))
        .SetLogHandler((_, _) => { }).Build();
}

using Confluent.Kafka;
using Npgsql;
using StreamScorer.Sinks;

namespace StreamScorer.Tests.Simulation;

/// <summary>A partition's row of stream_progress.</summary>
internal sealed class ProgressRow
{
    /// <summary>Where the group began; nothing is promised of what lies below.</summary>
    public required long InitialOffset { get; init; }

    public long NextOffset { get; set; }

    public long OwnerEpoch { get; set; }
}

/// <summary>A row of checkpoint_files with its ranges.</summary>
internal sealed record RegisteredFile(
    Guid StorageId, StagedCheckpoint Checkpoint, int Number)
{
    public bool IsPublished { get; set; } = Checkpoint.FinalPath is null;
}

/// <summary>
/// PostgreSQL as the protocol uses it: each method is one transaction, whole or not at all. It follows the statements of
/// <see cref="ProgressLedger"/> and <see cref="HotLeadSink"/>, whose own tests run them on the real server.
/// </summary>
internal sealed partial class SimulatedDatabase(Mutation mutation)
{
    private readonly Dictionary<TopicPartition, ProgressRow> _progress = [];
    private readonly Dictionary<TopicPartition, long> _witnesses = [];
    private readonly Dictionary<Guid, RegisteredFile> _files = [];
    private readonly HashSet<(TopicPartition, long Start)> _ranges = [];
    private readonly List<(TopicPartition Partition, long Start, long End)> _gaps = [];

    public IReadOnlyDictionary<TopicPartition, ProgressRow> Progress => _progress;

    public IReadOnlyCollection<RegisteredFile> Files => _files.Values;

    public IReadOnlyList<(TopicPartition Partition, long Start, long End)> Gaps => _gaps;

    /// <summary>Is told of every file at the moment it is registered.</summary>
    public Action<RegisteredFile> Registered { get; set; } = _ => { };

    public IReadOnlyDictionary<TopicPartition, long> ReadProgress() => _progress.ToDictionary(row => row.Key, row => row.Value.NextOffset);

    public IReadOnlyList<TakenPartition> Take(IReadOnlyList<TakeRequest> requests)
    {
        var taken = new List<TakenPartition>();
        foreach (var request in requests.OrderBy(request => request.Partition))
        {
            var partition = new TopicPartition(request.Topic, request.Partition);
            if (!_progress.TryGetValue(partition, out var row))
                _progress[partition] = row = new ProgressRow { InitialOffset = request.InitialOffset, NextOffset = request.InitialOffset };
            _witnesses[partition] = ++row.OwnerEpoch;
            taken.Add(new TakenPartition(request.Topic, request.Partition, row.OwnerEpoch, row.NextOffset));
        }

        FlushLog();
        return taken;
    }

    public RegistrationResult Register(StagedCheckpoint checkpoint, Guid storageId)
    {
        if (_files.ContainsKey(checkpoint.FileId))
            return RegistrationResult.Already;
        var refused = checkpoint.Ranges.Where(range => !Matches(range))
            .Select(range => new TopicPartition(range.Topic, range.Partition)).ToList();
        if (refused.Count > 0)
            return RegistrationResult.Refused(refused);

        foreach (var range in checkpoint.Ranges)
        {
            var partition = new TopicPartition(range.Topic, range.Partition);
            if (!_ranges.Add((partition, range.StartOffset)))
                throw new PostgresException("duplicate key value violates checkpoint_ranges_pkey", "ERROR", "ERROR", "23505");
            _progress[partition].NextOffset = range.EndOffset;
        }

        var file = new RegisteredFile(storageId, checkpoint, _files.Count + 1);
        _files.Add(checkpoint.FileId, file);
        FlushLog();
        Registered(file);
        return RegistrationResult.Done;
    }

    public RegistrationOutcome RecordGap(PartitionEpoch owner, long start, long end)
    {
        var partition = new TopicPartition(owner.Topic, owner.Partition);
        if (!_progress.TryGetValue(partition, out var row))
            return RegistrationOutcome.Refused;
        if (row.OwnerEpoch != owner.OwnerEpoch || row.NextOffset != start)
            return _gaps.Contains((partition, start, end)) ? RegistrationOutcome.Already : RegistrationOutcome.Refused;
        row.NextOffset = end;
        _gaps.Add((partition, start, end));
        FlushLog();
        return RegistrationOutcome.Done;
    }

    public IReadOnlyList<UnpublishedFile> Unpublished(Guid storageId) =>
    [
        .. _files.Values.Where(file => file.StorageId == storageId && !file.IsPublished)
            .Select(file => new UnpublishedFile(file.Checkpoint.FileId, file.Checkpoint.StagedPath, file.Checkpoint.FinalPath)),
    ];

    public bool MarkPublished(Guid fileId)
    {
        FlushLog();
        return _files.TryGetValue(fileId, out var file) && (file.IsPublished = true);
    }

    public IReadOnlyList<Guid> Sweepable(IReadOnlyList<StagedFile> staged) =>
    [
        .. staged.Where(file => !_files.ContainsKey(file.FileId) && file.Partitions.Any(CanNeverRegister)).Select(file => file.FileId),
    ];

    public IReadOnlyList<Guid> Published(IReadOnlyList<Guid> fileIds) =>
        [.. fileIds.Where(fileId => _files.TryGetValue(fileId, out var file) && file.IsPublished)];

    private bool Matches(PartitionRange range) =>
        _progress.TryGetValue(new TopicPartition(range.Topic, range.Partition), out var row)
        && (row.OwnerEpoch == range.OwnerEpoch || mutation == Mutation.NoEpochInRegistration)
        && row.NextOffset == range.StartOffset
        && IsWitnessed(range);

    private bool IsWitnessed(PartitionRange range)
    {
        var witnessed = _witnesses.TryGetValue(new TopicPartition(range.Topic, range.Partition), out var epoch);
        return mutation switch
        {
            Mutation.NoWitnessInRegistration => true,
            Mutation.NoEpochInRegistration => witnessed,
            _ => epoch == range.OwnerEpoch,
        };
    }

    private bool CanNeverRegister(PartitionEpoch written) =>
        mutation == Mutation.SweepEveryUnregisteredFile
        || (_progress.TryGetValue(new TopicPartition(written.Topic, written.Partition), out var row) && row.OwnerEpoch > written.OwnerEpoch);
}

using System.Diagnostics.Metrics;

namespace StreamScorer.Telemetry;

/// <summary>The worker's state as meters: dependencies, lag, what waits for a checkpoint, room on the archive's disk.</summary>
public sealed class WorkerMetrics : IDisposable
{
    private readonly Meter _meter = new(ScorerMetrics.MeterName);
    private readonly ArchiveSpace _space;

    /// <summary>Creates the instruments.</summary>
    public WorkerMetrics(StreamScorerOptions options, Readiness readiness, ScorerMetrics metrics, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        _space = new ArchiveSpace(options.Checkpoint.Folder);
        _meter.CreateObservableGauge(
            "streamscorer.ready",
            () => readiness.Statuses.Select(each => new Measurement<int>(each.Value.IsUp ? 1 : 0, Dependency(each.Key))),
            null, "Whether a dependency answered at its last use, 1 or 0.");
        _meter.CreateObservableCounter(
            "streamscorer.dependency.failures",
            () => readiness.Statuses.Keys.Select(name => new Measurement<long>(readiness.Failures(name), Dependency(name))),
            "{failure}", "Failed uses of a dependency, each tried again.");
        _meter.CreateObservableGauge(
            "streamscorer.consumer.lag", () => metrics.Stream.Lag, "{message}", "Records of this worker's partitions not consumed yet.");
        _meter.CreateObservableGauge(
            "streamscorer.consumer.partition.lag",
            () => metrics.Stream.PartitionLags.Select(each => new Measurement<long>(
                each.Lag, new KeyValuePair<string, object?>("messaging.destination.name", each.Topic),
                new KeyValuePair<string, object?>("messaging.destination.partition.id", each.Partition))),
            "{message}", "Records of a partition not consumed yet.");
        _meter.CreateObservableGauge(
            "streamscorer.checkpoint.open_age", () => metrics.Stream.OpenAge(clock).TotalSeconds, "s",
            "How long the oldest record waits for a published checkpoint.");
        _meter.CreateObservableGauge("streamscorer.archive.free", () => Sizes(free: true), "By", "Free bytes on the archive's disk.");
        _meter.CreateObservableGauge("streamscorer.archive.size", () => Sizes(free: false), "By", "Size of the archive's disk.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Sizes(bool free) =>
        _space.Read() is { } space ? [new Measurement<long>(free ? space.FreeBytes : space.SizeBytes)] : [];

    private static KeyValuePair<string, object?> Dependency(string name) => new("dependency", name);
}

/// <summary>Room on the disk of a folder.</summary>
public sealed class ArchiveSpace(string folder)
{
    /// <summary>Free and total bytes; null where the folder's disk does not tell.</summary>
    public (long FreeBytes, long SizeBytes)? Read()
    {
        try
        {
            var drive = new DriveInfo(Existing(Path.GetFullPath(folder)));
            return (drive.AvailableFreeSpace, drive.TotalSize);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Readiness blames the checkpoint folder; a figure would only guess.
            return null;
        }
    }

    // Before the first start the folder is not there yet; what will hold it is.
    private static string Existing(string path) => Directory.Exists(path) ? path : Existing(Path.GetDirectoryName(path) ?? "/");
}

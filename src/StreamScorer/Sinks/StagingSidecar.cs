using System.Text.Json;

namespace StreamScorer.Sinks;

/// <summary>
/// The small JSON file beside a staged checkpoint that says which partitions and epochs it was written under, which is
/// what a sweep needs to know. Written and synced before the staged file, so that no staged file is without one.
/// </summary>
/// <param name="FileId">The checkpoint's identity.</param>
/// <param name="GroupId">The consumer group that wrote it.</param>
/// <param name="Ranges">The ranges it accounts for.</param>
internal sealed record StagingSidecar(Guid FileId, string GroupId, IReadOnlyList<PartitionRange> Ranges)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Writes the sidecar durably.</summary>
    public void Write(IArchiveDisk disk, string path)
    {
        disk.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, Json));
        disk.SyncFile(path);
        disk.SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>
    /// Reads a sidecar; null where it is gone, torn by a power cut, or no sidecar at all: what it belongs to is then
    /// unsure, and a sweep leaves it.
    /// </summary>
    public static StagedFile? TryRead(IArchiveDisk disk, string path, Guid fileId)
    {
        try
        {
            var sidecar = JsonSerializer.Deserialize<StagingSidecar>(disk.Read(path), Json);
            if (sidecar is not { GroupId: not null, Ranges.Count: > 0 } || sidecar.FileId != fileId)
                return null;
            var partitions = sidecar.Ranges.Select(range => new PartitionEpoch(range.Topic, range.Partition, range.OwnerEpoch));
            return new StagedFile(fileId, sidecar.GroupId, [.. partitions]);
        }
        catch (Exception exception) when (exception is JsonException or FileNotFoundException)
        {
            return null;
        }
    }
}

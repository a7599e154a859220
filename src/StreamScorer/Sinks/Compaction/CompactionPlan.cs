using System.Text.Json;
using StreamScorer.Parquet;

namespace StreamScorer.Sinks.Compaction;

/// <summary>A range of <c>checkpoint_ranges</c>, by its key, with the file that holds its rows before the compaction.</summary>
/// <param name="FileId">The file it was registered with.</param>
/// <param name="Topic">Topic name.</param>
/// <param name="Partition">Partition number.</param>
/// <param name="Incarnation">The partition's incarnation.</param>
/// <param name="StartOffset">First offset.</param>
/// <param name="EndOffset">Offset after the last.</param>
/// <param name="RowCount">Rows of the range: its offsets without dead letters, tombstones and gaps.</param>
public sealed record RangeInFile(
    Guid FileId, string Topic, int Partition, long Incarnation, long StartOffset, long EndOffset, long RowCount);

/// <summary>A large file that a compaction writes.</summary>
/// <param name="FileId">Its identity.</param>
/// <param name="Ranges">The ranges whose rows it holds, in the order of its rows.</param>
public sealed record CompactedFile(Guid FileId, IReadOnlyList<RangeInFile> Ranges)
{
    /// <summary>Rows of all ranges.</summary>
    public long RowCount => Ranges.Sum(range => range.RowCount);
}

/// <summary>
/// What one compaction does; also its journal: the file that says how to go on after a crash. It lies beside the two
/// folders that change places, so it survives with them, and holds positions only.
/// </summary>
/// <param name="GroupId">The consumer group of the archive.</param>
/// <param name="StorageId">The archive root's identity.</param>
/// <param name="Day">The day, as in the folder's name: <c>day=2026-11-20</c>.</param>
/// <param name="Inputs">The files that stood in the day's folder.</param>
/// <param name="Outputs">The files that take their place.</param>
public sealed record CompactionPlan(
    string GroupId, Guid StorageId, string Day, IReadOnlyList<Guid> Inputs, IReadOnlyList<CompactedFile> Outputs)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>
    /// Puts ranges into files: in the order of incarnation, topic, partition and offset, as many to a file as fit. A file
    /// never holds two incarnations: after <c>offsets reset</c> the same offset is scored again on purpose, and the two
    /// rows are told apart by their files.
    /// </summary>
    /// <param name="ranges">The ranges of all input files.</param>
    /// <param name="maxRows">A file is closed before the range that would bring it above this many rows.</param>
    /// <param name="newFileId">Gives each file its identity.</param>
    public static IReadOnlyList<CompactedFile> Arrange(IEnumerable<RangeInFile> ranges, long maxRows, Func<Guid> newFileId)
    {
        var files = new List<CompactedFile>();
        var open = new List<RangeInFile>();
        long rows = 0;
        foreach (var range in ranges.OrderBy(range => range.Incarnation)
            .ThenBy(range => range.Topic, StringComparer.Ordinal).ThenBy(range => range.Partition).ThenBy(range => range.StartOffset))
        {
            if (open.Count > 0 && (open[^1].Incarnation != range.Incarnation || rows + range.RowCount > maxRows))
            {
                files.Add(new CompactedFile(newFileId(), [.. open]));
                open.Clear();
                rows = 0;
            }

            open.Add(range);
            rows += range.RowCount;
        }

        if (open.Count > 0)
            files.Add(new CompactedFile(newFileId(), [.. open]));
        return files;
    }

    /// <summary>Writes the journal durably; it appears whole or not at all.</summary>
    public void Write(string path)
    {
        string staged = path + ".staging";
        File.WriteAllBytes(staged, JsonSerializer.SerializeToUtf8Bytes(this, Json));
        DurableFile.SyncFile(staged);
        DurableFile.Rename(staged, path);
    }

    /// <summary>Reads a journal; null where there is none.</summary>
    /// <exception cref="InvalidDataException">The file is no journal.</exception>
    public static CompactionPlan? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<CompactionPlan>(File.ReadAllBytes(path), Json) is { Inputs: not null, Outputs: not null } plan
                ? plan
                : throw new InvalidDataException($"{path} is no journal of a compaction.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is no journal of a compaction: {e.Message}", e);
        }
    }
}

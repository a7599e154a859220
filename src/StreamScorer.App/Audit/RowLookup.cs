using System.Text;
using StreamScorer.Parquet;

namespace StreamScorer.App.Audit;

/// <summary>A checkpoint row found again by its position, to be put into words.</summary>
/// <param name="File">The file's name.</param>
/// <param name="RowInFile">Its number in the file, from 0.</param>
/// <param name="LeadId">The row's lead.</param>
/// <param name="Probability">The row's probability.</param>
/// <param name="Hot">The row's decision.</param>
internal sealed record FoundRow(string File, long RowInFile, string LeadId, double Probability, bool Hot)
{
    /// <summary>For people: which row it is.</summary>
    public string Place => $"row {RowInFile} of {File}";
}

/// <summary>Finds single rows again. Slow: reads a file for each, and is used for findings only.</summary>
internal sealed class RowLookup(AuditBooks books, IReadOnlyDictionary<Guid, ArchiveFile> files)
{
    private readonly ScoreColumns _columns = new();

    /// <summary>The rows of a run of offsets, from the files registered for it; those that are there.</summary>
    public IEnumerable<(long Offset, FoundRow Row)> Rows(PartitionAccount partition, OffsetRun run)
    {
        foreach (var file in partition.Chain.RangesIn(run).Select(range => range.File.FileId).Distinct())
        {
            if (books.Unreadable.ContainsKey(file) || !files.TryGetValue(file, out var archived))
                continue;
            foreach (var found in RowsOf(archived, partition.TopicPartition.Partition.Value, run))
                yield return found;
        }
    }

    /// <summary>The row of one offset; null when no file has it any more.</summary>
    public FoundRow? Find(PartitionAccount partition, long offset) =>
        Rows(partition, new OffsetRun(offset, offset + 1)).Select(found => found.Row).LastOrDefault();

    private List<(long Offset, FoundRow Row)> RowsOf(ArchiveFile file, int partition, OffsetRun run)
    {
        var rows = new List<(long, FoundRow)>();
        using var reader = file.Open();
        var firstRow = 0L;
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            _columns.Read(reader, group);
            for (var row = 0; row < _columns.Count; row++)
            {
                if (_columns.Partition(row) == partition && run.Contains(_columns.Offset(row)))
                {
                    rows.Add((_columns.Offset(row), new FoundRow(
                        file.Name, firstRow + row, Encoding.UTF8.GetString(_columns.LeadId(row)),
                        _columns.Probability(row), _columns.Hot(row))));
                }
            }

            firstRow += _columns.Count;
        }

        return rows;
    }
}

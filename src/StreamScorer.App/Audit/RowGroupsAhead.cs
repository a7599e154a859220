using System.Collections.Concurrent;
using System.Text;

namespace StreamScorer.App.Audit;

/// <summary>One row group of a checkpoint file, decoded; or why the file cannot be read any further.</summary>
/// <param name="File">The file.</param>
/// <param name="FirstRow">Number of the group's first row in the file, from 0.</param>
/// <param name="Columns">Its columns, until the next group is asked for; null where <paramref name="Failure"/> is not.</param>
/// <param name="Failure">What came instead of the group.</param>
internal sealed record RowGroup(ArchiveFile File, long FirstRow, ScoreColumns? Columns, Exception? Failure);

/// <summary>
/// Decodes the next row groups on a thread of their own while the last one is being entered: both take about as long.
/// Memory is bounded by the buffers, of one row group each.
/// </summary>
/// <param name="leads">Hashes the lead ids, on the decoding thread too.</param>
/// <param name="topic">The topic whose rows are wanted.</param>
internal sealed class RowGroupsAhead(LeadHash leads, string topic)
{
    private const int Buffers = 3;

    private readonly byte[] _topicUtf8 = Encoding.UTF8.GetBytes(topic);

    /// <summary>The row groups of these files, in order. A file's failure ends that file only.</summary>
    /// <param name="files">What to read.</param>
    /// <param name="ct">Ends the reading.</param>
    public IEnumerable<RowGroup> Read(IReadOnlyList<ArchiveFile> files, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var free = new BlockingCollection<ScoreColumns>();
        using var decoded = new BlockingCollection<RowGroup>();
        for (var i = 0; i < Buffers; i++)
            free.Add(new ScoreColumns(), ct);
        var decoding = Task.Run(() => Decode(files, free, decoded, stop.Token), CancellationToken.None);
        try
        {
            foreach (var group in decoded.GetConsumingEnumerable(ct))
            {
                yield return group;
                if (group.Columns is not null)
                    free.Add(group.Columns, ct);
            }

            decoding.GetAwaiter().GetResult();
        }
        finally
        {
            // Whoever stops early must not leave the decoder behind with the buffers.
            stop.Cancel();
            Task.WhenAny(decoding).GetAwaiter().GetResult();
        }
    }

    private void Decode(
        IReadOnlyList<ArchiveFile> files, BlockingCollection<ScoreColumns> free, BlockingCollection<RowGroup> decoded, CancellationToken ct)
    {
        try
        {
            foreach (var file in files)
            {
                try
                {
                    Decode(file, free, decoded, ct);
                }
                catch (Exception failure) when (failure is Parquet.ParquetException or IOException)
                {
                    decoded.Add(new RowGroup(file, 0, null, failure), ct);
                }
            }
        }
        finally
        {
            decoded.CompleteAdding();
        }
    }

    private void Decode(
        ArchiveFile file, BlockingCollection<ScoreColumns> free, BlockingCollection<RowGroup> decoded, CancellationToken ct)
    {
        using var reader = file.Open();
        var firstRow = 0L;
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            var columns = free.Take(ct);
            try
            {
                columns.Read(reader, group);
                columns.HashLeads(leads, _topicUtf8);
            }
            catch
            {
                free.Add(columns, ct);
                throw;
            }

            decoded.Add(new RowGroup(file, firstRow, columns, null), ct);
            firstRow += columns.Count;
        }
    }
}

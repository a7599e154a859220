using System.Text;
using StreamScorer.Parquet;
using StreamScorer.Sinks;

namespace StreamScorer.App.Api.Leads;

/// <summary>One score of a lead, as a checkpoint holds it.</summary>
internal sealed record HistoricScore(
    double Probability, int Bucket, string Tier, bool Hot, string ModelName, string ModelId, string? Reasons, long ScoredAtMicros, long Offset);

/// <summary>The scores of a lead that were found.</summary>
/// <param name="Scores">Newest first.</param>
/// <param name="FilesRead">How many checkpoint files were looked through.</param>
/// <param name="IsComplete">Whether those were all there are.</param>
internal sealed record LeadScores(IReadOnlyList<HistoricScore> Scores, int FilesRead, bool IsComplete);

/// <summary>
/// A lead's scores from the published checkpoint files: the archive that is there anyway, rather than another table that
/// every event would have to be written to. An answer costs a pass over the lead ids of the newest files, so their number
/// is bounded, the answer says how far it looked, and one pass runs at a time.
/// </summary>
internal sealed class LeadHistory(StreamScorerOptions options) : IDisposable
{
    private const int MostScores = 100;

    private readonly SemaphoreSlim _oneAtATime = new(1);

    /// <summary>The newest scores of a lead, at most 100.</summary>
    public async Task<LeadScores> ReadAsync(string leadId, CancellationToken ct)
    {
        await _oneAtATime.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Read(Encoding.UTF8.GetBytes(leadId), ct), ct).ConfigureAwait(false);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _oneAtATime.Dispose();

    private LeadScores Read(byte[] leadId, CancellationToken ct)
    {
        var root = Path.Combine(options.Checkpoint.Folder, "scores");
        // Days and file ids (UUID version 7) sort by time.
        var files = !Directory.Exists(root) ? [] : Directory.EnumerateDirectories(root).OrderDescending(StringComparer.Ordinal)
            .SelectMany(day => Directory.EnumerateFiles(day, "*.parquet").OrderDescending(StringComparer.Ordinal))
            .Take(options.Api.HistoryFiles + 1).ToList();
        var scores = new List<HistoricScore>();
        var values = new ColumnValues();
        foreach (var path in files.Take(options.Api.HistoryFiles))
        {
            ct.ThrowIfCancellationRequested();
            using var file = ParquetFileReader.Open(path);
            for (var group = 0; group < file.RowGroupCount; group++)
                AddScores(file, group, leadId, values, scores);
        }

        var newest = scores.OrderByDescending(score => score.ScoredAtMicros).ThenByDescending(score => score.Offset).Take(MostScores).ToList();
        return new LeadScores(newest, Math.Min(files.Count, options.Api.HistoryFiles), files.Count <= options.Api.HistoryFiles);
    }

    private static void AddScores(ParquetFileReader file, int group, byte[] leadId, ColumnValues values, List<HistoricScore> scores)
    {
        file.ReadColumn(group, file.ColumnIndex("lead_id"), values);
        List<int>? rows = null;
        for (var row = 0; row < values.Count; row++)
            if (values.GetBytes(row).SequenceEqual(leadId))
                (rows ??= []).Add(row);
        foreach (var row in rows ?? [])
            scores.Add(ReadScore(file, group, row, values));
    }

    private static HistoricScore ReadScore(ParquetFileReader file, int group, int row, ColumnValues values)
    {
        ColumnValues Cell(string column)
        {
            file.ReadRows(group, file.ColumnIndex(column), row, 1, values);
            return values;
        }

        return new HistoricScore(
            Cell("probability").GetDouble(0), Cell("bucket").GetInt32(0), Cell("tier").GetString(0)!, Cell("hot").GetBoolean(0),
            Cell("model_name").GetString(0)!, Cell("model_id").GetString(0)!, Cell("reasons").GetString(0), Cell("scored_at").GetInt64(0),
            Cell("kafka_offset").GetInt64(0));
    }
}

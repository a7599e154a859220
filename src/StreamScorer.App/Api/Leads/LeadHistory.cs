using System.Text;
using StreamScorer.App.Audit;
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
/// every event would have to be written to. The first look at a file is a pass over its lead ids; which leads it may hold is
/// remembered, so that later looks read only files that the lead is in. The number of files is bounded, the answer says how far
/// it looked, and one pass runs at a time.
/// </summary>
internal sealed class LeadHistory(StreamScorerOptions options) : IDisposable
{
    // What an agent reads; each further one may cost another file, and the archive holds them all.
    private const int MostScores = 25;

    // What is remembered of all files; 32 of 250,000 rows take a third of it. Of files beyond it nothing is remembered.
    private const long MostBytes = 32L << 20;

    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly Dictionary<string, FileLeads> _leadsOf = new(StringComparer.Ordinal);
    private readonly LeadHash _hash = new();

    /// <summary>The newest scores of a lead, at most 25.</summary>
    public async Task<LeadScores> ReadAsync(string leadId, CancellationToken ct)
    {
        await _oneAtATime.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            return await BlockingCall.RunAsync(() => Read(Encoding.UTF8.GetBytes(leadId), ct), ct).ConfigureAwait(false);
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
        Forget(files);
        var scores = new List<HistoricScore>();
        var values = new ColumnValues();
        var hash = _hash.Of(leadId);
        var looked = 0;
        foreach (var path in files.Take(options.Api.HistoryFiles).TakeWhile(_ => scores.Count < MostScores))
        {
            ct.ThrowIfCancellationRequested();
            looked++;
            if (_leadsOf.TryGetValue(path, out var known) && !known.MayHold(hash))
                continue;
            using var file = ParquetFileReader.Open(path);
            var leads = known is null ? new FileLeads(file.RowCount) : null;
            for (var group = file.RowGroupCount - 1; group >= 0; group--)
                AddScores(file, group, leadId, values, leads, scores);
            if (leads is not null && leads.Bytes + _leadsOf.Values.Sum(other => other.Bytes) <= MostBytes)
                _leadsOf[path] = leads;
        }

        var newest = scores.OrderByDescending(score => score.ScoredAtMicros).ThenByDescending(score => score.Offset).ToList();
        return new LeadScores(newest, looked, scores.Count < MostScores && looked == files.Count);
    }

    // Files that are no longer among the newest, or that compaction has replaced.
    private void Forget(List<string> files)
    {
        foreach (var gone in _leadsOf.Keys.Except(files, StringComparer.Ordinal).ToList())
            _leadsOf.Remove(gone);
    }

    private void AddScores(ParquetFileReader file, int group, byte[] leadId, ColumnValues values, FileLeads? leads, List<HistoricScore> scores)
    {
        file.ReadColumn(group, file.ColumnIndex("lead_id"), values);
        List<int>? rows = null;
        for (var row = 0; row < values.Count; row++)
        {
            var id = values.GetBytes(row);
            leads?.Add(_hash.Of(id));
            if (id.SequenceEqual(leadId))
                (rows ??= []).Add(row);
        }

        // A lead's events are in one partition, and a file is in the order of partitions and offsets: the newest stand last.
        if (rows is not null)
            scores.AddRange(ReadScores(file, group, rows.TakeLast(MostScores - scores.Count).ToList(), values));
    }

    // Each column once, from the first row to the last one: they lie together, within a page or two.
    private static IEnumerable<HistoricScore> ReadScores(ParquetFileReader file, int group, List<int> rows, ColumnValues values)
    {
        if (rows.Count == 0)
            return [];
        T[] Cells<T>(string column, Func<int, T> cell)
        {
            file.ReadRows(group, file.ColumnIndex(column), rows[0], rows[^1] - rows[0] + 1, values);
            return [.. rows.Select(row => cell(row - rows[0]))];
        }

        var (probability, bucket, tier) = (Cells("probability", values.GetDouble), Cells("bucket", values.GetInt32), Cells("tier", values.GetString));
        var (hot, name, id) = (Cells("hot", values.GetBoolean), Cells("model_name", values.GetString), Cells("model_id", values.GetString));
        var (reasons, scoredAt, offset) = (Cells("reasons", values.GetString), Cells("scored_at", values.GetInt64), Cells("kafka_offset", values.GetInt64));
        return rows.Select((_, i) => new HistoricScore(
            probability[i], bucket[i], tier[i]!, hot[i], name[i]!, id[i]!, reasons[i], scoredAt[i], offset[i]));
    }
}

using System.Text;
using Dapper;
using Npgsql;
using StreamScorer.Parquet;
using StreamScorer.Sinks;
using StreamScorer.Sinks.Compaction;

namespace StreamScorer.Telemetry.Outcomes;

/// <summary>
/// Finds scores of leads in the checkpoint files: the score of a lead's newest event at or before a time. Scores are
/// looked for where they are kept anyway; the stream writes nothing for it.
/// </summary>
/// <param name="dataSource">Where checkpoints are registered.</param>
/// <param name="folder">The archive root.</param>
/// <param name="groupId">The group whose archive it is.</param>
public sealed class ScoreArchive(NpgsqlDataSource dataSource, CheckpointFolder folder, string groupId)
{
    private static readonly string[] Columns =
    [
        "lead_id", "kafka_timestamp", "scored_at", "probability", "bucket", "tier", "model_name", "model_id", "topic",
        "kafka_partition", "kafka_offset", "occurred_at",
    ];

    private readonly ColumnValues[] _columns = [.. Columns.Select(_ => new ColumnValues())];

    /// <summary>Published checkpoints of this archive registered since then, the newest first.</summary>
    public async Task<IReadOnlyList<ArchivedScores>> FilesAsync(DateTimeOffset since, CancellationToken ct)
    {
        var storageId = folder.OpenStorage();
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        var files = await connection.QueryAsync<ArchivedScores>(new CommandDefinition(
            """
            select final_path as Path, registered_at as RegisteredAt
            from checkpoint_files
            where group_id = @groupId and storage_id = @storageId and published_at is not null and final_path is not null
              and registered_at >= @since
            order by registered_at desc, file_id
            """,
            new { groupId, storageId, since = since.UtcDateTime }, cancellationToken: ct));
        return files.AsList();
    }

    /// <summary>
    /// Searches files, the newest first, for the leads of open outcomes. A lead's events stand in the files in the order
    /// of its partition, and rescored ones behind those that they replace: the first file that has one decides.
    /// </summary>
    /// <param name="files">From <see cref="FilesAsync"/>.</param>
    /// <param name="open">What to look for, each lead once.</param>
    /// <param name="ct">Stops between row groups.</param>
    /// <exception cref="ParquetException">A file is damaged or no checkpoint.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public IReadOnlyList<ActedOnScore> Search(IReadOnlyList<ArchivedScores> files, IReadOnlyList<OpenOutcome> open, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(open);
        var wanted = new Dictionary<string, OpenOutcome>(open.Count, StringComparer.Ordinal);
        foreach (var outcome in open)
            wanted.Add(outcome.LeadId, outcome);
        var found = new List<ActedOnScore>(open.Count);
        foreach (var file in files)
        {
            if (wanted.Count == 0)
                break;
            using var reader = Open(file);
            var inFile = SearchFile(reader, file, wanted, ct);
            foreach (var score in inFile.Values)
                wanted.Remove(score.LeadId);
            found.AddRange(inFile.Values);
        }

        return found;
    }

    /// <summary>Opens a file under its name or, where a compaction has replaced it since it was listed, beside its folder.</summary>
    private ParquetFileReader Open(ArchivedScores file)
    {
        try
        {
            return ParquetFileReader.Open(folder.FullPath(file.Path));
        }
        catch (FileNotFoundException)
        {
            return ParquetFileReader.Open(folder.FullPath(CompactionFolders.BesideOf(file.Path)));
        }
    }

    private Dictionary<string, ActedOnScore> SearchFile(
        ParquetFileReader reader, ArchivedScores file, Dictionary<string, OpenOutcome> wanted, CancellationToken ct)
    {
        var found = new Dictionary<string, ActedOnScore>(StringComparer.Ordinal);
        var lookup = wanted.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> leadId = stackalloc char[512];
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            ct.ThrowIfCancellationRequested();
            for (var column = 0; column < Columns.Length; column++)
                reader.ReadColumn(group, reader.ColumnIndex(Columns[column]), _columns[column]);
            var rows = reader.RowGroupRows(group);
            for (var row = 0; row < rows; row++)
            {
                var utf8 = _columns[0].GetBytes(row);
                if (utf8.Length > leadId.Length)
                    continue;
                var length = Encoding.UTF8.GetChars(utf8, leadId);
                if (!lookup.TryGetValue(leadId[..length], out var outcome) || file.RegisteredAt <= outcome.SearchedThrough)
                    continue;
                if (KnownAtMicros(row) > outcome.OccurredAtMicros)
                    continue;
                // Rows are ordered by partition and offset: a later one of the same lead is a newer event.
                found[outcome.LeadId] = Score(row, outcome.LeadId);
            }
        }

        return found;
    }

    // When the event came to the broker; where the broker keeps no times, when it happened, else when it was scored.
    private long KnownAtMicros(int row) =>
        !_columns[1].IsNull(row) ? _columns[1].GetInt64(row)
        : !_columns[11].IsNull(row) ? _columns[11].GetInt64(row)
        : _columns[2].GetInt64(row);

    private ActedOnScore Score(int row, string leadId) => new(
        leadId, _columns[3].GetDouble(row), _columns[4].GetInt32(row), Text(5, row), Text(6, row), Text(7, row),
        _columns[2].GetInt64(row), Text(8, row), _columns[9].GetInt32(row), _columns[10].GetInt64(row));

    private string Text(int column, int row) => Encoding.UTF8.GetString(_columns[column].GetBytes(row));
}

/// <summary>A published checkpoint file.</summary>
/// <param name="Path">Relative to the archive root.</param>
/// <param name="RegisteredAt">When it was registered, UTC.</param>
public sealed record ArchivedScores(string Path, DateTime RegisteredAt);

using System.Diagnostics;
using Npgsql;

namespace StreamScorer.App.Audit;

/// <summary>
/// Accounts for every offset below progress: reads the ledger and hot leads (one PostgreSQL snapshot), the Parquet files
/// and the topics, and none of the worker's own counters. Safe on a live system: what is registered after the snapshot
/// is left out, files that are registered and not yet published are read under their staged name.
/// </summary>
public sealed class AuditRunner(StreamScorerOptions options)
{
    private readonly string _topic = options.Kafka.Topic;
    private readonly List<string> _notes = [];

    /// <summary>Runs one audit.</summary>
    /// <param name="request">What to look at.</param>
    /// <param name="progress">Told in words what is being done; may be null.</param>
    /// <param name="ct">Ends the audit.</param>
    /// <exception cref="ServiceMissingException">Kafka or PostgreSQL does not answer, or the topic does not exist.</exception>
    public async Task<AuditReport> RunAsync(AuditRequest request, IProgress<string>? progress = null, CancellationToken ct = default)
    {
        try
        {
            await using var dataSource = NpgsqlDataSource.Create(options.ConnectionStrings.HotLeads);
            await using var snapshot = await LedgerSnapshotReader.OpenAsync(dataSource, ct);
            return await RunAsync(request, snapshot, dataSource, progress, ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            throw ServiceMissingException.PostgreSql(
                options.ConnectionStrings, $"it has no StreamScorer tables ({e.MessageText}); a worker makes them when it first starts");
        }
        catch (NpgsqlException e) when (e is not PostgresException || e.IsTransient)
        {
            throw ServiceMissingException.PostgreSql(options.ConnectionStrings, e.Message);
        }
    }

    private async Task<AuditReport> RunAsync(
        AuditRequest request, LedgerSnapshotReader snapshot, NpgsqlDataSource dataSource, IProgress<string>? progress, CancellationToken ct)
    {
        var ledger = await snapshot.ReadLedgerAsync(options.Kafka.GroupId, _topic);
        var reader = new TopicReader(options.Kafka);
        var books = OpenBooks(request, ledger, reader);

        var archive = new ArchiveFiles(request.CheckpointFolders.Count > 0 ? request.CheckpointFolders : [options.Checkpoint.Folder]);
        archive.Locate(ledger.Files.Values);
        var newest = new NewestDecisions(request.MaxLeads);
        var models = new ModelIds();
        var files = new FilePass(books, _topic, newest, models);
        await ReadFilesAsync(files, archive, books, dataSource, progress, ct);
        ChainFindings.Add(books, _notes);

        progress?.Report("Reading dead letters and topic");
        var letters = new DeadLetterPass(books, _topic);
        letters.Read(reader, options.Kafka.EffectiveDeadLetterTopic, ct);
        var topicPass = new TopicPass(books, request.Drained, _topic);
        var clock = Stopwatch.StartNew();
        topicPass.Read(reader, ct);
        progress?.Report(FormattableString.Invariant($"{topicPass.Records} records of {_topic} in {clock.Elapsed.TotalSeconds:F1} s"));
        var rows = new RowLookup(books, archive.Present.ToDictionary(file => file.Registered!.FileId));
        if (request.Deep)
            new RowComparison(books, rows, _topic).Explain(reader, ct);

        progress?.Report("Comparing hot leads");
        var hotLeads = new HotLeadCheck(books, newest, models, rows, _topic);
        do
        {
            await foreach (var row in snapshot.ReadHotLeadsAsync(ct))
                hotLeads.Enter(row);
            hotLeads.EnterMissing(topicPass.Forgotten);
        }
        while (NextPass(newest, files, archive, ct));
        AddNotes(books, archive, files, letters, hotLeads);
        return Report(request, ledger, books, archive, hotLeads);
    }

    private AuditBooks OpenBooks(AuditRequest request, LedgerSnapshot ledger, TopicReader reader)
    {
        var watermarks = reader.Watermarks(_topic);
        if (watermarks.Count == 0)
            throw ServiceMissingException.NoTopic(options.Kafka, _topic);
        var books = new AuditBooks(_topic, ledger, request.Deep, request.KeepFindings);
        foreach (var (number, marks) in watermarks)
        {
            var partition = books.Partition(number);
            partition.Watermarks = marks;
            if (request.Deep)
                partition.Compared = OffsetSpans.Clip(new OffsetRun(marks.Low.Value, partition.NextOffset), request.Window);
        }

        return books;
    }

    private static async Task ReadFilesAsync(
        FilePass files, ArchiveFiles archive, AuditBooks books, NpgsqlDataSource dataSource, IProgress<string>? progress, CancellationToken ct)
    {
        foreach (var missing in archive.Missing)
            books.Unreadable[missing.Registered.FileId] = $"{missing.Registered.Name} is missing. {missing.Reason}";
        var begun = 0;
        files.Read(archive.Present, _ =>
        {
            if (begun++ % 100 == 0)
                progress?.Report($"Reading checkpoint {begun} of {archive.Present.Count}");
        }, ct);

        // Asked after the folder was listed: whatever a live worker made visible by then is registered by then.
        var unknown = archive.Unknown(books.Snapshot.Files.Values);
        var registered = await LedgerSnapshotReader.RegisteredPathsAsync(dataSource, unknown.Select(file => file.Name), ct);
        files.Read([.. unknown.Where(file => !registered.Contains(file.Name))], _ => { }, ct);
        files.JudgeStrays();
    }

    private static bool NextPass(NewestDecisions newest, FilePass files, ArchiveFiles archive, CancellationToken ct)
    {
        if (!newest.NextPass())
            return false;
        files.ReadDecisions(archive.Present, ct);
        return true;
    }

    private void AddNotes(AuditBooks books, ArchiveFiles archive, FilePass files, DeadLetterPass letters, HotLeadCheck hotLeads)
    {
        _notes.AddRange(files.Notes);
        foreach (var root in archive.UnidentifiedRoots)
            _notes.Add($"{root} has no storage_id file: no worker has used it as a checkpoint folder (setting Checkpoint:Folder).");
        foreach (var partition in books.Partitions.Where(each => each.Watermarks.High.Value < each.NextOffset))
        {
            _notes.Add($"{partition.TopicPartition} ends at {partition.Watermarks.High.Value}, progress is {partition.NextOffset}: the topic was "
                + "truncated or made anew. See `offsets reset`.");
        }

        if (letters.Foreign > 0)
            _notes.Add($"{letters.Foreign} records of {options.Kafka.EffectiveDeadLetterTopic} are no dead letters of {_topic}.");
        if (letters.ScoredAfterAll > 0)
            _notes.Add($"{letters.ScoredAfterAll} offsets have a dead letter and a row: after a fault another model scored them.");
        if (hotLeads.PassedOver > 0)
        {
            _notes.Add($"{hotLeads.PassedOver} leads were last decided by offsets that retention deleted after they were scored and before "
                + "they were registered: the gap is on record, and no file can confirm their rows.");
        }

        if (hotLeads.Unordered > 0)
        {
            _notes.Add($"{hotLeads.Unordered} leads have events in several partitions of a broker without timestamps; their newest "
                + "decision is the one that arrived last, which the files cannot tell.");
        }
    }

    private AuditReport Report(
        AuditRequest request, LedgerSnapshot ledger, AuditBooks books, ArchiveFiles archive, HotLeadCheck hotLeads)
    {
        var findings = books.Findings.Complete();
        var totals = new PartitionTotals();
        foreach (var partition in books.Partitions)
            totals.Add(partition.Totals);
        return new AuditReport
        {
            Topic = _topic,
            GroupId = options.Kafka.GroupId,
            Request = request,
            SnapshotAt = ledger.TakenAt,
            Totals = totals,
            Partitions = [.. books.Partitions.Select(each => new PartitionReport(
                each.TopicPartition.Partition.Value, each.NextOffset, each.Watermarks.High.Value, each.Totals))],
            Checkpoints = archive.Present.Count + archive.Missing.Count,
            HotLeads = hotLeads.Hot,
            CooledLeads = hotLeads.Cooled,
            LeadsAhead = hotLeads.Ahead,
            DeletedLeads = hotLeads.Deleted,
            Findings = findings,
            FindingCount = books.Findings.Count,
            Notes = _notes,
        };
    }
}

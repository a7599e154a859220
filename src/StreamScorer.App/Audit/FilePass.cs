namespace StreamScorer.App.Audit;

/// <summary>
/// Reads the checkpoint files once and enters each row into its partition's books: rows of registered ranges first,
/// then whatever else is visible in the folder.
/// </summary>
internal sealed class FilePass(AuditBooks books, string topic, NewestDecisions newest, ModelIds models)
{
    private readonly RowGroupsAhead _rowGroups = new(books.Leads, topic);
    private readonly List<StrayRows> _strays = [];
    private ScoreColumns _columns = new();
    private ArchiveFile _current = new("", "", null);
    private PartitionAccount? _partition;
    private RangeAccount? _range;

    /// <summary>Enters the rows of these files.</summary>
    /// <param name="files">The files, in the order in which they are entered.</param>
    /// <param name="begun">Told of each file that is begun.</param>
    /// <param name="ct">Ends the reading.</param>
    public void Read(IReadOnlyList<ArchiveFile> files, Action<ArchiveFile> begun, CancellationToken ct)
    {
        foreach (var group in _rowGroups.Read(files, ct))
        {
            if (Turn(group.File))
                begun(group.File);
            if (group.Columns is not null)
                EnterRows(group, decisionsOnly: false);
            else if (group.File.Registered is { } registered)
                books.Unreadable[registered.FileId] = $"{group.File.Name} cannot be read: {group.Failure!.Message}";
            else
                Note($"{group.File.Name} stands among the checkpoints and cannot be read: {group.Failure!.Message}");
        }
    }

    /// <summary>Enters only the decisions of these files: a further pass for leads that did not fit.</summary>
    public void ReadDecisions(IReadOnlyList<ArchiveFile> files, CancellationToken ct)
    {
        List<ArchiveFile> readable =
            [.. files.Where(file => file.Registered is { } registered && !books.Unreadable.ContainsKey(registered.FileId))];
        foreach (var group in _rowGroups.Read(readable, ct))
        {
            Turn(group.File);
            if (group.Failure is not null)
                throw new IOException($"{group.File.Name} could be read before, and cannot now: {group.Failure.Message}", group.Failure);
            EnterRows(group, decisionsOnly: true);
        }
    }

    /// <summary>What people should know and is no fault.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Judges the rows that stand where no registration put them; call when every file has been read.</summary>
    public void JudgeStrays()
    {
        foreach (var stray in _strays)
        {
            for (var offset = stray.Offsets.Start; offset < stray.Offsets.End; offset++)
            {
                if (stray.Partition.IsVisible(offset) || offset >= stray.Partition.NextOffset)
                    books.Findings.Add(stray.Partition, AuditFault.Duplicate, offset, stray.File, run => CopyWords(stray, run));
                else
                    EnterMisplaced(stray, offset);
            }
        }
    }

    /// <summary>Turns to a file; false when it is the one that was read last.</summary>
    private bool Turn(ArchiveFile file)
    {
        if (ReferenceEquals(file, _current))
            return false;
        _current = file;
        _partition = null;
        _range = null;
        return true;
    }

    private void EnterRows(RowGroup group, bool decisionsOnly)
    {
        _columns = group.Columns!;
        for (var row = 0; row < _columns.Count; row++)
        {
            var lead = _columns.Lead(row);
            if (lead == 0)
                continue;
            if (!decisionsOnly)
                Enter(row, group.FirstRow + row, lead);
            else if (FindRange(_columns.Partition(row), _columns.Offset(row)))
                AddDecision(row, lead);
        }
    }

    private void Enter(int row, long rowInFile, ulong lead)
    {
        var offset = _columns.Offset(row);
        if (!FindRange(_columns.Partition(row), offset))
        {
            AddStray(offset, rowInFile);
            return;
        }

        var incarnation = _range!.Range.Incarnation;
        if (_partition!.AddVisible(incarnation, offset))
        {
            _range.Rows++;
            if (_partition.Compared.Contains(offset) && _partition.Fingerprints!.TryGetValue(incarnation, out var fingerprint))
                fingerprint.AddRow(offset, lead);
        }
        else
        {
            var (file, account) = (_current, _partition);
            books.Findings.Add(account, AuditFault.Duplicate, offset, file, run => TwiceWords(file, account, run, rowInFile));
        }

        AddDecision(row, lead);
    }

    private void AddDecision(int row, ulong lead)
    {
        if (!newest.Covers(lead))
            return;
        newest.Add(new Decision
        {
            Lead = lead,
            Offset = _columns.Offset(row),
            TimestampMicros = _columns.TimestampMicros(row),
            Probability = _columns.Probability(row),
            Partition = _partition!.Index,
            Incarnation = (int)_range!.Range.Incarnation,
            Model = models.IndexOf(_columns.ModelId(row)),
            Hot = _columns.Hot(row),
        });
    }

    private bool FindRange(int partitionNumber, long offset)
    {
        if (_partition is null || _partition.TopicPartition.Partition.Value != partitionNumber)
        {
            _partition = books.Partition(partitionNumber);
            _range = null;
        }

        if (_range is not null && _range.Range.Offsets.Contains(offset))
            return true;
        _range = _current.Registered is { } file
            ? books.RangesOf(file.FileId, partitionNumber).FirstOrDefault(each => each.Range.Offsets.Contains(offset))
            : null;
        return _range is not null;
    }

    private void AddStray(long offset, long rowInFile)
    {
        if (_strays.Count > 0 && _strays[^1] is var last && last.File == _current && last.Partition == _partition && last.Offsets.End == offset)
            last.Offsets = last.Offsets with { End = offset + 1 };
        else
            _strays.Add(new StrayRows(_current, _partition!, rowInFile) { Offsets = new OffsetRun(offset, offset + 1) });
    }

    private void EnterMisplaced(StrayRows stray, long offset)
    {
        stray.Partition.AddVisible(stray.Partition.Chain.Domains.Keys.Last(), offset);
        books.Findings.Add(stray.Partition, AuditFault.Mismatch, offset, stray.File, run => new FindingWords(
            $"row {stray.RowInFile} of {stray.File.Name} holds an offset that the file was not registered with",
            Owners(stray.Partition, run.Start) is { Count: > 0 } owners
                ? $"the row in {string.Join(" and ", owners)}"
                : "no row: no checkpoint covers the offset",
            [stray.File.Name, .. Owners(stray.Partition, run.Start)],
            "Put the registered files back from a backup, or score the offsets again with `offsets reset`."));
    }

    private static FindingWords CopyWords(StrayRows stray, OffsetRun run)
    {
        var owners = Owners(stray.Partition, run.Start);
        return new FindingWords(
            stray.File.Registered is null
                ? $"{stray.File.Name} is no registered checkpoint; its row {stray.RowInFile} repeats the offset"
                : $"row {stray.RowInFile} of {stray.File.Name} repeats an offset that the file was not registered with",
            owners.Count > 0
                ? $"one row, in {string.Join(" and ", owners)}"
                : $"no row yet: progress of the partition is {stray.Partition.NextOffset}",
            [stray.File.Name, .. owners],
            stray.File.Registered is null
                ? $"Move {stray.File.Name} out of the archive."
                : $"Put {stray.File.Name} back from a backup.");
    }

    private static FindingWords TwiceWords(ArchiveFile file, PartitionAccount partition, OffsetRun run, long rowInFile)
    {
        var owners = partition.Chain.RangesAt(run.Start).Select(range => range.File.Name).Distinct().ToArray();
        return new FindingWords(
            $"row {rowInFile} of {file.Name} is the second of its offset",
            "one row",
            owners,
            owners.Length > 1
                ? "Two registered checkpoints cover the offsets; readers must leave one out. Keep both and report how it came about."
                : $"Put {file.Name} back from a backup.");
    }

    private static IReadOnlyList<string> Owners(PartitionAccount partition, long offset) =>
        [.. partition.Chain.RangesAt(offset).Select(range => range.File.Name).Distinct()];

    private void Note(string note) => Notes.Add(note);

    private sealed class StrayRows(ArchiveFile file, PartitionAccount partition, long rowInFile)
    {
        public ArchiveFile File => file;

        public PartitionAccount Partition => partition;

        public long RowInFile => rowInFile;

        public OffsetRun Offsets { get; set; }
    }
}

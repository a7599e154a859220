using System.Globalization;
using StreamScorer.Sinks;

namespace StreamScorer.Tests.Simulation;

/// <summary>
/// The promise of PROTOCOL, from the outside: what readers of the folder, of hot_leads and of the dead-letter topic see,
/// held against what the producer knows it has sent. Nothing here uses the worker's code or counters.
/// </summary>
internal sealed class SimulationOracle
{
    private readonly SimulationScheduler _scheduler;
    private readonly SimulatedTopic _topic;
    private readonly SimulatedDatabase _database;
    private readonly SimulatedGroup _group;
    private readonly IReadOnlyList<SimulatedDisk> _disks;

    public SimulationOracle(SimulatedWorld world)
    {
        (_scheduler, _topic, _database, _group, _disks) = (world.Scheduler, world.Topic, world.Database, world.Group, world.Disks);
        foreach (var disk in _disks)
            disk.ScoresChanged = _ => NoOffsetTwice();
        _database.Registered = CheckRegistered;
        world.Group.Committed = CheckCommitted;
    }

    /// <summary>Every partition is registered to its end, every registered file is published, and the group knows.</summary>
    public bool IsDrained =>
        IsRegisteredAndPublished && _database.Progress.All(row => Math.Max(0, _group.CommittedOffsets[row.Key.Partition.Value]) == row.Value.NextOffset);

    private bool IsRegisteredAndPublished =>
        _topic.Logs.Select((log, number) => log.End == 0
            || (_database.Progress.TryGetValue(SimulatedTopic.Partition(number), out var row) && row.NextOffset >= log.End)).All(done => done)
        && _database.Files.All(file => file.IsPublished);

    /// <summary>When nothing is in flight: lost 0, duplicate 0, mismatch 0, no dead letter missing.</summary>
    public void CheckAtRest()
    {
        NoOffsetTwice();
        var rows = VisibleRows();
        for (var partition = 0; partition < _topic.Logs.Count; partition++)
        {
            foreach (var record in _topic.Logs[partition].Records)
                CheckRecord(partition, record, rows.GetValueOrDefault((partition, record.Offset)));
        }

        foreach (var row in rows.Values)
            CheckRow(row);
        CheckHotLeads(rows.Values);
    }

    private Dictionary<(int Partition, long Offset), ArchivedRow> VisibleRows()
    {
        var rows = new Dictionary<(int, long), ArchivedRow>();
        foreach (var row in _disks.SelectMany(disk => disk.VisibleFiles).SelectMany(file => file.Rows))
            rows.TryAdd((row.Partition, row.Offset), row);
        return rows;
    }

    private void NoOffsetTwice()
    {
        var seen = new HashSet<(int, long)>();
        foreach (var row in _disks.SelectMany(disk => disk.VisibleFiles).SelectMany(file => file.Rows))
        {
            if (!seen.Add((row.Partition, row.Offset)))
                Violate($"duplicate: partition {row.Partition} offset {row.Offset} is visible twice");
        }
    }

    /// <summary>Registration is the point of no return: what it covers must be safe by then.</summary>
    private void CheckRegistered(RegisteredFile file)
    {
        _scheduler.Note("db", "registered file", file.Number, file.Checkpoint.RowCount);
        if (file.Checkpoint.StagedPath is { } staged && !_disks.Any(disk => disk.IsDurable("/archive/" + staged)))
            Violate($"file {file.Number} is registered and would not survive a power loss");
        foreach (var range in file.Checkpoint.Ranges)
        {
            foreach (var record in RecordsOf(range.Partition, range.StartOffset, range.EndOffset))
            {
                if (NeedsLetter(record) && !_topic.DeadLetters.Contains((range.Partition, record.Offset)))
                    Violate($"partition {range.Partition} offset {record.Offset} is registered past, and has no dead letter");
            }
        }
    }

    private void CheckCommitted(int partition, long offset)
    {
        _scheduler.Note("group", "committed", partition, offset);
        // With a disk per worker nobody but its owner can publish what lies on it; the group may be told before.
        if (_disks.Count > 1)
            return;
        var rows = VisibleRows();
        foreach (var record in RecordsOf(partition, 0, offset))
        {
            if (record.Truth == RecordTruth.Event && !rows.ContainsKey((partition, record.Offset)) && !IsInGap(partition, record.Offset))
                Violate($"partition {partition} is committed up to {offset}, and offset {record.Offset} is not published");
        }
    }

    private void CheckRecord(int partition, SimulatedRecord record, ArchivedRow? row)
    {
        if (IsInGap(partition, record.Offset))
            return;
        if (record.Truth == RecordTruth.Event)
        {
            if (row is null)
                Violate($"lost: partition {partition} offset {record.Offset} is in no visible file");
            return;
        }

        if (row is not null)
            Violate($"mismatch: partition {partition} offset {record.Offset} is {record.Truth} and has a score");
        if (NeedsLetter(record) && !_topic.DeadLetters.Contains((partition, record.Offset)))
            Violate($"lost: partition {partition} offset {record.Offset} is {record.Truth} and has no dead letter");
    }

    private void CheckRow(ArchivedRow row)
    {
        var log = _topic.Logs[row.Partition];
        var index = log.IndexOf(row.Offset);
        if (index == log.Records.Count || log.Records[index] is not { } record || record.Offset != row.Offset)
            Violate($"mismatch: the row at partition {row.Partition} offset {row.Offset} has no record");
        else if (record.LeadId != row.LeadId || SimulatedEvents.Probability(record.Kind, row.ModelId) != row.Probability)
            Violate($"mismatch: the row at partition {row.Partition} offset {row.Offset} has another lead or score than its model gives");
    }

    /// <summary>hot_leads and the files tell one story: each row is its lead's newest decision, and who was hot has one.</summary>
    private void CheckHotLeads(IEnumerable<ArchivedRow> rows)
    {
        foreach (var lead in rows.GroupBy(row => row.LeadId))
        {
            var newest = lead.MaxBy(row => row.Offset)!;
            if (!_database.HotLeads.TryGetValue(lead.Key, out var hotLead))
            {
                if (lead.Any(row => row.Hot))
                    Violate($"mismatch: {lead.Key} was hot and has no row in hot_leads");
            }
            else if ((hotLead.Offset < newest.Offset || !IsInGap(newest.Partition, hotLead.Offset)) && (hotLead.Offset, hotLead.Probability, hotLead.ModelId, hotLead.Hot)
                != (newest.Offset, newest.Probability, newest.ModelId, newest.Hot))
            {
                Violate(string.Create(
                    CultureInfo.InvariantCulture,
                    $"mismatch: hot_leads has {lead.Key} at offset {hotLead.Offset} by model {hotLead.ModelId[..4]}, the files at {newest.Offset} by {newest.ModelId[..4]}"));
            }
        }
    }

    private IEnumerable<SimulatedRecord> RecordsOf(int partition, long start, long end) =>
        _topic.Logs[partition].Records.Skip(_topic.Logs[partition].IndexOf(start)).TakeWhile(record => record.Offset < end);

    /// <summary>Deleted by retention before it could be read, and on record as such; or from before the group's first day.</summary>
    private bool IsInGap(int partition, long offset)
    {
        var name = SimulatedTopic.Partition(partition);
        return (_database.Progress.TryGetValue(name, out var row) && offset < row.InitialOffset)
            || _database.Gaps.Any(gap => gap.Partition == name && offset >= gap.Start && offset < gap.End);
    }

    private static bool NeedsLetter(SimulatedRecord record) => record.Truth is RecordTruth.Bad or RecordTruth.RefusedByDatabase or RecordTruth.Poison;

    private void Violate(string what) => _scheduler.Violate(what);
}

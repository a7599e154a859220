using StreamScorer.Consumer;

namespace StreamScorer.Tests.Simulation;

/// <summary>One membership of a process in the group, from joining to leaving or being thrown out.</summary>
internal sealed class GroupSession(int number, SimulatedProcess process)
{
    public int Number => number;

    public SimulatedProcess Process => process;

    /// <summary>When the coordinator heard of the member last.</summary>
    public long HeardAt { get; set; }
}

/// <summary>
/// The group's coordinator: gives every partition to one member, asks for those back that should move, throws out the
/// members it does not hear of, and keeps the committed offsets.
/// </summary>
internal sealed class SimulatedGroup
{
    private static readonly long SessionTicks = TimeSpan.FromSeconds(6).Ticks;

    private readonly SimulationScheduler _scheduler;
    private readonly FaultPlan _faults;
    private readonly List<GroupSession> _members = [];
    private readonly GroupSession?[] _owners;
    private readonly GroupSession?[] _targets;
    private readonly long[] _committed;
    private int _sessions;

    // Eager: everybody gives everything back before anybody gets anything.
    private bool _gathering;

    public SimulatedGroup(SimulationScheduler scheduler, FaultPlan faults)
    {
        (_scheduler, _faults) = (scheduler, faults);
        _owners = new GroupSession?[faults.Partitions];
        _targets = new GroupSession?[faults.Partitions];
        _committed = new long[faults.Partitions];
        Array.Fill(_committed, -1);
        WatchSessions();
    }

    /// <summary>Is told of every commit that the coordinator accepts.</summary>
    public Action<int, long> Committed { get; set; } = (_, _) => { };

    public IReadOnlyList<long> CommittedOffsets => _committed;

    /// <summary>Every commit that was accepted, in order.</summary>
    public List<(string Process, int Partition, long Offset)> Commits { get; } = [];

    /// <summary>Answers every commit with a refusal before this time.</summary>
    public long RefusesCommitsUntil { get; set; }

    /// <summary>How many commits were refused for it.</summary>
    public int RefusedCommits { get; private set; }

    /// <summary>Who owns each partition now.</summary>
    public IReadOnlyList<GroupSession?> Owners => _owners;

    public GroupSession Join(SimulatedProcess process)
    {
        var session = new GroupSession(++_sessions, process) { HeardAt = _scheduler.Now };
        _members.Add(session);
        _scheduler.Note(process.Name, "joins as", session.Number);
        Heartbeat(session);
        Rebalance();
        return session;
    }

    public void Leave(GroupSession session)
    {
        _scheduler.Note(session.Process.Name, "leaves", session.Number);
        Remove(session);
    }

    public bool IsMember(GroupSession session) => _members.Contains(session);

    /// <summary>Other members come and go: partitions move.</summary>
    public void Shuffle()
    {
        if (_members.Count == 0)
            return;
        _scheduler.Note("group", "shuffle");
        Rebalance();
    }

    /// <summary>Everything is to go to another member than the one that has it; with one member, back to it.</summary>
    public void MoveAll()
    {
        for (var partition = 0; partition < _targets.Length; partition++)
            _targets[partition] = _members.Find(member => member != _owners[partition]) ?? _members[0];
        _gathering = true;
    }

    /// <summary>What the member is to give back now.</summary>
    public List<int> ToGiveBack(GroupSession session) =>
        Partitions(p => _owners[p] == session && (_gathering || _targets[p] != session));

    public void GiveBack(GroupSession session, IEnumerable<int> partitions)
    {
        foreach (var partition in partitions.Where(p => _owners[p] == session))
            _owners[partition] = null;
        _gathering &= _owners.Any(owner => owner is not null);
    }

    /// <summary>What the member gets now; it owns it from here on.</summary>
    public List<int> Assign(GroupSession session)
    {
        if (_gathering)
            return [];
        var assigned = Partitions(p => _owners[p] is null && _targets[p] == session);
        foreach (var partition in assigned)
            _owners[partition] = session;
        return assigned;
    }

    /// <summary>A member's commit. Like Kafka's, it asks for membership only, not for the partitions.</summary>
    /// <returns>Null when accepted, else the reason.</returns>
    public string? Commit(GroupSession session, IReadOnlyList<(int Partition, long Offset)> offsets)
    {
        if (!IsMember(session))
            return "unknown member";
        if (RefusesCommitsUntil > _scheduler.Now)
        {
            RefusedCommits++;
            return "a rebalance is in progress";
        }

        if (_gathering && _scheduler.Random.Next(2) == 0)
            return "a rebalance is in progress";
        foreach (var (partition, offset) in offsets)
        {
            _committed[partition] = offset;
            Commits.Add((session.Process.Name, partition, offset));
            Committed(partition, offset);
        }

        return null;
    }

    private List<int> Partitions(Func<int, bool> where) => [.. Enumerable.Range(0, _owners.Length).Where(where)];

    private void Rebalance()
    {
        for (var partition = 0; partition < _targets.Length; partition++)
            _targets[partition] = _members.Count == 0 ? null : _members[_scheduler.Random.Next(_members.Count)];
        _gathering = !_faults.Cooperative && _owners.Any(owner => owner is not null);
    }

    private void Remove(GroupSession session)
    {
        if (!_members.Remove(session))
            return;
        GiveBack(session, Partitions(p => _owners[p] == session));
        Rebalance();
    }

    private void Heartbeat(GroupSession session)
    {
        session.HeardAt = _scheduler.Now;
        if (IsMember(session))
            session.Process.Schedule(TimeSpan.FromSeconds(1), () => Heartbeat(session));
    }

    private void WatchSessions()
    {
        foreach (var silent in _members.Where(session => _scheduler.Now - session.HeardAt > SessionTicks).ToList())
        {
            _scheduler.Note("group", "throws out", silent.Number);
            Remove(silent);
        }

        _scheduler.Schedule(null, TimeSpan.FromSeconds(0.5), WatchSessions);
    }
}

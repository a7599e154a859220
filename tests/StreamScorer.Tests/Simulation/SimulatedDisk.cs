using System.Text;
using StreamScorer.Sinks;

namespace StreamScorer.Tests.Simulation;

/// <summary>A row as the archive's readers see it.</summary>
internal sealed record ArchivedRow(int Partition, long Offset, string LeadId, double Probability, string ModelId, bool Hot);

/// <summary>A file's content; after a power loss what was not synced is torn.</summary>
internal sealed class SimulatedFile(byte[] bytes, IReadOnlyList<ArchivedRow> rows)
{
    public byte[] Bytes { get; private set; } = bytes;

    public IReadOnlyList<ArchivedRow> Rows { get; private set; } = rows;

    public bool IsSynced { get; set; }

    public void Tear() => (Bytes, Rows) = ([], []);
}

/// <summary>
/// A disk that keeps two sets of names: those that processes see, and those that survive a power loss. A change of names
/// becomes durable when a folder that it touches is synced; of the others a power loss keeps the first few, in order.
/// </summary>
internal sealed class SimulatedDisk
{
    private readonly List<Change> _unsynced = [];
    private readonly Dictionary<string, SimulatedFile> _durable = [];
    private Dictionary<string, SimulatedFile> _names = [];

    /// <summary>Is told of every file whose visible name begins with <c>scores/</c> at the moment it gets it.</summary>
    public Action<SimulatedDisk> ScoresChanged { get; set; } = _ => { };

    public IReadOnlyDictionary<string, SimulatedFile> Names => _names;

    /// <summary>Is told of every step of a process on this disk, just before it.</summary>
    public Action<string> Stepping { get; set; } = _ => { };

    /// <summary>What every reader's glob finds.</summary>
    public IEnumerable<SimulatedFile> VisibleFiles => _names.Where(name => IsVisible(name.Key)).Select(name => name.Value);

    public void Put(string path, SimulatedFile file) => Apply(new Change(null, path, file));

    public void Delete(string path)
    {
        if (_names.ContainsKey(path))
            Apply(new Change(path, null, null));
    }

    public void Rename(string from, string to)
    {
        if (!_names.TryGetValue(from, out var file))
            throw new IOException($"Cannot rename {from} to {to}: No such file or directory.");
        Apply(new Change(from, to, file));
    }

    public void Sync(string folder)
    {
        for (var i = 0; i < _unsynced.Count; i++)
        {
            if (!_unsynced[i].Touches(folder))
                continue;
            _unsynced[i].ApplyTo(_durable);
            _unsynced.RemoveAt(i--);
        }
    }

    /// <summary>Whether this file would be found under this name, whole, after a power loss now.</summary>
    public bool IsDurable(string path) => _durable.TryGetValue(path, out var file) && file.IsSynced;

    public void LosePower(Random random)
    {
        foreach (var change in _unsynced.Take(random.Next(_unsynced.Count + 1)))
            change.ApplyTo(_durable);
        _unsynced.Clear();
        foreach (var file in _durable.Values.Where(file => !file.IsSynced))
            file.Tear();
        _names = new Dictionary<string, SimulatedFile>(_durable);
        ScoresChanged(this);
    }

    private static bool IsVisible(string path) =>
        path.Contains("/scores/", StringComparison.Ordinal) && path.EndsWith(".parquet", StringComparison.Ordinal);

    private void Apply(Change change)
    {
        change.ApplyTo(_names);
        _unsynced.Add(change);
        if (change.Added is not null && IsVisible(change.Added))
            ScoresChanged(this);
    }

    private sealed record Change(string? Removed, string? Added, SimulatedFile? File)
    {
        public bool Touches(string folder) => IsIn(Removed, folder) || IsIn(Added, folder);

        public void ApplyTo(Dictionary<string, SimulatedFile> names)
        {
            if (Removed is not null)
                names.Remove(Removed);
            if (Added is not null)
                names[Added] = File!;
        }

        private static bool IsIn(string? path, string folder) => path is not null && Path.GetDirectoryName(path.AsSpan()).SequenceEqual(folder);
    }
}

/// <summary>A process's view of a disk: every step may fail, or be its last.</summary>
internal sealed class ProcessDisk(
    SimulationScheduler scheduler, SimulatedProcess process, SimulatedDisk disk, Mutation mutation) : IArchiveDisk
{
    public bool FileExists(string path)
    {
        Step("look for file");
        return disk.Names.ContainsKey(path);
    }

    public IEnumerable<string> Files(string folder, string ending)
    {
        Step("list folder");
        return [.. disk.Names.Keys.Where(name => name.EndsWith(ending, StringComparison.Ordinal) && Path.GetDirectoryName(name) == folder)];
    }

    public void CreateFolder(string folder) => Step("create folder");

    public byte[] Read(string path)
    {
        Step("read");
        return disk.Names.TryGetValue(path, out var file) ? file.Bytes : throw new FileNotFoundException(path);
    }

    public void Write(string path, byte[] bytes)
    {
        Step("write");
        disk.Put(path, new SimulatedFile(bytes, []));
    }

    public void WriteScores(string path, ScoreRows rows, IReadOnlyDictionary<string, string> metadata)
    {
        Step("create scores");
        var archived = new List<ArchivedRow>();
        rows.ForEachInOrder((partition, in scored, leadId, modelId) => archived.Add(new ArchivedRow(
            partition.Partition.Value, scored.Offset, Encoding.UTF8.GetString(leadId), scored.Probability, modelId, scored.Hot)));
        disk.Put(path, new SimulatedFile([], archived));
        if (mutation == Mutation.RegisterBeforeDurable)
            return;
        try
        {
            SyncFile(path);
            SyncFolder(Path.GetDirectoryName(path)!);
        }
        catch (IOException)
        {
            disk.Delete(path);
            throw;
        }
    }

    public void SyncFile(string path)
    {
        Step("sync file");
        if (!disk.Names.TryGetValue(path, out var file))
            throw new IOException($"Cannot open {path} to sync it: No such file or directory.");
        file.IsSynced = true;
    }

    public void SyncFolder(string folder)
    {
        Step("sync folder");
        disk.Sync(folder);
    }

    public void Rename(string from, string to)
    {
        Step("rename");
        disk.Rename(from, to);
        SyncFolder(Path.GetDirectoryName(to)!);
    }

    public bool PutIfAbsent(string staged, string final)
    {
        if (FileExists(final))
            return false;
        Rename(staged, final);
        return true;
    }

    public void Delete(string path)
    {
        Step("delete");
        disk.Delete(path);
    }

    private void Step(string what)
    {
        disk.Stepping(what);
        process.Step(what);
    }

    public Task<T> RunAsync<T>(Func<T> work, CancellationToken ct)
    {
        var done = new TaskCompletionSource<T>();
        process.Schedule(scheduler.Between(0.0001, 0.05), () =>
        {
            T result;
            try
            {
                result = work();
            }
            catch (Exception exception)
            {
                if (process.IsAlive)
                    done.SetException(exception);
                return;
            }

            done.SetResult(result);
        });
        return done.Task;
    }
}

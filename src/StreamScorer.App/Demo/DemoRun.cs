using System.Security.Cryptography;
using System.Text.Json;
using StreamScorer.App.LocalServices;

namespace StreamScorer.App.Demo;

/// <summary>
/// One demo, from its first event to its audit: names of its topic, group, database schema and folder. Written down at
/// the start, so that a demo that was cut off (power, kill -9) is taken up where it stood instead of beginning again.
/// </summary>
internal sealed class DemoRun : IDisposable
{
    private const int FinishedRunsKept = 2;
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    private readonly FileStream _lock;

    private DemoRun(string folder, DemoRunState state, FileStream held)
    {
        Folder = folder;
        State = state;
        _lock = held;
    }

    /// <summary>The run's own folder: state, checkpoints, the worker's log.</summary>
    public string Folder { get; }

    /// <summary>What is written down.</summary>
    public DemoRunState State { get; private set; }

    /// <summary>True when an earlier demo began this run.</summary>
    public bool IsResumed { get; private init; }

    /// <summary>The topic of this run.</summary>
    public string Topic => "user-events-" + State.Id;

    /// <summary>Where the run's outcomes go: its own topic, so that runs do not learn from each other's leads.</summary>
    public string OutcomeTopic => Topic + ".outcomes";

    /// <summary>The consumer group of this run.</summary>
    public string GroupId => "stream-scorer-" + State.Id;

    /// <summary>The PostgreSQL schema of this run.</summary>
    public string DatabaseSchema => "demo_" + State.Id;

    /// <summary>The archive root of this run.</summary>
    public string CheckpointFolder => Path.Combine(Folder, "checkpoints");

    /// <summary>The worker's output.</summary>
    public string WorkerLog => Path.Combine(Folder, "worker.log");

    /// <summary>
    /// Takes up an unfinished run of the same dataset, model and brokers that no living demo holds, or begins a new one.
    /// </summary>
    public static DemoRun OpenOrBegin(string runsFolder, string dataset, string model, string brokers)
    {
        Directory.CreateDirectory(runsFolder);
        foreach (var folder in Directory.EnumerateDirectories(runsFolder).Order(StringComparer.Ordinal))
        {
            if (Read(folder) is not { Finished: false } state || state.Dataset != dataset || state.Model != model || state.Brokers != brokers)
                continue;
            if (TryLock(folder) is { } held)
                return new DemoRun(folder, state, held) { IsResumed = true };
        }

        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        var begun = Path.Combine(runsFolder, id);
        Directory.CreateDirectory(begun);
        var run = new DemoRun(begun, new DemoRunState(id, dataset, model, brokers, false, null), TryLock(begun)!);
        run.Write();
        return run;
    }

    /// <summary>Finished runs beyond the newest two, for removal with everything that belongs to them.</summary>
    public static IReadOnlyList<DemoRun> TakeOutdated(string runsFolder)
    {
        if (!Directory.Exists(runsFolder))
            return [];
        return Directory.EnumerateDirectories(runsFolder)
            .Where(folder => Read(folder) is { Finished: true })
            .OrderByDescending(Directory.GetLastWriteTimeUtc).Skip(FinishedRunsKept)
            .Select(folder => (Folder: folder, Held: TryLock(folder)))
            .Where(entry => entry.Held is not null)
            .Select(entry => new DemoRun(entry.Folder, Read(entry.Folder)!, entry.Held!)).ToList();
    }

    /// <summary>Notes the worker, so that a later demo can stop one that outlived its own.</summary>
    public void NoteWorker(ProcessIdentity? worker)
    {
        State = State with { Worker = worker };
        Write();
    }

    /// <summary>The account was made; the next demo begins a run of its own.</summary>
    public void Finish()
    {
        State = State with { Finished = true, Worker = null };
        Write();
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static DemoRunState? Read(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize<DemoRunState>(File.ReadAllText(Path.Combine(folder, "run.json")));
        }
        catch (Exception exception) when (exception is IOException or JsonException)
        {
            return null;
        }
    }

    private static FileStream? TryLock(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private void Write()
    {
        var path = Path.Combine(Folder, "run.json");
        File.WriteAllText(path + ".new", JsonSerializer.Serialize(State, Format));
        File.Move(path + ".new", path, overwrite: true);
    }
}

/// <summary>What is written down of a run.</summary>
/// <param name="Id">Eight hexadecimal digits.</param>
/// <param name="Dataset">Folder of the prepared dataset.</param>
/// <param name="Model">Folder of the model.</param>
/// <param name="Brokers">Where the topic lives.</param>
/// <param name="Finished">Whether the account was made.</param>
/// <param name="Worker">The worker that was started last.</param>
internal sealed record DemoRunState(string Id, string Dataset, string Model, string Brokers, bool Finished, ProcessIdentity? Worker);

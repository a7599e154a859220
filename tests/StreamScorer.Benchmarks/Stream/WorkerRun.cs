using System.Diagnostics;
using System.Globalization;
using Npgsql;
using StreamScorer.App.LocalServices;

namespace StreamScorer.Benchmarks.Stream;

/// <summary>What a worker process did beside its throughput.</summary>
/// <param name="ReadySeconds">From the process's start until it holds all partitions.</param>
/// <param name="StopSeconds">From SIGTERM to the end of the process.</param>
/// <param name="ExitCode">0: it drained and stopped in order.</param>
internal sealed record WorkerTimes(double ReadySeconds, double StopSeconds, int ExitCode);

/// <summary>The worker, the <c>run</c> verb in a process of its own.</summary>
internal sealed class WorkerRun : IDisposable
{
    private const string ProgressSql = "select coalesce(sum(next_offset), 0)::bigint from stream_progress";

    private readonly Process _process;
    private readonly BenchScope _scope;
    private readonly string _memoryFile;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly List<string> _log = [];
    private readonly TaskCompletionSource<double> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WorkerRun(Process process, BenchScope scope, string memoryFile)
    {
        _process = process;
        _scope = scope;
        _memoryFile = memoryFile;
    }

    /// <summary>Completes when the worker holds partitions, with the seconds it took.</summary>
    public Task<double> Ready => _ready.Task;

    /// <summary>CPU used so far.</summary>
    public TimeSpan Cpu => ProcessTimes.Of(_process.Id);

    /// <summary>Starts a worker.</summary>
    /// <param name="scope">Its topic, group and schema.</param>
    /// <param name="modelFolder">Its model.</param>
    /// <param name="settings">Options of <c>run</c>.</param>
    /// <param name="cores">The cores it may run on, as taskset(1) takes them; null: all.</param>
    /// <param name="groupFile">The control group that it starts in, by its file of process ids; null: this process's.</param>
    public static WorkerRun Start(
        BenchScope scope, string modelFolder, IEnumerable<string> settings, string? cores = null, string? groupFile = null)
    {
        string[] command =
        [
            .. groupFile is null ? [] : (string[])["sh", "-c", "echo $$ > \"$0\" && exec \"$@\"", groupFile],
            .. cores is null ? [] : (string[])["taskset", "-c", cores],
            "dotnet",
        ];
        var worker = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, WorkingDirectory = scope.Folder };
        worker.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "StreamScorer.App.dll"));
        worker.ArgumentList.Add("run");
        foreach (var setting in settings)
            worker.ArgumentList.Add(setting);
        foreach (var (name, value) in scope.Settings())
            worker.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        worker.Environment["Scoring__ModelPath"] = modelFolder;
        worker.Environment["Api__Enabled"] = "false";
        worker.Environment["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location;
        var memoryFile = Path.Combine(scope.Folder, $"memory-{Guid.NewGuid():N}");
        worker.Environment[StartupHook.FileVariable] = memoryFile;
        var run = new WorkerRun(new Process { StartInfo = worker }, scope, memoryFile);
        run._process.ErrorDataReceived += (_, line) => run.Read(line.Data);
        run._process.Start();
        run._process.BeginErrorReadLine();
        return run;
    }

    /// <summary>Records registered so far, by all workers of the scope.</summary>
    public async Task<long> ProgressAsync()
    {
        await using var dataSource = NpgsqlDataSource.Create(_scope.ConnectionString);
        await using var command = dataSource.CreateCommand(ProgressSql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Waits until so many records are registered and returns the progress.</summary>
    public async Task<long> WaitForProgressAsync(long records, TimeSpan patience)
    {
        await using var dataSource = NpgsqlDataSource.Create(_scope.ConnectionString);
        await using var command = dataSource.CreateCommand(ProgressSql);
        var waited = Stopwatch.StartNew();
        while (true)
        {
            var progress = (long)(await command.ExecuteScalarAsync())!;
            if (progress >= records)
                return progress;
            if (_process.HasExited || waited.Elapsed > patience)
                throw new MeasurementException($"The worker stands at {progress} of {records} records. Its log:\n{Log}");
            await Task.Delay(20);
        }
    }

    /// <summary>SIGTERM.</summary>
    public async Task<WorkerTimes> StopAsync()
    {
        var watch = Stopwatch.StartNew();
        ProcessIdentity.Of(_process.Id)?.Send(UnixSignal.Terminate);
        await _process.WaitForExitAsync();
        if (_process.ExitCode != 0)
            await Console.Error.WriteLineAsync($"the worker ended with code {_process.ExitCode}:\n{Log}");
        return new WorkerTimes(await Ready, watch.Elapsed.TotalSeconds, _process.ExitCode);
    }

    /// <summary>Bytes allocated, milliseconds paused, collections; after the end.</summary>
    public (double Allocated, double PauseMilliseconds, int Collections) Memory()
    {
        if (!File.Exists(_memoryFile))
            throw new InvalidOperationException($"The worker ended without its figures. Its log:\n{Log}");
        var figures = File.ReadAllText(_memoryFile).Split(' ');
        double Figure(int index) => double.Parse(figures[index], CultureInfo.InvariantCulture);
        return (Figure(0), Figure(1), (int)Figure(2));
    }

    /// <summary>Most memory held so far.</summary>
    public long PeakBytes => ProcessTimes.PeakResidentBytes(_process.Id.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    /// <summary>What it wrote.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return string.Join('\n', _log);
        }
    }

    private void Read(string? line)
    {
        if (line is null)
            return;
        lock (_log)
            _log.Add(line);
        if (line.Contains("Took ", StringComparison.Ordinal))
            _ready.TrySetResult(_watch.Elapsed.TotalSeconds);
    }
}

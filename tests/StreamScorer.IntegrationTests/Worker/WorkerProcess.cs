using System.Diagnostics;
using Confluent.Kafka;
using Npgsql;
using StreamScorer.App.LocalServices;
using StreamScorer.Sinks;
using Xunit;

namespace StreamScorer.IntegrationTests.Worker;

/// <summary>The real worker, the <c>run</c> verb in a process of its own, for tests that stop, kill or freeze it.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _log = [];

    private WorkerProcess(Process process) => _process = process;

    /// <summary>The process.</summary>
    public ProcessIdentity? Identity => ProcessIdentity.Of(_process.Id);

    /// <summary>Everything the worker wrote so far.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return string.Join('\n', _log);
        }
    }

    /// <summary>Exit code once it has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Starts a worker on the scope's topic, group, schema and folder.</summary>
    public static WorkerProcess Start(TestScope scope, string modelFolder, params (string Name, string Value)[] settings)
    {
        var app = Path.Combine(AppContext.BaseDirectory, "StreamScorer.App.dll");
        var start = new ProcessStartInfo("dotnet", [app, "run"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = scope.Folder,
        };
        foreach (var (name, value) in scope.ToEnvironment())
            start.Environment[name] = value;
        start.Environment["Scoring__ModelPath"] = modelFolder;
        start.Environment["Checkpoint__MaxAge"] = "00:00:00.500";
        start.Environment["Kafka__SessionTimeout"] = "00:00:06";
        start.Environment["Kafka__DrainBudget"] = "00:00:04";
        // Workers of many tests run at once; those that test the API say where it listens.
        start.Environment["Api__Enabled"] = "false";
        start.Environment["Logging__Console__FormatterName"] = "simple";
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        var process = new Process { StartInfo = start };
        var worker = new WorkerProcess(process);
        process.OutputDataReceived += (_, line) => worker.Write(line.Data);
        process.ErrorDataReceived += (_, line) => worker.Write(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return worker;
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>SIGTERM, and the exit code.</summary>
    public async Task<int> StopAsync()
    {
        Identity?.Send(UnixSignal.Terminate);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <summary>SIGTERM; fails with the log when the exit code is not 0.</summary>
    public async Task StopCleanlyAsync()
    {
        var code = await StopAsync();
        // Only this waits for the last lines too, which say why.
        _process.WaitForExit();
        Assert.True(code == 0, $"The worker ended with exit code {code}. Its log:\n{Log}");
    }

    /// <summary>The most memory that the process had resident at any look within the time, in bytes.</summary>
    public async Task<long> HighestResidentBytesAsync(TimeSpan time)
    {
        var (watch, highest) = (Stopwatch.StartNew(), 0L);
        while (watch.Elapsed < time)
        {
            _process.Refresh();
            highest = Math.Max(highest, _process.WorkingSet64);
            await Task.Delay(250);
        }

        return highest;
    }

    /// <summary>Waits until the worker has ended by itself or by a signal; fails with the log when it does not.</summary>
    public async Task WaitForEndAsync(int seconds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw new InvalidOperationException($"The worker has not ended after {seconds} s. Its log:\n{Log}");
        }
    }

    /// <summary>Waits until the ledger covers every record of the topic; fails with the log when it does not come to that.</summary>
    public async Task WaitUntilDrainedAsync(TestScope scope, int seconds = 60)
    {
        var end = EndOffsets(scope);
        await WaitAsync(async () => await ProgressAsync(scope) >= end, $"progress of {end} records", seconds);
    }

    /// <summary>Waits for a condition; fails with the log.</summary>
    public async Task WaitAsync(Func<Task<bool>> condition, string what, int seconds = 60)
    {
        var waited = Stopwatch.StartNew();
        while (!await condition())
        {
            if (waited.Elapsed.TotalSeconds > seconds || (_process.HasExited && waited.Elapsed.TotalSeconds > 2))
                throw new InvalidOperationException($"The worker did not come to {what}. Exited: {_process.HasExited}. Its log:\n{Log}");
            await Task.Delay(50);
        }
    }

    /// <summary>Sum of next_offset over the topic.</summary>
    public static async Task<long> ProgressAsync(TestScope scope)
    {
        await using var dataSource = NpgsqlDataSource.Create(scope.ConnectionString);
        try
        {
            await using var command = dataSource.CreateCommand("SELECT coalesce(sum(next_offset), 0)::bigint FROM stream_progress");
            return (long)(await command.ExecuteScalarAsync())!;
        }
        catch (Exception exception) when (exception is PostgresException { SqlState: "42P01" } || SinkErrors.IsTransient(exception))
        {
            return 0;
        }
    }

    /// <summary>Sum of the topic's end offsets.</summary>
    public static long EndOffsets(TestScope scope)
    {
        using var client = new ConsumerBuilder<Ignore, Ignore>(scope.Kafka.Apply(new ConsumerConfig { GroupId = scope.GroupId + ".end" }))
            .SetLogHandler((_, _) => { }).Build();
        using var admin = new DependentAdminClientBuilder(client.Handle).Build();
        return admin.GetMetadata(scope.Topic, TimeSpan.FromSeconds(10)).Topics.Single().Partitions.Sum(partition =>
            client.QueryWatermarkOffsets(new TopicPartition(scope.Topic, partition.PartitionId), TimeSpan.FromSeconds(10)).High.Value);
    }

    /// <summary>The oldest offset that a partition of the topic still has.</summary>
    public static long OldestOffset(TestScope scope, int partition)
    {
        using var client = new ConsumerBuilder<Ignore, Ignore>(scope.Kafka.Apply(new ConsumerConfig { GroupId = scope.GroupId + ".end" }))
            .SetLogHandler((_, _) => { }).Build();
        return client.QueryWatermarkOffsets(new TopicPartition(scope.Topic, partition), TimeSpan.FromSeconds(10)).Low.Value;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Write(string? line)
    {
        if (line is null)
            return;
        lock (_log)
            _log.Add(line);
    }
}

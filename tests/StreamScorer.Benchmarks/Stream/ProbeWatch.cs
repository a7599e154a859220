using System.Collections.Concurrent;
using System.Diagnostics;
using Npgsql;

namespace StreamScorer.Benchmarks.Stream;

/// <summary>An event whose way is timed.</summary>
/// <param name="LeadId">A lead of its own.</param>
/// <param name="Due">When it was to be published, as a Stopwatch timestamp.</param>
/// <param name="Partition">Where it stands.</param>
/// <param name="Offset">Where it stands.</param>
internal sealed record Probe(string LeadId, long Due, int Partition, long Offset);

/// <summary>Asks the database every few milliseconds which probes have arrived.</summary>
internal sealed class ProbeWatch(string connectionString)
{
    private readonly ConcurrentQueue<Probe> _published = new();
    private readonly Dictionary<string, Probe> _awaitingRow = [];
    private readonly List<Probe> _awaitingCheckpoint = [];
    private int _open;

    /// <summary>Latencies to hot_leads.</summary>
    public List<double> HotLeadMilliseconds { get; } = [];

    /// <summary>Latencies to the registration of the checkpoint.</summary>
    public List<double> CheckpointMilliseconds { get; } = [];

    /// <summary>Probes that have not arrived at both places.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>The broker has the probe. From any thread.</summary>
    public void Published(Probe probe)
    {
        Interlocked.Add(ref _open, 2);
        _published.Enqueue(probe);
    }

    /// <summary>Watches until cancelled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        await using var connection = await dataSource.OpenConnectionAsync(CancellationToken.None);
        for (var round = 0; !ct.IsCancellationRequested; round++)
        {
            while (_published.TryDequeue(out var probe))
            {
                _awaitingRow.Add(probe.LeadId, probe);
                _awaitingCheckpoint.Add(probe);
            }

            await LookForRowsAsync(connection);
            if (round % 8 == 0)
                await LookForProgressAsync(connection);
            await Task.Delay(1, CancellationToken.None);
        }
    }

    private async Task LookForRowsAsync(NpgsqlConnection connection)
    {
        if (_awaitingRow.Count == 0)
            return;
        await using var command = new NpgsqlCommand(
            "select lead_id from hot_leads where organization_id = '' and lead_id = any($1)", connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. _awaitingRow.Keys] });
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            _awaitingRow.Remove(reader.GetString(0), out var probe);
            HotLeadMilliseconds.Add(Stopwatch.GetElapsedTime(probe!.Due).TotalMilliseconds);
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task LookForProgressAsync(NpgsqlConnection connection)
    {
        var next = new Dictionary<int, long>();
        await using (var command = new NpgsqlCommand("select partition, next_offset from stream_progress", connection))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                next[reader.GetInt32(0)] = reader.GetInt64(1);
        }

        foreach (var probe in _awaitingCheckpoint.Where(probe => next.GetValueOrDefault(probe.Partition) > probe.Offset))
        {
            CheckpointMilliseconds.Add(Stopwatch.GetElapsedTime(probe.Due).TotalMilliseconds);
            Interlocked.Decrement(ref _open);
        }

        _awaitingCheckpoint.RemoveAll(probe => next.GetValueOrDefault(probe.Partition) > probe.Offset);
    }
}

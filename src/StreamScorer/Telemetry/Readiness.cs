using System.Collections.Concurrent;

namespace StreamScorer.Telemetry;

/// <summary>What is known of one dependency.</summary>
/// <param name="IsUp">Whether the last use of it succeeded.</param>
/// <param name="Reason">Why not, in words for a person; empty when up. Carries no secret.</param>
/// <param name="Since">Since when it is so.</param>
public sealed record DependencyStatus(bool IsUp, string Reason, DateTimeOffset Since);

/// <summary>
/// Whether the worker can do its work: every dependency up at its last use. Written by whoever uses the dependency,
/// read by health endpoints and the console.
/// </summary>
public sealed class Readiness(TimeProvider clock)
{
    /// <summary>The broker.</summary>
    public const string Kafka = "Kafka";

    /// <summary>The database.</summary>
    public const string PostgreSql = "PostgreSQL";

    /// <summary>The scoring model.</summary>
    public const string Model = "Model";

    /// <summary>The archive root of the checkpoints.</summary>
    public const string CheckpointFolder = "Checkpoint folder";

    private readonly ConcurrentDictionary<string, DependencyStatus> _statuses = new(
        new[] { Kafka, PostgreSql, Model, CheckpointFolder }.Select(
            name => KeyValuePair.Create(name, new DependencyStatus(false, "not tried yet", clock.GetUtcNow()))));

    private readonly ConcurrentDictionary<string, long> _failures = new();

    /// <summary>True when every dependency is up.</summary>
    public bool IsReady => _statuses.Values.All(status => status.IsUp);

    /// <summary>Every dependency with its status.</summary>
    public IReadOnlyDictionary<string, DependencyStatus> Statuses => _statuses;

    /// <summary>The dependency answered.</summary>
    public void Up(string dependency)
    {
        if (!_statuses.TryGetValue(dependency, out var status) || !status.IsUp)
            _statuses[dependency] = new DependencyStatus(true, "", clock.GetUtcNow());
    }

    /// <summary>How often the dependency failed since the start.</summary>
    public long Failures(string dependency) => _failures.GetValueOrDefault(dependency);

    /// <summary>The dependency failed.</summary>
    public void Down(string dependency, string reason)
    {
        _failures.AddOrUpdate(dependency, 1, static (_, failures) => failures + 1);
        if (!_statuses.TryGetValue(dependency, out var status) || status.IsUp || status.Reason != reason)
            _statuses[dependency] = new DependencyStatus(false, reason, status is { IsUp: false } ? status.Since : clock.GetUtcNow());
    }
}

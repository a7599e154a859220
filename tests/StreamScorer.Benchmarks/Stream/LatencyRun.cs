using System.Globalization;
using StreamScorer.App.LocalServices;
using StreamScorer.Forests;

namespace StreamScorer.Benchmarks.Stream;

/// <summary>How <c>bench latency</c> loads the worker.</summary>
/// <param name="WarmUpSeconds">Before the probes begin.</param>
/// <param name="Seconds">With probes.</param>
/// <param name="LingerMilliseconds">How long the publisher gathers records for one request; counts in the latency.</param>
internal sealed record LatencyLoad(int WarmUpSeconds, int Seconds, double LingerMilliseconds);

/// <summary>Measures one rate on a topic and with a worker of its own.</summary>
internal sealed class LatencyRun(BenchServices services, string modelFolder, LatencyLoad load)
{
    private const int Partitions = 12;

    /// <summary>Publishes, waits until every probe is registered, stops the worker.</summary>
    public async Task<LatencyFigures> MeasureAsync(int rate)
    {
        var model = ForestModel.Load(Path.Combine(modelFolder, "model.forest"));
        var topic = string.Create(CultureInfo.InvariantCulture, $"bench-latency-{rate}-{Guid.NewGuid().ToString("N")[..6]}");
        await KafkaTopics.CreateAsync(
            services.Kafka, [new TopicSpec(topic, Partitions), new TopicSpec(topic + ".dead-letters", 1)]);
        var scope = await services.CreateScopeAsync(topic, "latency");
        using var worker = WorkerRun.Start(scope, modelFolder, []);
        await worker.Ready;
        var workload = new StreamWorkload(new WorkloadShape(int.MaxValue), model);
        var publisher = new SteadyPublisher(services.Kafka, topic, workload, load.LingerMilliseconds);
        CpuTimes began = default, ended = default;
        var probes = await Task.Factory.StartNew(
            () =>
            {
                var published = publisher.Run(rate, load.WarmUpSeconds, load.Seconds, () => began = CpuTimes.Now(services, worker));
                ended = CpuTimes.Now(services, worker);
                return published;
            },
            TaskCreationOptions.LongRunning);
        try
        {
            var arrivals = await ProbeArrivals.WaitAsync(scope.ConnectionString, probes.Count);
            var times = await worker.StopAsync();
            if (times.ExitCode != 0)
                throw new InvalidOperationException($"The worker ended with code {times.ExitCode}.");
            return LatencyFigures.Of(rate, probes, arrivals, ended - began);
        }
        catch (TimeoutException exception)
        {
            throw new InvalidOperationException($"{exception.Message} The worker's log:\n{worker.Log}", exception);
        }
    }
}

/// <summary>CPU used so far.</summary>
internal readonly record struct CpuTimes(DateTimeOffset At, TimeSpan Publisher, TimeSpan Broker, TimeSpan Worker, TimeSpan Postgres)
{
    /// <summary>As of now.</summary>
    public static CpuTimes Now(BenchServices services, params ReadOnlySpan<WorkerRun> workers)
    {
        var worker = TimeSpan.Zero;
        foreach (var each in workers)
            worker += each.Cpu;
        return new(TimeProvider.System.GetUtcNow(), ProcessTimes.Of(Environment.ProcessId), services.BrokerCpu, worker, services.PostgresCpu);
    }

    /// <summary>Shares of one processor, between two times.</summary>
    public static CpuShares operator -(CpuTimes later, CpuTimes earlier)
    {
        var elapsed = later.At - earlier.At;
        return new CpuShares(
            (later.Publisher - earlier.Publisher) / elapsed, (later.Broker - earlier.Broker) / elapsed,
            (later.Worker - earlier.Worker) / elapsed, (later.Postgres - earlier.Postgres) / elapsed);
    }
}

/// <summary>Processors used; 1 is one whole processor.</summary>
internal sealed record CpuShares(double Publisher, double Broker, double Worker, double Postgres);

/// <summary>Milliseconds from the due time, by nearest rank.</summary>
internal sealed record Percentiles(double P50, double P95, double P99, double Max)
{
    /// <summary>Of at least one time.</summary>
    public static Percentiles Of(IEnumerable<double> milliseconds)
    {
        var sorted = milliseconds.Order().ToArray();
        double At(double share) => sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
        return new Percentiles(At(0.5), At(0.95), At(0.99), sorted[^1]);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{P50,7:F1} {P95,7:F1} {P99,7:F1} {Max,7:F1}");
}

/// <summary>Latencies at one rate.</summary>
internal sealed record LatencyFigures(
    int Rate, int Probes, Percentiles HotLeads, Percentiles Checkpoint, IReadOnlyList<Percentiles> HotLeadsBySecond, CpuShares Cpu)
{
    /// <summary>Joins what was published with what arrived.</summary>
    public static LatencyFigures Of(int rate, IReadOnlyList<Probe> probes, IEnumerable<ProbeArrival> arrivals, CpuShares cpu)
    {
        var arrived = arrivals.ToDictionary(arrival => arrival.LeadId);
        double Row(Probe probe) => (arrived[probe.LeadId].Row - probe.Due.UtcDateTime).TotalMilliseconds;
        return new LatencyFigures(
            rate,
            probes.Count,
            Percentiles.Of(probes.Select(Row)),
            Percentiles.Of(probes.Select(probe => (arrived[probe.LeadId].Checkpoint!.Value - probe.Due.UtcDateTime).TotalMilliseconds)),
            [.. probes.GroupBy(probe => (int)(probe.Due - probes[0].Due).TotalSeconds).Select(second => Percentiles.Of(second.Select(Row)))],
            cpu);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Rate,8:N0} {Probes,7:N0}  {HotLeads}  {Checkpoint}"
        + $"  {Cpu.Publisher,9:P0} {Cpu.Broker,6:P0} {Cpu.Worker,6:P0} {Cpu.Postgres,8:P0}");
}

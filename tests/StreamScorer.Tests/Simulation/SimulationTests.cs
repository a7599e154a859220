using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.ExceptionServices;
using StreamScorer.Sinks;
using Xunit;
using Xunit.Abstractions;

namespace StreamScorer.Tests.Simulation;

/// <summary>
/// The real loop under every fault that PROTOCOL speaks of, thousands of histories in seconds. A seed that fails is
/// printed: STREAMSCORER_SIMULATION_SEED=n runs it alone with its trace; STREAMSCORER_SIMULATION_SEEDS=n runs more.
/// </summary>
[Collection(SimulationAlone.Name)]
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Seeds = 2000;

    // A rule that is out shows at the first history that needed it, which for some of them are few.
    private const int MutationSeeds = 20_000;

    [Fact]
    public void Every_history_keeps_the_promise()
    {
        if (Setting("STREAMSCORER_SIMULATION_SEED") is { } alone)
        {
            Report(alone, SimulationRuns.One(alone, keepTrace: true));
            return;
        }

        var failed = SimulationRuns.FirstFailing(Setting("STREAMSCORER_SIMULATION_SEEDS") ?? Seeds, Mutation.None);
        if (failed is { } seed)
            Report(seed, SimulationRuns.One(seed, keepTrace: true));
    }

    [Fact]
    public void A_seed_is_a_history()
    {
        for (var seed = 1; seed <= 20; seed++)
            Assert.Equal(SimulationRuns.One(seed).TraceHash, SimulationRuns.One(seed).TraceHash);
    }

    [Theory]
    [InlineData(Mutation.NoEpochInRegistration)]
    [InlineData(Mutation.NoEpochInHotLeadWrite)]
    [InlineData(Mutation.GuardIsGreaterOnly)]
    [InlineData(Mutation.SweepEveryUnregisteredFile)]
    [InlineData(Mutation.RegisterBeforeDurable)]
    [InlineData(Mutation.NoWitnessInRegistration)]
    internal void Without_one_of_its_rules_the_promise_is_broken(Mutation mutation)
    {
        var failed = SimulationRuns.FirstFailing(MutationSeeds, mutation);
        Assert.True(failed is not null, $"{MutationSeeds} histories without the rule: {mutation}, and nothing was noticed.");
        output.WriteLine($"{mutation}: seed {failed}: {SimulationRuns.One(failed.Value, mutation).Violation}");
    }

    [Fact]
    public void A_registered_file_whose_partition_nobody_takes_is_published_on_the_timer()
    {
        SimulationRuns.OnThread(() =>
        {
            var world = SimulatedWorld.Quiet(partitions: 2);
            world.RunFor(TimeSpan.FromSeconds(4));
            var taken = world.Database.Take([new TakeRequest(SimulatedTopic.Name, 1, 0)])[0];
            var fileId = Guid.NewGuid();
            var (staged, final) = (CheckpointFolder.StagedPath(fileId), CheckpointFolder.FinalPath(fileId, DateTimeOffset.UnixEpoch));
            world.Disks[0].Put("/archive/" + staged, new SimulatedFile([], []) { IsSynced = true });
            world.Disks[0].Sync("/archive/staging");
            var range = new PartitionRange(SimulatedTopic.Name, 1, taken.OwnerEpoch, taken.NextOffset, taken.NextOffset + 1, 0);
            world.Database.Register(new StagedCheckpoint(fileId, staged, final, 0, [range]), world.StorageOf(0).StorageId);

            world.RunFor(world.Options.Checkpoint.SettleInterval * 2);
            Assert.Contains("/archive/" + final, world.Disks[0].Names.Keys);
            Assert.All(world.Database.Files, file => Assert.True(file.IsPublished));
        });
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private void Report(int seed, SimulationResult result)
    {
        foreach (var line in result.Trace.TakeLast(400))
            output.WriteLine(line);
        Assert.True(
            result.Violation is null, $"STREAMSCORER_SIMULATION_SEED={seed}: {result.Violation}");
    }
}

/// <summary>It takes every processor: tests that count allocations or wait for others run before it.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SimulationAlone
{
    public const string Name = "simulation alone";
}

/// <summary>Runs histories on threads of their own, where continuations stay inside the event that completes them.</summary>
internal static class SimulationRuns
{
    private const int StackBytes = 16 * 1024 * 1024;

    public static SimulationResult One(int seed, Mutation mutation = Mutation.None, bool keepTrace = false)
    {
        SimulationResult? result = null;
        OnThread(() => result = SimulatedWorld.Run(seed, mutation, keepTrace));
        return result!;
    }

    /// <summary>The lowest of seeds 1 to <paramref name="count"/> that breaks a promise, null when none does.</summary>
    public static int? FirstFailing(int count, Mutation mutation)
    {
        var next = 0;
        var failing = new ConcurrentBag<int>();
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Start(() =>
        {
            for (var seed = Interlocked.Increment(ref next); seed <= count && failing.IsEmpty; seed = Interlocked.Increment(ref next))
                if (SimulatedWorld.Run(seed, mutation).Violation is not null)
                    failing.Add(seed);
        })).ToList();
        threads.ForEach(thread => thread.Join());
        return failing.IsEmpty ? null : failing.Min();
    }

    /// <summary>Runs on a thread of its own and passes on what it throws.</summary>
    public static void OnThread(Action run)
    {
        ExceptionDispatchInfo? thrown = null;
        Start(() =>
        {
            try
            {
                run();
            }
            catch (Exception exception)
            {
                thrown = ExceptionDispatchInfo.Capture(exception);
            }
        }).Join();
        thrown?.Throw();
    }

    private static Thread Start(Action run)
    {
        var thread = new Thread(() => run(), StackBytes);
        thread.Start();
        return thread;
    }
}

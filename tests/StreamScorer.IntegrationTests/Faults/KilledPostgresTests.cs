using StreamScorer.App.Soak;
using StreamScorer.IntegrationTests.Worker;
using Xunit;

namespace StreamScorer.IntegrationTests.Faults;

/// <summary>
/// PostgreSQL dies by kill -9 under load. Hot leads are written without waiting for the disk, so that recovery loses the
/// newest of them; the witnesses that it loses too make the workers score those offsets again.
/// </summary>
public class KilledPostgresTests
{
    [RequiresServicesTheory]
    [InlineData(54)]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    [Scenario(54, Means.RealServices, "PostgreSQL killed -9 four times under load: the crash is noticed at the first registration, the offsets are scored again, the account is clean")]
    public async Task PostgreSQL_killed_under_load_takes_no_hot_lead_for_good(int seed)
    {
        const int Kills = 4;
        await using var own = await OwnServices.StartAsync();
        await using var scope = await TestScope.CreateAsync(own, partitions: 6);
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        var random = new Random(seed);
        // Long checkpoints: much is written that is not registered, and no registration flushes the log meanwhile.
        (string, string)[] settings = [("Checkpoint__MaxAge", "00:00:03"), ("Kafka__SessionTimeout", "00:00:10")];
        await using var first = WorkerProcess.Start(scope, model, settings);
        await using var second = WorkerProcess.Start(scope, model, settings);
        await using var load = SteadyLoad.Start(scope.Kafka, scope.Topic, 2000, new EventMix(seed));
        for (var kill = 0; kill < Kills; kill++)
        {
            var before = await WorkerProcess.ProgressAsync(scope);
            await first.WaitAsync(async () => await WorkerProcess.ProgressAsync(scope) > before, $"progress before kill {kill + 1}");
            await Task.Delay(random.Next(3000));
            await own.Postgres.KillAsync();
            await Task.Delay(random.Next(1000));
            await own.Postgres.RestartAsync();
        }

        await load.StopAsync();
        await first.WaitUntilDrainedAsync(scope, 120);
        var log = $"seed {seed}\n{first.Log}\nThe second worker:\n{second.Log}";
        await first.StopCleanlyAsync();
        await second.StopCleanlyAsync();
        await Oracle.RequireCleanAsync(scope, WorkerProcess.EndOffsets(scope), log);
        Assert.Contains("the database has crashed since they were taken", log, StringComparison.Ordinal);
    }
}

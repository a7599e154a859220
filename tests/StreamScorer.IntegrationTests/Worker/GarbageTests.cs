using System.Globalization;
using StreamScorer.Parquet;
using Xunit;

namespace StreamScorer.IntegrationTests.Worker;

/// <summary>Records that are no events, among good ones: scenarios 44, 46, 48 and 52 of the reliability table.</summary>
public class GarbageTests
{
    [RequiresServicesFact]
    [Scenario(44, Means.RealServices, "each kind is a dead letter byte for byte, neighbours are scored")]
    [Scenario(46, Means.RealServices, "a tombstone is counted and not scored")]
    [Scenario(48, Means.RealServices, "required absent: dead letter; null: imputed; unseen category: rare bucket")]
    public async Task Each_kind_of_garbage_is_dead_lettered_or_defined_and_its_neighbours_are_scored()
    {
        await using var scope = await TestScope.CreateAsync(
            topicSettings: new Dictionary<string, string> { ["max.message.bytes"] = (4 * 1024 * 1024).ToString(CultureInfo.InvariantCulture) });
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        var good = LeadEvents.Cold("good", TestModels.Champion);
        (string? Key, string? Value)[] garbage =
        [
            ("k", "{not json"),
            ("k", "[1,2,3]"),
            ("k", good.Replace("\"totalBrowsingTime\":", "\"totalBrowsingTime\":\"many\",\"x\":", StringComparison.Ordinal)),
            ("k", """{"leadId":"only-an-id"}"""),
            (null, good.Replace("\"leadId\":\"good\",", "", StringComparison.Ordinal)),
            ("k", good.Insert(1, $"\"filler\":\"{new string('x', 2 * 1024 * 1024)}\",")),
            ("k", good.Insert(1, "\"leadId\":\"twice\",")),
            ("k", good.Replace("\"totalVisits\":", "\"totalVisits\":NaN,\"y\":", StringComparison.Ordinal)),
            ("k", good.Replace("\"totalVisits\":", "\"totalVisits\":1e999,\"y\":", StringComparison.Ordinal)),
        ];
        var events = new List<(string?, string?)>();
        foreach (var record in garbage)
            events.AddRange([(string.Create(CultureInfo.InvariantCulture, $"good-{events.Count}"), good), record]);
        events.Add(("tombstone", null));
        events.Add(("last", good));

        await using var worker = WorkerProcess.Start(scope, model);
        LeadEvents.Publish(scope, events);
        await worker.WaitUntilDrainedAsync(scope);
        await worker.StopCleanlyAsync();

        var report = await Oracle.RequireCleanAsync(scope, events.Count, worker.Log);
        Assert.Equal((garbage.Length, 1, garbage.Length + 1), (report.Totals.DeadLetters, report.Totals.Tombstones, report.Totals.Scored));
        Assert.DoesNotContain("only-an-id", worker.Log, StringComparison.Ordinal);
    }

    [RequiresServicesFact]
    public async Task A_probability_of_exactly_the_threshold_is_not_hot()
    {
        await using var scope = await TestScope.CreateAsync();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        LeadEvents.Publish(scope, [("lead-a", LeadEvents.Hot("lead-a", TestModels.Champion))]);
        await using (var first = WorkerProcess.Start(scope, model))
        {
            await first.WaitUntilDrainedAsync(scope);
            await first.StopAsync();
        }

        var probability = Probability(scope);
        Assert.True(probability > 0.7);

        // The same event again with that very probability as the threshold: as doubles, equal is not above.
        LeadEvents.Publish(scope, [("lead-a", LeadEvents.Hot("lead-a", TestModels.Champion))]);
        await using var second = WorkerProcess.Start(
            scope, model, ("Scoring__Threshold", probability.ToString("R", CultureInfo.InvariantCulture)));
        await second.WaitUntilDrainedAsync(scope);
        await second.StopAsync();
        var report = await Oracle.AuditAsync(scope);
        Assert.Equal((0L, 1L), (report.HotLeads, report.CooledLeads));
    }

    private static double Probability(TestScope scope)
    {
        using var file = ParquetFileReader.Open(
            Directory.EnumerateFiles(scope.CheckpointFolder, "*.parquet", SearchOption.AllDirectories).Single());
        var values = new ColumnValues();
        file.ReadColumn(0, file.Schema.IndexOf("probability"), values);
        return values.GetDouble(0);
    }
}

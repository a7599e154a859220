using System.Text.Json;
using StreamScorer.IntegrationTests.Audit;
using Xunit;

namespace StreamScorer.IntegrationTests.Operators;

public class LeadsCommandTests
{
    [RequiresServicesFact]
    public async Task Leads_are_filtered_and_ordered()
    {
        await using var scene = await AuditScene.CreateAsync();
        await scene.ExecuteAsync(
            """
            update hot_leads set features = '{"city":"Pune","totalVisits":4}', reasons = '[{"text":"Total visits: 4, raises the score"}]'
            where lead_id in ('lead-0-3', 'lead-0-6')
            """);

        var top = await LeadsAsync(scene, "--top", "3");
        var city = await LeadsAsync(scene, "--city", "pune", "--sort", "lead");
        var feature = await LeadsAsync(scene, "--feature", "totalVisits=4", "--min", "0.800035");
        var all = await LeadsAsync(scene, "--all", "--top", "100");
        var injection = await LeadsAsync(scene, "--feature", "x' or '1'='1=x");

        Assert.Equal([39, 39, 36], top.Select(lead => (int)Math.Round((lead.GetProperty("probability").GetDouble() - 0.8) * 1e6)));
        Assert.Equal(["lead-0-3", "lead-0-6"], city.Select(lead => lead.GetProperty("leadId").GetString()));
        Assert.Equal(["lead-0-6"], feature.Select(lead => lead.GetProperty("leadId").GetString()));
        Assert.Equal(10, all.Count);
        Assert.Equal(2, all.Count(lead => !lead.GetProperty("hot").GetBoolean()));
        Assert.Empty(injection);
    }

    [RequiresServicesFact]
    public async Task The_table_says_why()
    {
        await using var scene = await AuditScene.CreateAsync();
        await scene.ExecuteAsync("update hot_leads set reasons = '[{\"text\":\"Total visits: 4, raises the score\"}]'");

        var run = await VerbProcess.RunAsync(scene.Scope, "leads", "--hot", "--top", "1");

        Assert.Equal((0, run.Errors), (run.ExitCode, run.Errors));
        Assert.Contains("Total visits: 4, raises the score", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Output);
    }

    [RequiresServicesFact]
    public async Task An_empty_answer_says_what_to_do()
    {
        await using var scene = await AuditScene.CreateEmptyAsync(partitions: 1);
        var none = await VerbProcess.RunAsync(scene.Scope, "leads");
        await scene.ExecuteAsync("drop table hot_leads cascade");
        var noTable = await VerbProcess.RunAsync(scene.Scope, "leads");
        var missing = await VerbProcess.RunAsync(scene.Scope, "leads", "--ConnectionStrings:HotLeads=Host=127.0.0.1;Port=1");

        Assert.Equal((0, 1, 3), (none.ExitCode, noTable.ExitCode, missing.ExitCode));
        Assert.Contains("No lead has been hot yet", none.Errors, StringComparison.Ordinal);
        Assert.Contains("no table hot_leads", noTable.Errors, StringComparison.Ordinal);
        Assert.Empty(none.Output + noTable.Output + missing.Output);
    }

    private static async Task<List<JsonElement>> LeadsAsync(AuditScene scene, params string[] arguments)
    {
        var run = await VerbProcess.RunAsync(scene.Scope, ["leads", "--json", .. arguments]);
        Assert.True(run.ExitCode == 0, run.Errors);
        return [.. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }
}

using Microsoft.Extensions.Configuration;
using StreamScorer.App.Audit;
using Xunit;

namespace StreamScorer.IntegrationTests.Worker;

/// <summary>The deep audit as the judge of a test: topic, Parquet files and PostgreSQL against each other.</summary>
internal static class Oracle
{
    /// <summary>
    /// Everything on the topic is accounted for exactly once, and hot_leads tells what the checkpoints tell. Fails with
    /// the audit's findings and <paramref name="context"/> (a seed, a log).
    /// </summary>
    public static async Task<AuditReport> RequireCleanAsync(TestScope scope, long events, string context = "")
    {
        var report = await AuditAsync(scope);
        Assert.True(report.IsClean, string.Join('\n', report.Findings) + "\n" + context);
        Assert.Equal(events, report.Events);
        return report;
    }

    /// <summary>Audits the scope, drained and deep.</summary>
    public static Task<AuditReport> AuditAsync(TestScope scope)
    {
        var options = SettingsBinder.Bind(new ConfigurationBuilder().AddInMemoryCollection(scope.ToSettings()).Build());
        return new AuditRunner(options).RunAsync(new AuditRequest { Drained = true, Deep = true });
    }
}

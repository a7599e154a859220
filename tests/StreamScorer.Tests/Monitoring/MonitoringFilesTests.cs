using System.Diagnostics;
using Xunit;

namespace StreamScorer.Tests.Monitoring;

/// <summary>Prometheus' and Alertmanager's own programs judge the files that they are to read.</summary>
public sealed class MonitoringFilesTests
{
    private static readonly string Folder = Path.Combine(RepositoryFolder.Path, "src", "monitoring");

    [RequiresProgramFact("promtool")]
    public void Promtool_finds_no_fault_in_the_rules() => Run("promtool", "check", "rules", Path.Combine(Folder, "streamscorer.rules.yml"));

    [RequiresProgramFact("promtool")]
    public void Rules_fire_when_they_should_and_are_silent_otherwise() => Run(
        "promtool", "test", "rules",
        Path.Combine(RepositoryFolder.Path, "tests", "StreamScorer.Tests", "Monitoring", "streamscorer.rules.test.yml"));

    [RequiresProgramFact("amtool")]
    public void Amtool_finds_no_fault_in_the_routes() => Run("amtool", "check-config", Path.Combine(Folder, "alertmanager.yml"));

    [Fact]
    public void Every_alert_has_a_case_that_fires()
    {
        var rules = File.ReadAllLines(Path.Combine(Folder, "streamscorer.rules.yml"));
        var cases = File.ReadAllText(Path.Combine(RepositoryFolder.Path, "tests", "StreamScorer.Tests", "Monitoring", "streamscorer.rules.test.yml"));
        foreach (var alert in rules.Where(line => line.Contains("- alert: ", StringComparison.Ordinal)).Select(line => line.Split(": ")[1]))
            Assert.Contains($"alertname: {alert}\n        exp_alerts:\n          - ", cases, StringComparison.Ordinal);
    }

    private static void Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output.GetAwaiter().GetResult() + errors.GetAwaiter().GetResult());
    }
}

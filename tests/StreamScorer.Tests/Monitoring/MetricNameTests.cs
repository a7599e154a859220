using System.Text.Json;
using System.Text.RegularExpressions;
using StreamScorer.Tests.Repository;
using Xunit;

namespace StreamScorer.Tests.Monitoring;

/// <summary>Rules, dashboard and operating guide speak of the metrics that the code has, and of no others.</summary>
public sealed partial class MetricNameTests
{
    private static readonly string Guide = File.ReadAllText(Path.Combine(RepositoryFolder.Path, "src", "docs", "operating.md"));

    [Fact]
    public void Rules_name_metrics_that_exist()
    {
        var expressions = string.Join('\n', MetricNames.Rules.Split('\n').Where(line => !SaysNoMetric(line)));
        RepositoryTests.NoFaults(MetricNames.In(expressions).Except(MetricNames.InCode).Except(MetricNames.Recorded));
    }

    [Fact]
    public void The_dashboard_names_metrics_that_exist()
    {
        var path = Path.Combine(RepositoryFolder.Path, "src", "monitoring", "grafana", "dashboards", "streamscorer.json");
        using var dashboard = JsonDocument.Parse(File.ReadAllText(path));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().Where(panel => panel.TryGetProperty("targets", out _)).ToList();
        var expressions = panels.SelectMany(panel => panel.GetProperty("targets").EnumerateArray()).Select(target => target.GetProperty("expr").GetString()!).ToList();
        Assert.True(expressions.Count > 30);
        RepositoryTests.NoFaults(expressions.SelectMany(MetricNames.In).Except(MetricNames.InCode).Except(MetricNames.Recorded));
        Assert.All(expressions, expression => Assert.NotEmpty(MetricNames.In(expression).Append(expression.Contains("ALERTS", StringComparison.Ordinal) ? "ALERTS" : null).OfType<string>()));
        Assert.All(panels, panel => Assert.Equal("prometheus", panel.GetProperty("datasource").GetProperty("uid").GetString()));
    }

    [Fact]
    public void The_guide_lists_every_metric_once_and_no_other()
    {
        var listed = MetricRow().Matches(Guide).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(listed.Distinct(), listed);
        RepositoryTests.NoFaults(MetricNames.InCode.Except(listed).Select(name => $"{name} is missing in operating.md"));
        RepositoryTests.NoFaults(listed.Except(MetricNames.InCode).Select(name => $"{name} is in operating.md and not in the code"));
    }

    [Fact]
    public void Every_alert_has_its_chapter()
    {
        var alerts = AlertName().Matches(MetricNames.Rules).Select(match => match.Groups[1].Value).ToList();
        var chapters = Chapter().Matches(Guide).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(alerts, chapters);
        foreach (var link in RunbookUrl().Matches(MetricNames.Rules).Select(match => match.Groups[1].Value))
            Assert.Contains(chapters, chapter => link == $"src/docs/operating.md#{chapter.ToLowerInvariant()}");
    }

    private static bool SaysNoMetric(string line) =>
        line.TrimStart().StartsWith('#') || line.Contains("- name:", StringComparison.Ordinal) || line.Contains("runbook_url:", StringComparison.Ordinal);

    [GeneratedRegex(@"(?m)^\| `([a-z0-9_]+)` \|")]
    private static partial Regex MetricRow();

    [GeneratedRegex(@"- alert: (\w+)")]
    private static partial Regex AlertName();

    [GeneratedRegex(@"(?m)^### (StreamScorer(?!Test)\w+)$")]
    private static partial Regex Chapter();

    [GeneratedRegex(@"runbook_url: (\S+)")]
    private static partial Regex RunbookUrl();
}

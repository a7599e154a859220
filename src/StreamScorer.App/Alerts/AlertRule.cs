namespace StreamScorer.App.Alerts;

/// <summary>One condition and how long it must last.</summary>
/// <param name="Name">As in the Prometheus rules.</param>
/// <param name="Severity">How soon to look.</param>
/// <param name="For">How long the condition must hold before anybody is told.</param>
/// <param name="Limit">The figure in the condition, for the test that compares it with the Prometheus rule.</param>
/// <param name="Check">Where it holds: what it holds for, in one sentence each.</param>
internal sealed record AlertRule(
    string Name, AlertSeverity Severity, TimeSpan For, double Limit, Func<AlertFigures, IEnumerable<AlertFinding>> Check)
{
    /// <summary>The chapter of the operating guide.</summary>
    public string Runbook => $"src/docs/operating.md#{Name.ToLowerInvariant()}";
}

/// <summary>Something a condition holds for.</summary>
/// <param name="Subject">A feature, a model or a dependency; empty where the condition has only one. Never a lead.</param>
/// <param name="Summary">One sentence with the figure.</param>
internal readonly record struct AlertFinding(string Subject, string Summary);

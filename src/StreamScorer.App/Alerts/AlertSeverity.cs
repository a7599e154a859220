namespace StreamScorer.App.Alerts;

/// <summary>How soon a person should look.</summary>
internal enum AlertSeverity
{
    /// <summary>Within the working day.</summary>
    Warning,

    /// <summary>Now.</summary>
    Critical,
}

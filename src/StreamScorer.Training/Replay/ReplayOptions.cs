namespace StreamScorer.Training.Replay;

/// <summary>What of a prepared dataset goes where, and how fast.</summary>
/// <param name="Topic">Topic of the events.</param>
public sealed record ReplayOptions(string Topic)
{
    /// <summary>Topic of the outcomes, unless told otherwise.</summary>
    public const string DefaultOutcomeTopic = "lead-outcomes";

    /// <summary>Events per second, above 0; null publishes as fast as the broker takes them.</summary>
    public double? EventsPerSecond { get; init; }

    /// <summary>Where each lead's outcome goes, after the events of its file; null keeps outcomes back.</summary>
    public string? OutcomeTopic { get; init; }

    /// <summary>Leads that are left out, because an earlier replay has published them; null leaves out none.</summary>
    public IReadOnlySet<string>? SkipLeads { get; init; }

    /// <summary>What is done to features on the way, in this order, to see whether it is noticed.</summary>
    public IReadOnlyList<FeatureChange> Changes { get; init; } = [];

    /// <summary>Stands behind each lead id, so that one dataset gives new leads again and again; empty leaves ids as they are.</summary>
    public string LeadSuffix { get; init; } = "";

    /// <summary>How long a stop waits for the confirmation of what is under way.</summary>
    public TimeSpan StopPatience { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>How far a replay has come. Reported while a file is under way and once when it is through.</summary>
/// <param name="File">Position of the file in the dataset, from 0.</param>
/// <param name="FileName">Its name without folder.</param>
/// <param name="FileDelivered">Events of this file that the broker has confirmed.</param>
/// <param name="FileEvents">Events of this file to publish; skipped leads are not among them once they are known.</param>
/// <param name="Delivered">Events confirmed over all files.</param>
/// <param name="Total">Rows of the dataset, skipped leads included.</param>
public readonly record struct ReplayProgress(
    int File, string FileName, long FileDelivered, long FileEvents, long Delivered, long Total);

/// <summary>What a replay did.</summary>
/// <param name="Topic">Topic of the events.</param>
/// <param name="Files">Files published whole.</param>
/// <param name="Events">Events handed to the client.</param>
/// <param name="Delivered">Events that the broker has confirmed.</param>
/// <param name="Skipped">Events left out because their lead was to be skipped.</param>
/// <param name="Outcomes">Outcomes that the broker has confirmed.</param>
/// <param name="Complete">Whether everything was published and confirmed; false after a stop.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record ReplaySummary(
    string Topic, int Files, long Events, long Delivered, long Skipped, long Outcomes, bool Complete, double Seconds);

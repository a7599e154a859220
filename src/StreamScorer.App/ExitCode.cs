namespace StreamScorer.App;

/// <summary>What the process tells its caller; the same for every verb.</summary>
internal static class ExitCode
{
    /// <summary>The work is done, the answer is yes.</summary>
    public const int Done = 0;

    /// <summary>The work failed, or the answer is no.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the settings are wrong.</summary>
    public const int BadUsage = 2;

    /// <summary>Kafka, PostgreSQL or another needed service cannot be reached.</summary>
    public const int ServiceMissing = 3;
}

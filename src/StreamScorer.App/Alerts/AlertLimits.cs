namespace StreamScorer.App.Alerts;

/// <summary>The limits of the alerts; those of src/monitoring/streamscorer.rules.yml are the same.</summary>
internal static class AlertLimits
{
    /// <summary>Seconds that a record may wait for its published checkpoint.</summary>
    public const double OpenSeconds = 600;

    /// <summary>Records that may wait on the topic.</summary>
    public const double LagRecords = 100_000;

    /// <summary>Failed uses of a dependency a second.</summary>
    public const double FailuresPerSecond = 0.1;

    /// <summary>Dead letters among the records.</summary>
    public const double DeadLetterShare = 0.01;

    /// <summary>Events that break the schema at one feature.</summary>
    public const double SchemaFailureShare = 0.05;

    /// <summary>Population stability index of a feature.</summary>
    public const double FeaturePsi = 0.2;

    /// <summary>Missing values beyond the share in training.</summary>
    public const double ExtraNulls = 0.1;

    /// <summary>Rare and unseen categories beyond the share in training.</summary>
    public const double ExtraUnseen = 0.05;

    /// <summary>Population stability index of the scores.</summary>
    public const double ScorePsi = 0.2;

    /// <summary>AUC below what the scores promised.</summary>
    public const double AucDrop = 0.05;

    /// <summary>Precision above 0.7 below what the scores promised.</summary>
    public const double PrecisionDrop = 0.1;

    /// <summary>Free share of the archive's disk.</summary>
    public const double FreeShare = 0.1;
}

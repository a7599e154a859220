namespace StreamScorer.Forests;

/// <summary>How a feature's values are read and split on. The numbers are stored in model files: never renumber.</summary>
public enum FeatureKind
{
    /// <summary>A finite double; trees split it by threshold.</summary>
    Numeric = 0,

    /// <summary>A text token from a trained dictionary; the row holds its code, trees split the codes into two sets.</summary>
    Categorical = 1,

    /// <summary>0 or 1.</summary>
    Boolean = 2,

    /// <summary>
    /// An instant; the row holds its age in days at the event's own time, so that a model does not grow stale.
    /// </summary>
    Timestamp = 3,
}

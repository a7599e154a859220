namespace StreamScorer.Forests;

/// <summary>How a raw score becomes the probability people see. The numbers are stored in model files.</summary>
public enum CalibrationKind
{
    /// <summary>
    /// A forest's mean leaf is taken as the probability; boosting's log-odds go through the logistic function.
    /// </summary>
    None = 0,

    /// <summary>Logistic regression on the raw score's log-odds (Platt 1999), strictly increasing.</summary>
    Platt = 1,

    /// <summary>A step function fitted by pooling adjacent violators; many raw scores then share one probability.</summary>
    Isotonic = 2,
}

/// <summary>Scale of the raw scores a calibration reads. The numbers are stored in model files.</summary>
public enum CalibrationInput
{
    /// <summary>0 to 1: a forest's mean leaf or an ensemble's weighted mean.</summary>
    Probability = 0,

    /// <summary>Any real number: boosting's sum.</summary>
    LogOdds = 1,
}

namespace StreamScorer.Forests;

/// <summary>How a raw score becomes the probability people see. The numbers are stored in model files.</summary>
public enum CalibrationKind
{
    /// <summary>The raw score is the probability, limited to 0–1.</summary>
    None = 0,

    /// <summary><c>1 / (1 + exp(-(Slope * x + Intercept)))</c> with x the raw score or its log-odds; strictly increasing.</summary>
    Platt = 1,

    /// <summary>A step function fitted by pooling adjacent violators; many raw scores share one probability.</summary>
    Isotonic = 2,
}

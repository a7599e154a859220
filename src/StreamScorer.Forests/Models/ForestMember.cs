namespace StreamScorer.Forests;

/// <summary>What a member's raw output is. The numbers are stored in model files.</summary>
internal enum MemberOutput
{
    /// <summary>Mean of the leaves reached (random forest): a probability.</summary>
    MeanOfLeaves = 0,

    /// <summary>Base score plus the sum of the leaves reached (boosting): log-odds.</summary>
    SumOfLeaves = 1,
}

/// <summary>One tree ensemble of a model. A plain model has one member; the two-model ensemble has two with weights.</summary>
internal sealed class ForestMember
{
    public required string Algorithm { get; init; }

    public required MemberOutput Output { get; init; }

    public required IReadOnlyList<DecisionTree> Trees { get; init; }

    /// <summary>Where the sum starts; 0 for forests.</summary>
    public double BaseScore { get; init; }

    /// <summary>
    /// Sum in single precision, as XGBoost does, so that an imported model's scores keep the source's last bit.
    /// </summary>
    public bool SinglePrecision { get; init; }

    /// <summary>Share of this member's probability in the ensemble's raw score; the weights of a model sum to 1.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Raw output to probability; used only when a model has several members.</summary>
    public Calibration Calibration { get; init; } = Calibration.Identity;

    /// <summary>The same trees in the role of an ensemble's member.</summary>
    public ForestMember With(double weight, Calibration calibration) => new()
    {
        Algorithm = Algorithm,
        Output = Output,
        Trees = Trees,
        BaseScore = BaseScore,
        SinglePrecision = SinglePrecision,
        Weight = weight,
        Calibration = calibration,
    };

    /// <summary>One step of the sum, in the member's precision.</summary>
    public double Add(double sum, double leaf) => SinglePrecision ? (float)sum + (float)leaf : sum + leaf;

    /// <summary>Turns the sum over base score and leaves into the member's raw output.</summary>
    public double Finish(double sum) => Output == MemberOutput.MeanOfLeaves ? sum / Trees.Count : sum;
}

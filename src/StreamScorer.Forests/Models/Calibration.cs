namespace StreamScorer.Forests;

/// <summary>
/// Maps raw scores to probabilities, increasing. Immutable. Fitted on scores of rows the model was not trained on.
/// </summary>
public sealed class Calibration
{
    // Keeps the log-odds of a forest's 0 and 1 finite and distinct from their neighbours', so that the map stays
    // strictly increasing over the whole range.
    private const double Smoothing = 1e-3;

    private readonly double[] _steps;
    private readonly double[] _levels;

    private Calibration(
        CalibrationKind kind, CalibrationInput input, double slope, double intercept, double[] steps, double[] levels)
    {
        Kind = kind;
        Input = input;
        Slope = slope;
        Intercept = intercept;
        _steps = steps;
        _levels = levels;
    }

    /// <summary>The raw score is the probability.</summary>
    public static Calibration Identity { get; } = None(CalibrationInput.Probability);

    public CalibrationKind Kind { get; }

    public CalibrationInput Input { get; }

    /// <summary>Platt: factor of the log-odds, above 0.</summary>
    public double Slope { get; }

    /// <summary>Platt: added to the scaled log-odds.</summary>
    public double Intercept { get; }

    /// <summary>
    /// Isotonic: raw scores from which each of <see cref="Levels"/> holds, ascending; the first is -infinity.
    /// </summary>
    public IReadOnlyList<double> Steps => _steps;

    /// <summary>Isotonic: probabilities, ascending.</summary>
    public IReadOnlyList<double> Levels => _levels;

    public static Calibration None(CalibrationInput input) => new(CalibrationKind.None, input, 1, 0, [], []);

    public static Calibration Platt(CalibrationInput input, double slope, double intercept) =>
        new(CalibrationKind.Platt, input, slope, intercept, [], []);

    public static Calibration Isotonic(CalibrationInput input, double[] steps, double[] levels) =>
        new(CalibrationKind.Isotonic, input, 1, 0, steps, levels);

    /// <param name="kind">What to fit.</param>
    /// <param name="raw">Scores of rows the model has not seen in training; at least one.</param>
    /// <param name="labels">Their labels.</param>
    /// <param name="input">Scale of <paramref name="raw"/>.</param>
    public static Calibration Fit(
        CalibrationKind kind, ReadOnlySpan<double> raw, ReadOnlySpan<bool> labels, CalibrationInput input) =>
        kind switch
        {
            CalibrationKind.Platt => PlattFit.Fit(raw, labels, input),
            CalibrationKind.Isotonic => IsotonicFit.Fit(raw, labels, input),
            _ => None(input),
        };

    /// <summary>The probability of a raw score, 0 to 1.</summary>
    public double Apply(double raw)
    {
        if (Kind == CalibrationKind.Isotonic)
        {
            var at = Array.BinarySearch(_steps, raw);
            return _levels[at >= 0 ? at : Math.Max(0, ~at - 1)];
        }

        if (Kind == CalibrationKind.None && Input == CalibrationInput.Probability)
            return Math.Clamp(raw, 0, 1);
        return Logistic((Slope * LogOdds(raw, Input)) + Intercept);
    }

    internal static double LogOdds(double raw, CalibrationInput input)
    {
        if (input == CalibrationInput.LogOdds)
            return raw;
        var limited = Math.Clamp(raw, 0, 1);
        return Math.Log((limited + Smoothing) / (1 - limited + Smoothing));
    }

    // Two forms of one function: each keeps full precision on its side of zero.
    internal static double Logistic(double x)
    {
        if (x >= 0)
            return 1 / (1 + Math.Exp(-x));
        var e = Math.Exp(x);
        return e / (1 + e);
    }
}

namespace StreamScorer.Forests;

/// <summary>
/// Platt scaling by Newton's method with the smoothed targets and step halving of Lin, Lin and Weng, "A note on Platt's
/// probabilistic outputs for support vector machines" (2007).
/// </summary>
internal static class PlattFit
{
    private const int MostIterations = 100;

    // A slope of zero or below would turn the ranking round or make it flat; both mean the scores carry no signal.
    private const double LeastSlope = 1e-6;

    public static Calibration Fit(ReadOnlySpan<double> raw, ReadOnlySpan<bool> labels, CalibrationInput input)
    {
        var scores = new double[raw.Length];
        var targets = new double[raw.Length];
        var positives = labels.Count(true);
        var high = (positives + 1.0) / (positives + 2.0);
        var low = 1.0 / (labels.Length - positives + 2.0);
        for (var i = 0; i < raw.Length; i++)
        {
            scores[i] = Calibration.LogOdds(raw[i], input);
            targets[i] = labels[i] ? high : low;
        }

        var (slope, intercept) = Minimise(scores, targets);
        return Calibration.Platt(input, Math.Max(LeastSlope, slope), intercept);
    }

    private static (double Slope, double Intercept) Minimise(double[] scores, double[] targets)
    {
        var (slope, intercept) = (1.0, 0.0);
        var loss = Loss(scores, targets, slope, intercept);
        for (var iteration = 0; iteration < MostIterations; iteration++)
        {
            var (stepSlope, stepIntercept) = NewtonStep(scores, targets, slope, intercept);
            var scale = 1.0;
            var next = Loss(scores, targets, slope - stepSlope, intercept - stepIntercept);
            while (!(next <= loss) && scale > 1e-10)
            {
                scale /= 2;
                next = Loss(scores, targets, slope - (scale * stepSlope), intercept - (scale * stepIntercept));
            }

            if (!(next < loss - 1e-12))
                break;
            slope -= scale * stepSlope;
            intercept -= scale * stepIntercept;
            loss = next;
        }

        return (slope, intercept);
    }

    private static (double Slope, double Intercept) NewtonStep(double[] scores, double[] targets, double slope, double intercept)
    {
        // A little on the diagonal keeps the system solvable when all scores are alike.
        var (gradientSlope, gradientIntercept) = (0.0, 0.0);
        var (hessianSlope, hessianIntercept, hessianBoth) = (1e-12, 1e-12, 0.0);
        for (var i = 0; i < scores.Length; i++)
        {
            var probability = Calibration.Logistic((slope * scores[i]) + intercept);
            var error = probability - targets[i];
            var curvature = probability * (1 - probability);
            gradientSlope += error * scores[i];
            gradientIntercept += error;
            hessianSlope += curvature * scores[i] * scores[i];
            hessianBoth += curvature * scores[i];
            hessianIntercept += curvature;
        }

        var determinant = (hessianSlope * hessianIntercept) - (hessianBoth * hessianBoth);
        return (
            ((hessianIntercept * gradientSlope) - (hessianBoth * gradientIntercept)) / determinant,
            ((hessianSlope * gradientIntercept) - (hessianBoth * gradientSlope)) / determinant);
    }

    // Cross entropy, written so that neither tail overflows.
    private static double Loss(double[] scores, double[] targets, double slope, double intercept)
    {
        var loss = 0.0;
        for (var i = 0; i < scores.Length; i++)
        {
            var x = (slope * scores[i]) + intercept;
            loss += Math.Max(x, 0) - (targets[i] * x) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
        }

        return loss / scores.Length;
    }
}

using StreamScorer.Training.Learning;

namespace StreamScorer.Training.Tuning;

/// <summary>A set of settings and what cross-validation measured with them.</summary>
/// <param name="Number">Position in the search, from 1.</param>
/// <param name="Settings">The settings.</param>
/// <param name="AucRoc">Mean over the folds.</param>
/// <param name="AucRocDeviation">Standard deviation between the folds.</param>
/// <param name="LogLoss">Mean over the folds.</param>
/// <param name="LogLossDeviation">Standard deviation between the folds.</param>
/// <param name="Accuracy">Mean over the folds.</param>
public sealed record Trial(
    int Number, AlgorithmSettings Settings, double AucRoc, double AucRocDeviation, double LogLoss, double LogLossDeviation,
    double Accuracy)
{
    internal static Trial Of(int number, AlgorithmSettings settings, CrossValidationResult result)
    {
        var (auc, aucDeviation) = result.Of(metrics => metrics.AucRoc);
        var (logLoss, logLossDeviation) = result.Of(metrics => metrics.LogLoss);
        return new Trial(number, settings, auc, aucDeviation, logLoss, logLossDeviation,
            result.Of(metrics => metrics.Accuracy).Mean);
    }
}

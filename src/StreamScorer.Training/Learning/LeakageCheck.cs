using System.Globalization;
using StreamScorer.Forests;

namespace StreamScorer.Training.Learning;

/// <summary>
/// Warns of features that know too much. A feature that nearly decides the outcome alone was often filled in after it, and
/// a model that leans on it fails where it matters: on leads whose outcome is still open.
/// </summary>
internal static class LeakageCheck
{
    private const string Remedy = "Is it known before the outcome? If not, train without it (--exclude).";

    /// <summary>Sentences for the model card and the terminal; empty when nothing stands out.</summary>
    public static IReadOnlyList<string> Warnings(IEnumerable<FeatureImportance> importance)
        => [.. importance.Where(feature => feature.LooksLikeLeak).Select(feature => Reason(feature) + Remedy)];

    private static string Reason(FeatureImportance feature) => feature.AloneAuc > FeatureImportance.LeakAuc
        ? Invariant($"`{feature.Feature}` alone reaches an AUC of {feature.AloneAuc:F3}. ")
        : Invariant($"`{feature.Feature}` dwarfs the rest: {feature.GainShare:P0} of the gain, ")
            + Invariant($"an AUC of {feature.AloneAuc:F3} alone. ");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

using System.Globalization;

namespace StreamScorer.Training.Learning;

/// <summary>
/// Finds features that know too much. A feature that nearly decides the outcome alone was often filled in after it, and a
/// model that leans on it fails where it matters: on leads whose outcome is still open.
/// </summary>
internal static class LeakageCheck
{
    private const double SuspiciousAuc = 0.95;

    /// <summary>The model leans on one feature this many times as much as on the next.</summary>
    private const double DwarfsTimes = 5;

    /// <summary>Only where shuffling the feature costs this much AUC: among weak features one may well dwarf the rest.</summary>
    private const double NoticeableDrop = 0.03;

    /// <summary>Sentences for the model card and the terminal; empty when nothing stands out.</summary>
    /// <param name="importance">Largest drop first.</param>
    public static IReadOnlyList<string> Warnings(IReadOnlyList<FeatureImportance> importance)
    {
        var warnings = new List<string>();
        foreach (var feature in importance)
        {
            if (feature.AloneAuc > SuspiciousAuc)
            {
                warnings.Add(Invariant($"`{feature.Feature}` alone reaches an AUC of {feature.AloneAuc:F3}. ")
                    + "Is it known before the outcome? If not, train without it (--exclude).");
            }
            else if (feature == importance[0] && Dwarfs(feature, importance))
            {
                warnings.Add(Invariant($"The model leans on `{feature.Feature}` far more than on anything else (AUC falls by ")
                    + Invariant($"{feature.AucDrop:F3} without it, by {importance[1].AucDrop:F3} without the next). ")
                    + "Is it known before the outcome? If not, train without it (--exclude).");
            }
        }

        return warnings;
    }

    private static bool Dwarfs(FeatureImportance first, IReadOnlyList<FeatureImportance> all)
        => all.Count > 1 && first.AucDrop > NoticeableDrop && first.AucDrop > DwarfsTimes * Math.Max(0, all[1].AucDrop);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

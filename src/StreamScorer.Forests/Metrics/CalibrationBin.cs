namespace StreamScorer.Forests;

/// <summary>One line of a calibration table.</summary>
/// <param name="Low">Lower end of the bin, inclusive.</param>
/// <param name="High">Upper end, exclusive but for the last bin.</param>
/// <param name="Rows">Rows whose probability lies in the bin.</param>
/// <param name="MeanProbability">What was predicted on average; 0 for an empty bin.</param>
/// <param name="ObservedRate">What came true; 0 for an empty bin.</param>
public sealed record CalibrationBin(double Low, double High, int Rows, double MeanProbability, double ObservedRate)
{
    /// <summary>Equal widths over 0 to 1.</summary>
    public static IReadOnlyList<CalibrationBin> Table(ReadOnlySpan<double> probability, ReadOnlySpan<bool> labels, int bins)
    {
        var rows = new int[bins];
        var sums = new double[bins];
        var positives = new int[bins];
        for (var i = 0; i < labels.Length; i++)
        {
            var bin = Math.Clamp((int)(probability[i] * bins), 0, bins - 1);
            rows[bin]++;
            sums[bin] += probability[i];
            positives[bin] += labels[i] ? 1 : 0;
        }

        var table = new CalibrationBin[bins];
        for (var bin = 0; bin < bins; bin++)
        {
            var some = Math.Max(1, rows[bin]);
            table[bin] = new CalibrationBin(
                (double)bin / bins, (bin + 1.0) / bins, rows[bin], sums[bin] / some, (double)positives[bin] / some);
        }

        return table;
    }
}

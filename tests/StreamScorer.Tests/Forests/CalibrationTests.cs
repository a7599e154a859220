using StreamScorer.Forests;
using Xunit;

namespace StreamScorer.Tests.Forests;

public class CalibrationTests
{
    [Fact]
    public void Platt_recovers_the_logistic_it_was_drawn_from()
    {
        const int seed = 5;
        var random = new Random(seed);
        var raw = Enumerable.Range(0, 50_000).Select(_ => (random.NextDouble() * 8) - 4).ToArray();
        var labels = Array.ConvertAll(raw, x => random.NextDouble() < 1 / (1 + Math.Exp(-((0.7 * x) + 0.3))));
        var fitted = Calibration.Fit(CalibrationKind.Platt, raw, labels, CalibrationInput.LogOdds);
        Assert.Equal(0.7, fitted.Slope, 0.03);
        Assert.Equal(0.3, fitted.Intercept, 0.03);
    }

    [Fact]
    public void Platt_is_strictly_increasing_over_a_forests_range_and_at_its_ends()
    {
        var calibration = Calibration.Platt(CalibrationInput.Probability, 1.3, -0.2);
        var last = -1.0;
        for (var i = 0; i <= 100_000; i++)
        {
            var probability = calibration.Apply(i / 100_000.0);
            Assert.True(probability > last && probability is > 0 and < 1, $"at {i}");
            last = probability;
        }
    }

    [Fact]
    public void Scores_without_signal_never_turn_the_ranking_round()
    {
        var calibration = Calibration.Fit(
            CalibrationKind.Platt, [0.9, 0.8, 0.2, 0.1], [false, false, true, true], CalibrationInput.Probability);
        Assert.True(calibration.Apply(0.9) > calibration.Apply(0.1));
    }

    [Fact]
    public void Isotonic_pools_violators_and_keeps_ties_together()
    {
        var calibration = Calibration.Fit(
            CalibrationKind.Isotonic, [1, 2, 2, 3, 4], [false, true, false, false, true], CalibrationInput.LogOdds);
        Assert.Equal([double.NegativeInfinity, 2, 4], calibration.Steps);
        Assert.Equal([0, 1.0 / 3, 1], calibration.Levels);
        Assert.Equal([0, 1.0 / 3, 1.0 / 3, 1, 1], new[] { 1.9, 2, 3.9, 4, 99 }.Select(calibration.Apply));
    }
}

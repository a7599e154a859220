using StreamScorer.Forests;
using StreamScorer.Telemetry.Outcomes;
using StreamScorer.Telemetry.Quality;

namespace StreamScorer.App.Quality;

/// <summary>Model quality for programs. Names are only ever added.</summary>
internal sealed record QualityLine(double WindowDays, OutcomeCounts Outcomes, IReadOnlyList<ModelLine> Models)
{
    public static QualityLine Of(TimeSpan window, OutcomeCounts counts, IReadOnlyList<ModelQuality> models) =>
        new(window.TotalDays, counts, [.. models.Select(ModelLine.Of)]);
}

/// <summary>One model of it.</summary>
internal sealed record ModelLine(
    string Model, string Id, int Rows, int Converted, double AucRoc, double AucPr, double LogLoss, double Brier, double CalibrationError,
    double HotPrecision, double HotCoverage, ExpectedPerformance Expected, IReadOnlyList<BucketConversion> Buckets,
    IReadOnlyList<CalibrationBin> Calibration)
{
    public static ModelLine Of(ModelQuality model)
    {
        var realised = model.Realised;
        return new ModelLine(
            model.ModelName, model.ModelId, realised.Rows, realised.Positives, realised.AucRoc, realised.AucPr, realised.LogLoss, realised.Brier,
            realised.CalibrationError, realised.HotPrecision, realised.HotCoverage, model.Expected, model.Buckets, realised.Calibration);
    }
}

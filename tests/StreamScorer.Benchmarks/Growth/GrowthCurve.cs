using System.Globalization;
using StreamScorer.Training.Charts;

namespace StreamScorer.Benchmarks.Growth;

/// <summary>What one size cost.</summary>
/// <param name="X">The size.</param>
/// <param name="Cost">The cost that is judged, in <see cref="GrowthCurve.Unit"/>.</param>
/// <param name="Parts">What it is made of and what else was seen, for the table.</param>
internal sealed record GrowthPoint(double X, double Cost, IReadOnlyList<double> Parts);

/// <summary>How a cost grows with a size.</summary>
/// <param name="Name">For <c>--only</c> and the file's name.</param>
/// <param name="Size">What grows.</param>
/// <param name="Unit">Of the cost.</param>
/// <param name="MostExponent">
/// The highest power of the size that the cost may follow from one size to the next: 1 where the work is proportional, 0
/// where the size should not matter.
/// </param>
/// <param name="Columns">Names of the parts.</param>
internal sealed record GrowthCurve(string Name, string Size, string Unit, double MostExponent, IReadOnlyList<string> Columns)
{
    // Between two sizes a cost varies by a few percent of its own: a power a quarter above the bound is a finding.
    private const double Tolerance = 0.25;

    /// <summary>By size.</summary>
    public List<GrowthPoint> Points { get; } = [];

    /// <summary>The steepest step: the exponent of the power of the size that leads from one cost to the next.</summary>
    public double SteepestExponent => Points.Count < 2 ? 0 : Points.Zip(Points.Skip(1)).Max(step =>
        Math.Log(step.Second.Cost / step.First.Cost) / Math.Log(step.Second.X / step.First.X));

    /// <summary>Whether no step is steeper than it may be.</summary>
    public bool IsAsExpected => SteepestExponent <= MostExponent + Tolerance;

    /// <summary>The answer in words.</summary>
    public string Verdict => string.Create(
        CultureInfo.InvariantCulture, $"{Name}: {Unit} grows at most as {Size} to the power {SteepestExponent:F2}: {Judgement}");

    private string Judgement => !IsAsExpected ? "NOT AS IT SHOULD" : MostExponent > 0 ? "linear or better" : "flat";

    /// <summary>The curve as SVG, from zero on; dashed where proportional growth would lead.</summary>
    public string ToSvg()
    {
        var chart = new SvgChart(
            $"{Unit} by {Size}", new ChartAxis(Size, 0, Points.Max(p => p.X)), new ChartAxis(Unit, 0, Points.Max(p => p.Cost) * 1.1));
        chart.Line([.. Points.Select(p => new ChartPoint(p.X, p.Cost))], Svg.Blue, "measured", dots: true);
        if (MostExponent > 0 && Points.Count > 1)
        {
            // Through the two smallest sizes: a fixed share and a proportional one.
            var (a, b) = (Points[0], Points[1]);
            var slope = (b.Cost - a.Cost) / (b.X - a.X);
            chart.Line([.. Points.Select(p => new ChartPoint(p.X, a.Cost + (slope * (p.X - a.X))))], Svg.Muted, "straight on");
        }

        return chart.ToString();
    }

    /// <summary>The line of a point in the table, or the heading.</summary>
    public string Row(GrowthPoint? point) => point is null
        ? $"{Size,20}{Unit,26}{string.Concat(Columns.Select(column => $"{column,18}"))}"
        : string.Create(CultureInfo.InvariantCulture, $"{point.X,20:N0}{point.Cost,26:F2}")
            + string.Concat(point.Parts.Select(part => string.Create(CultureInfo.InvariantCulture, $"{part,18:N2}")));
}

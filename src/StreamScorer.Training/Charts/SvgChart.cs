using System.Globalization;
using System.Text;

namespace StreamScorer.Training.Charts;

/// <summary>A point in the units of the axes.</summary>
internal readonly record struct ChartPoint(double X, double Y);

/// <summary>An axis: its title, and the values at its ends.</summary>
internal sealed record ChartAxis(string Title, double Low, double High)
{
    /// <summary>Position of a value between the ends, 0 to 1.</summary>
    public double At(double value) => High > Low ? Math.Clamp((value - Low) / (High - Low), 0, 1) : 0;

    /// <summary>Six values from end to end.</summary>
    public IEnumerable<double> Ticks => Enumerable.Range(0, 6).Select(i => Low + (High - Low) * i / 5);

    /// <summary>A tick's text: thousands' commas for large ranges, as many digits as the range needs.</summary>
    public string Text(double tick)
    {
        var format = High - Low > 20 ? "N0" : High - Low > 0.25 ? "0.0" : "0.000";
        return tick.ToString(format, CultureInfo.InvariantCulture);
    }
}

/// <summary>
/// A line chart as SVG text: no scripts, no fonts of its own, readable on light and dark pages alike because it brings its
/// own background. The same input gives the same bytes.
/// </summary>
internal sealed class SvgChart
{
    private const int Width = 560, Height = 400, Left = 70, Right = 20, Top = 40, Bottom = 60;

    private readonly StringBuilder _body = new();
    private readonly ChartAxis _x;
    private readonly ChartAxis _y;
    private int _legendLines;

    public SvgChart(string title, ChartAxis x, ChartAxis y)
    {
        _x = x;
        _y = y;
        Svg.Open(_body, Width, Height, title);
        foreach (var tick in x.Ticks)
        {
            Svg.Line(_body, X(tick), Top, X(tick), Height - Bottom, Svg.Grid);
            Svg.Text(_body, X(tick), Height - Bottom + 18, "middle", x.Text(tick));
        }

        foreach (var tick in y.Ticks)
        {
            Svg.Line(_body, Left, Y(tick), Width - Right, Y(tick), Svg.Grid);
            Svg.Text(_body, Left - 8, Y(tick) + 4, "end", y.Text(tick));
        }

        Svg.Text(_body, (Left + Width - Right) / 2.0, Height - 14, "middle", x.Title);
        Svg.TextUpwards(_body, 18, (Top + Height - Bottom) / 2.0, y.Title);
    }

    /// <summary>The line of equal values, dashed, for comparison.</summary>
    public SvgChart Diagonal()
    {
        Svg.Line(_body, X(_x.Low), Y(_y.Low), X(_x.High), Y(_y.High), Svg.Muted, dashed: true);
        return this;
    }

    /// <param name="points">From left to right.</param>
    /// <param name="colour">A CSS colour.</param>
    /// <param name="legend">What the line is; null for none.</param>
    /// <param name="dots">Whether to mark the points.</param>
    public SvgChart Line(IReadOnlyList<ChartPoint> points, string colour, string? legend = null, bool dots = false)
    {
        Svg.Path(_body, points.Select(point => (X(point.X), Y(point.Y))), colour);
        if (dots)
            foreach (var point in points) Svg.Dot(_body, X(point.X), Y(point.Y), colour);
        if (legend is null) return this;
        var y = Height - Bottom - 16 - 18 * _legendLines++;
        Svg.Line(_body, Width - Right - 190, y - 4, Width - Right - 170, y - 4, colour);
        Svg.Text(_body, Width - Right - 164, y, "start", legend);
        return this;
    }

    public override string ToString() => _body + "</svg>\n";

    private double X(double value) => Left + (Width - Left - Right) * _x.At(value);

    private double Y(double value) => Height - Bottom - (Height - Top - Bottom) * _y.At(value);
}

using System.Globalization;
using System.Security;
using System.Text;

namespace StreamScorer.Training.Charts;

/// <summary>SVG elements as text; lengths in pixels, one decimal.</summary>
internal static class Svg
{
    public const string Blue = "#1f6fb2";
    public const string Orange = "#c8641b";
    public const string Grid = "#e3e6ea";
    public const string Muted = "#8a919a";
    private const string Ink = "#24292f";

    public static void Open(StringBuilder svg, int width, int height, string title)
    {
        var escaped = SecurityElement.Escape(title);
        Append(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" ");
        Append(svg, $"viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"sans-serif\" font-size=\"12\">\n");
        Append(svg, $"<title>{escaped}</title>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n");
        Append(svg, $"<text x=\"{width / 2}\" y=\"24\" text-anchor=\"middle\" font-size=\"15\" fill=\"{Ink}\">{escaped}</text>\n");
    }

    public static void Line(StringBuilder svg, double x1, double y1, double x2, double y2, string colour, bool dashed = false)
    {
        var dashes = dashed ? " stroke-dasharray=\"5 4\"" : "";
        Append(svg, $"<line x1=\"{x1:F1}\" y1=\"{y1:F1}\" x2=\"{x2:F1}\" y2=\"{y2:F1}\" stroke=\"{colour}\"{dashes}/>\n");
    }

    public static void Path(StringBuilder svg, IEnumerable<(double X, double Y)> points, string colour)
    {
        svg.Append("<polyline fill=\"none\" stroke-width=\"2\" stroke=\"").Append(colour).Append("\" points=\"");
        foreach (var (x, y) in points) Append(svg, $"{x:F1},{y:F1} ");
        svg.Append("\"/>\n");
    }

    public static void Dot(StringBuilder svg, double x, double y, string colour)
        => Append(svg, $"<circle cx=\"{x:F1}\" cy=\"{y:F1}\" r=\"3\" fill=\"{colour}\"/>\n");

    public static void Bar(StringBuilder svg, double x, double y, double width, double height, string colour)
        => Append(svg, $"<rect x=\"{x:F1}\" y=\"{y:F1}\" width=\"{width:F1}\" height=\"{height:F1}\" fill=\"{colour}\"/>\n");

    /// <param name="anchor">start, middle or end.</param>
    public static void Text(StringBuilder svg, double x, double y, string anchor, string text)
        => Append(svg, $"<text x=\"{x:F1}\" y=\"{y:F1}\" text-anchor=\"{anchor}\" fill=\"{Ink}\">{SecurityElement.Escape(text)}</text>\n");

    public static void TextUpwards(StringBuilder svg, double x, double y, string text)
    {
        Append(svg, $"<text transform=\"translate({x:F1} {y:F1}) rotate(-90)\" text-anchor=\"middle\" fill=\"{Ink}\">");
        Append(svg, $"{SecurityElement.Escape(text)}</text>\n");
    }

    private static void Append(StringBuilder svg, FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture));
}

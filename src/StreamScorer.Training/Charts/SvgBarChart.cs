using System.Globalization;
using System.Text;

namespace StreamScorer.Training.Charts;

/// <summary>Horizontal bars with a name and a value each, longest scale from zero.</summary>
internal static class SvgBarChart
{
    private const int Width = 560, NameWidth = 220, ValueWidth = 60, RowHeight = 24, Top = 44, Bottom = 14;

    /// <summary>Longer names are cut, so that they do not run out of the picture.</summary>
    private const int LongestName = 32;

    /// <param name="title">What the bars show.</param>
    /// <param name="bars">From top to bottom; values below zero are drawn as zero but written as they are.</param>
    public static string Draw(string title, IReadOnlyList<(string Name, double Value)> bars)
    {
        var svg = new StringBuilder();
        Svg.Open(svg, Width, Top + bars.Count * RowHeight + Bottom, title);
        var longest = Math.Max(1e-12, bars.Count == 0 ? 0 : bars.Max(bar => bar.Value));
        for (var i = 0; i < bars.Count; i++)
        {
            var (name, value) = bars[i];
            var y = Top + i * RowHeight;
            var shown = name.Length <= LongestName ? name : name[..(LongestName - 1)] + "…";
            var length = (Width - NameWidth - ValueWidth) * Math.Max(0, value) / longest;
            Svg.Text(svg, NameWidth - 8, y + 16, "end", shown);
            Svg.Bar(svg, NameWidth, y + 4, length, RowHeight - 8, Svg.Blue);
            Svg.Text(svg, NameWidth + length + 6, y + 16, "start", value.ToString("F4", CultureInfo.InvariantCulture));
        }

        return svg + "</svg>\n";
    }
}

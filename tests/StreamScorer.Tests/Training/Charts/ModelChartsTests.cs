using System.Xml.Linq;
using StreamScorer.Forests;
using StreamScorer.Training.Charts;
using StreamScorer.Training.Learning;
using Xunit;

namespace StreamScorer.Tests.Training.Charts;

public class ModelChartsTests
{
    [Fact]
    public void Pictures_are_well_formed_whatever_the_names()
    {
        FeatureImportance[] importance =
        [
            new("<b>&\"quoted\"", 0.5, 0.3, 0.9), new(new string('x', 200), 0.3, -0.1, 0.5), new("zero", 0.2, 0, 0.5),
        ];
        var chart = ModelCharts.Importance(importance);
        var texts = XDocument.Parse(chart.Svg).Descendants().Where(element => element.Name.LocalName == "text")
            .Select(element => element.Value).ToArray();
        Assert.Contains("<b>&\"quoted\"", texts);
        Assert.Contains("-0.1000", texts);
        Assert.All(texts, text => Assert.InRange(text.Length, 1, 40));
        Assert.DoesNotContain("width=\"-", chart.Svg, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_goes_through_its_points()
    {
        var svg = ModelCharts.Roc([new(0, 0), new(0.5, 1), new(1, 1)], 0.75).Svg;
        var line = XDocument.Parse(svg).Descendants().Single(element => element.Name.LocalName == "polyline");
        Assert.Equal("70.0,340.0 305.0,40.0 540.0,40.0", line.Attribute("points")!.Value.Trim());
    }

    [Fact]
    public void The_learning_curve_shows_both_lines_with_their_legend()
    {
        var svg = ModelCharts.Learning([new(100, 0.99, 0.8), new(1000, 0.95, 0.9)]).Svg;
        Assert.Equal(2, XDocument.Parse(svg).Descendants().Count(element => element.Name.LocalName == "polyline"));
        Assert.Contains("validation rows", svg, StringComparison.Ordinal);
    }
}

using StreamScorer.Training.Generation;
using StreamScorer.Training.LeadScoring;
using Xunit;

namespace StreamScorer.Tests.Training.Generation;

public class LeadGeneratorTests
{
    private const int Leads = 20_000;

    private static readonly Lazy<SyntheticLead[]> Sample =
        new(() => [.. Enumerable.Range(0, Leads).Select(new LeadGenerator(1).Create)]);

    [Fact]
    public void Keys_are_unique_and_numbers_rise()
    {
        Assert.Equal(Leads, Sample.Value.Select(lead => lead.Id).Distinct().Count());
        Assert.All(Sample.Value.Zip(Sample.Value.Skip(1)), pair => Assert.True(pair.First.Number < pair.Second.Number));
    }

    [Fact]
    public void A_lead_does_not_depend_on_how_many_are_made()
    {
        var again = new LeadGenerator(1).Create(12_345);
        Assert.All(LeadScoringColumns.All,
            column => Assert.Equal(Sample.Value[12_345].Cell(column.Name), again.Cell(column.Name)));
    }

    [Theory]
    [InlineData("Lead Origin", "Landing Page Submission", 0.529, 0.362)]
    [InlineData("Lead Origin", "Lead Add Form", 0.078, 0.925)]
    [InlineData("Lead Source", "Olark Chat", 0.190, 0.255)]
    [InlineData("Last Activity", "SMS Sent", 0.297, 0.629)]
    [InlineData("Last Notable Activity", "Modified", 0.369, 0.230)]
    [InlineData("City", "Mumbai", 0.349, 0.406)]
    [InlineData("City", null, 0.154, 0.108)]
    [InlineData("Country", null, 0.266, 0.437)]
    [InlineData("Specialization", "Select", 0.210, 0.421)]
    public void Shares_and_conversion_of_values_are_those_of_the_facts(string column, string? value, double share, double rate)
    {
        var having = Sample.Value.Where(lead => lead.Cell(column) == value).ToArray();
        Assert.InRange((double)having.Length / Leads, share - 0.03, share + 0.03);
        // Some leads look like those of the other outcome, so strong signals are a little weaker than in the facts.
        Assert.InRange(having.Count(lead => lead.Converted) / (double)having.Length, rate - 0.06, rate + 0.06);
    }

    [Fact]
    public void Overall_conversion_is_that_of_the_facts()
        => Assert.InRange(Sample.Value.Count(lead => lead.Converted) / (double)Leads, 0.375, 0.395);

    [Fact]
    public void Numbers_fit_together()
    {
        Assert.All(Sample.Value.Where(lead => lead.Visits == 0), lead =>
            Assert.Equal((0, 0m), (lead.TimeOnSite, lead.PagesPerVisit)));
        Assert.All(Sample.Value.Where(lead => lead.Visits > 0), lead => Assert.True(lead.PagesPerVisit >= 1));
        Assert.All(Sample.Value, lead => Assert.Equal(lead.Visits is null, lead.PagesPerVisit is null));
        var visited = Sample.Value.Where(lead => lead.Visits > 0).ToArray();
        Assert.True(Correlation(visited.Select(lead => (double)lead.Visits!), visited.Select(lead => (double)lead.PagesPerVisit!)) > 0.2);
        var time = Correlation(
            Sample.Value.Select(lead => (double)lead.TimeOnSite), Sample.Value.Select(lead => lead.Converted ? 1.0 : 0));
        Assert.InRange(time, 0.25, 0.42);
    }

    private static double Correlation(IEnumerable<double> first, IEnumerable<double> second)
    {
        var pairs = first.Zip(second).ToArray();
        var (meanX, meanY) = (pairs.Average(pair => pair.First), pairs.Average(pair => pair.Second));
        var covariance = pairs.Sum(pair => (pair.First - meanX) * (pair.Second - meanY));
        var spreadX = pairs.Sum(pair => (pair.First - meanX) * (pair.First - meanX));
        var spreadY = pairs.Sum(pair => (pair.Second - meanY) * (pair.Second - meanY));
        return covariance / Math.Sqrt(spreadX * spreadY);
    }
}

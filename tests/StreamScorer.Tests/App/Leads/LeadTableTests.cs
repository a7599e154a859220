using StreamScorer.App.Leads;
using Xunit;

namespace StreamScorer.Tests.App.Leads;

public class LeadTableTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Reasons_are_their_sentences()
    {
        var json = """[{"text":"Total visits: 4, raises the score","contribution":0.2},{"other":1},7,{"text":"City: Pune, lowers the score"}]""";

        Assert.Equal(["Total visits: 4, raises the score", "City: Pune, lowers the score"], LeadTable.ReasonTexts(json));
        Assert.Empty(LeadTable.ReasonTexts(null));
        Assert.Empty(LeadTable.ReasonTexts("{}"));
    }

    [Fact]
    public void Features_without_a_value_are_left_out()
    {
        Assert.Equal(
            ["city Pune", "totalVisits 4"], LeadTable.FeatureTexts("""{"city":"Pune","country":null,"totalVisits":4,"nested":{}}"""));
        Assert.Empty(LeadTable.FeatureTexts(null));
    }

    [Theory]
    [InlineData(0, "now")]
    [InlineData(-5, "now")]
    [InlineData(59, "59 s ago")]
    [InlineData(3599, "59 min ago")]
    [InlineData(86399, "23 h ago")]
    [InlineData(86400 * 3, "2026-04-28")]
    public void Times_are_told_in_their_largest_unit(int secondsAgo, string expected) =>
        Assert.Equal(expected, LeadTable.Ago(Now.UtcDateTime.AddSeconds(-secondsAgo), Now));

    [Theory]
    [InlineData(80, 4)]
    [InlineData(120, 6)]
    [InlineData(200, 7)]
    public void A_narrow_terminal_gets_fewer_columns(int width, int columns) =>
        Assert.Equal(columns, LeadTable.Of([], Now, width).Columns.Count);
}

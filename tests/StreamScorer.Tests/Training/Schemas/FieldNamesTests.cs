using StreamScorer.Training.LeadScoring;
using StreamScorer.Training.Schemas;
using Xunit;

namespace StreamScorer.Tests.Training.Schemas;

public class FieldNamesTests
{
    [Theory]
    [InlineData("TotalVisits", "totalVisits", "total_visits")]
    [InlineData("AvgListingsViewedPerSession", "avgListingsViewedPerSession", "avg_listings_viewed_per_session")]
    [InlineData("Total Time Spent on Website", "totalTimeSpentOnWebsite", "total_time_spent_on_website")]
    [InlineData("custom_feature_1", "customFeature1", "custom_feature_1")]
    [InlineData("HTTPStatus code", "httpStatusCode", "http_status_code")]
    [InlineData("x2Y", "x2Y", "x2_y")]
    [InlineData("City", "city", "city")]
    [InlineData("  A free-copy (of X)! ", "aFreeCopyOfX", "a_free_copy_of_x")]
    [InlineData("Ärger", "ärger", "ärger")]
    [InlineData("%%", "column", "column")]
    public void Words_become_camel_and_snake_case(string title, string camel, string snake)
        => Assert.Equal((camel, snake), (FieldNames.Camel(title), FieldNames.Snake(title)));

    [Fact]
    public void The_reference_schema_has_the_names_of_the_contract()
    {
        Assert.Equal(
            [
                "totalVisits", "totalBrowsingTime", "avgListingsViewedPerSession", "leadCaptureChannel", "referralSource",
                "lastAction", "finalEngagementAction", "city", "country", "leadStatusTag",
            ],
            LeadScoringSchema.Features.Select(feature => feature.StreamName));
        Assert.Equal(
            [
                "TotalVisits", "Total Time Spent on Website", "Page Views Per Visit", "Lead Origin", "Lead Source",
                "Last Activity", "Last Notable Activity", "City", "Country", "Tags",
            ],
            LeadScoringSchema.Features.Select(feature => feature.ColumnName));
    }
}

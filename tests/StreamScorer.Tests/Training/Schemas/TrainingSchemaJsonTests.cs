using StreamScorer.Forests;
using StreamScorer.Training.LeadScoring;
using StreamScorer.Training.Schemas;
using StreamScorer.Training.Tables;
using Xunit;

namespace StreamScorer.Tests.Training.Schemas;

public class TrainingSchemaJsonTests
{
    [Fact]
    public void A_schema_survives_its_json()
    {
        var before = LeadScoringSchema.Training;
        var after = TrainingSchemaJson.Read(TrainingSchemaJson.Write(before), "test");
        Assert.Equal(before with { Features = [] }, after with { Features = [] });
        Assert.Equal(before.Features.Count, after.Features.Count);
        foreach (var (a, b) in before.Features.Zip(after.Features))
        {
            Assert.Equal(a with { NullTokens = null, BucketEdges = null }, b with { NullTokens = null, BucketEdges = null });
            Assert.Equal(a.NullTokens, b.NullTokens);
            Assert.Equal(a.BucketEdges, b.BucketEdges);
        }
    }

    [Fact]
    public void Only_label_and_feature_names_are_needed()
    {
        var schema = TrainingSchemaJson.Read(
            """{ "label": "Sold", "features": [ { "name": "Company Size" }, { "name": "Plan", "kind": "categorical" } ] }""", "b2b.json");
        Assert.Equal(("b2b", "Sold", "1"), (schema.Name, schema.LabelColumn, schema.PositiveValue));
        Assert.Equal(new FeatureSpec("Company Size", "Company Size", "companySize", "company_size"), schema.Features[0]);
        Assert.Equal(FeatureKind.Categorical, schema.Features[1].Kind);
    }

    [Theory]
    [InlineData("""{ "features": [ { "name": "A" } ] }""", "names no label")]
    [InlineData("""{ "label": "L" }""", "has no features")]
    [InlineData("""{ "label": "L", "features": [ { "column": "A" } ] }""", "feature 1 has no name")]
    [InlineData("{ \"label\": \"L\",\n \"features\": [ { \"name\": \"A\", \"kindd\": \"numeric\" } ] }", "line 2")]
    [InlineData("""{ "label": "L", "features": [ { "name": "A", "kind": "colour" } ] }""", "$.features[0].kind")]
    [InlineData("not json", "this is not a schema")]
    public void A_wrong_schema_is_refused_with_the_field(string json, string part)
        => Assert.Contains(part, Assert.Throws<DataFileException>(() => TrainingSchemaJson.Read(json, "s.json")).Message,
            StringComparison.Ordinal);
}

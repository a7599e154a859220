using System.Text;
using StreamScorer.Features;
using StreamScorer.Forests;
using StreamScorer.Training.Generation;
using StreamScorer.Training.Learning;
using StreamScorer.Training.Schemas;
using Xunit;

namespace StreamScorer.Tests.Training.Generation;

/// <summary>The second schema: fifty features, a generator that repeats itself, a model that learns from it.</summary>
public class B2bLeadGeneratorTests
{
    [Fact]
    public void TheSchemaHasItsFiftyFeaturesUnderTheirApiNames()
    {
        Assert.Equal(50, B2bLeadSchema.Features.Count);
        Assert.Equal(
            ["company_size", "industry", "job_title", "seniority_level", "geography", "email_engagement_score", "website_sessions", "pages_viewed",
                "time_on_site", "form_fills", "content_downloads", "campaign_touchpoints", "last_campaign_interaction", "account_revenue",
                "account_employees", "existing_customer", "custom_feature_1"],
            B2bLeadSchema.Features.Take(17).Select(feature => feature.ApiName));
        Assert.Equal("custom_feature_34", B2bLeadSchema.Features[^1].ApiName);
    }

    [Fact]
    public void ALeadIsTheSameWhateverWasMadeBefore()
    {
        var one = new B2bLeadGenerator(3);
        _ = one.Create(1);
        Assert.Equal(new B2bLeadGenerator(3).Create(7), one.Create(7));
        Assert.NotEqual(new B2bLeadGenerator(4).Create(7), one.Create(7));
        Assert.Equal(B2bLeadGenerator.Columns.Count, one.Create(0).Count);
    }

    // Mutation: an outcome that does not hang on the features leaves an AUC of 0.5.
    [Fact]
    public void AModelLearnsFromTheTableAndScoresARequest()
    {
        using var folder = new TemporaryFolder();
        B2bLeadGenerator.WriteCsv(folder["b2b.csv"], 1500, 42);
        var report = ModelTraining.Run(new TrainingRequest { Data = folder["b2b.csv"], Output = folder["model"], Charts = false });
        Assert.Equal((B2bLeadSchema.Name, 50), (report.Model, report.Features.Count));
        Assert.InRange(report.Validation.AucRoc, 0.7, 0.99);

        var model = ForestModel.Load(Path.Combine(folder["model"], "model.forest"));
        var decoder = new LeadRequestDecoder(model.Schema);
        var lead = """
            {"lead_id":"x","company_size":"51-200","industry":"Software","job_title":"IT director","seniority_level":"Director","geography":"India",
             "email_engagement_score":70,"website_sessions":9,"pages_viewed":30,"time_on_site":900,"form_fills":2,"content_downloads":3,
             "campaign_touchpoints":5,"last_campaign_interaction":3,"account_revenue":null,"account_employees":120,"existing_customer":true,
             "custom_features":{"custom_feature_1":90,"custom_feature_21":"delta"}}
            """;
        Assert.True(decoder.TryDecodeLead(Encoding.UTF8.GetBytes(lead)), string.Join('\n', decoder.FindFaults(Encoding.UTF8.GetBytes(lead), isLead: true)));
        Assert.Equal(17, decoder.Leads[0].FeaturesUsed);
    }
}

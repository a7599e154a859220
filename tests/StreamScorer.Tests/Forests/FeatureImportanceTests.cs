using StreamScorer.Forests;
using Xunit;

namespace StreamScorer.Tests.Forests;

public class FeatureImportanceTests
{
    [Fact]
    public void Features_that_matter_stand_out_and_idle_ones_do_not()
    {
        var leads = new SyntheticLeads(3, 3000);
        var model = leads.TrainForest(50);
        var fresh = new SyntheticLeads(4, 2000);
        var found = FeatureImportance.Measure(model, leads.Schema.Encode(fresh.Table), fresh.Labels);
        Assert.Equal(["Visits", "Minutes", "Channel", "OptIn", "Age"], found.Select(entry => entry.Feature));
        Assert.Equal(1, found.Sum(entry => entry.GainShare), 9);
        Assert.Equal("Minutes", found.MaxBy(entry => entry.PermutationDrop)!.Feature);
        Assert.True(found[1].PermutationDrop > 0.05);
        Assert.True(Math.Abs(found[4].PermutationDrop) < 0.02);
        Assert.True(found[1].AloneAuc > 0.65);
        Assert.InRange(found[4].AloneAuc, 0.44, 0.56);
        Assert.DoesNotContain(found, entry => entry.LooksLikeLeak);
    }

    [Fact]
    public void A_copy_of_the_label_looks_like_a_leak()
    {
        var leads = new SyntheticLeads(3, 1000);
        var table = new RawTable(
            ["minutes", "outcome"],
            [leads.Table.Column("minutes"), Array.ConvertAll(leads.Labels, label => label ? "sold" : "lost")]);
        FeatureSpec[] specs = [new("Minutes", "minutes", "minutes", "minutes"), new("Outcome", "outcome", "outcome", "outcome")];
        var schema = FeatureSchema.Fit("leaky", specs, table);
        var rows = schema.Encode(table);
        var model = RandomForestTrainer.Train("leaky", schema, rows, leads.Labels, new RandomForestOptions { Trees = 10 });
        var found = FeatureImportance.Measure(model, rows, leads.Labels);
        Assert.False(found[0].LooksLikeLeak);
        Assert.True(found[1].LooksLikeLeak);
    }
}

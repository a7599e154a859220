using StreamScorer.Forests;
using StreamScorer.Training.LeadScoring;

namespace StreamScorer.Training.Generation;

/// <summary>Small forests on generated leads: real models of the reference schema, trained in an instant.</summary>
public static class SyntheticForest
{
    /// <param name="seed">Of the leads and of the forest; another one gives other scores and another id.</param>
    /// <param name="leads">Leads to learn from.</param>
    /// <param name="trees">Of depth 8 at most.</param>
    public static ForestModel Train(int seed, int leads = 1_500, int trees = 20)
    {
        var generator = new LeadGenerator(seed);
        var made = Enumerable.Range(0, leads).Select(generator.Create).ToList();
        var columns = LeadScoringSchema.Features.Select(feature => feature.ColumnName).ToList();
        var table = new RawTable(columns, columns.Select(column => made.Select(lead => lead.Cell(column)).ToArray()).ToList());
        var schema = FeatureSchema.Fit(LeadScoringSchema.Name, LeadScoringSchema.Features, table);
        return RandomForestTrainer.Train(
            LeadScoringSchema.Name, schema, schema.Encode(table), made.Select(lead => lead.Converted).ToArray(),
            new RandomForestOptions { Trees = trees, MaxDepth = 8, Seed = (ulong)seed });
    }
}

using StreamScorer.Forests;
using StreamScorer.Training.Generation;
using StreamScorer.Training.LeadScoring;

namespace StreamScorer.IntegrationTests.Worker;

/// <summary>Small forests on generated leads, trained once a test run: real models, quick to make.</summary>
internal static class TestModels
{
    private static readonly Lazy<ForestModel> ChampionModel = new(() => Train(seed: 1));
    private static readonly Lazy<ForestModel> OtherModel = new(() => Train(seed: 2));

    /// <summary>The model that most tests score with.</summary>
    public static ForestModel Champion => ChampionModel.Value;

    /// <summary>Another model of the same schema, with other scores and another id.</summary>
    public static ForestModel Other => OtherModel.Value;

    /// <summary>Writes the model as a model folder and returns its path.</summary>
    public static string Save(ForestModel model, string folder)
    {
        Directory.CreateDirectory(folder);
        model.Save(Path.Combine(folder, "model.forest"));
        return folder;
    }

    private static ForestModel Train(int seed)
    {
        var generator = new LeadGenerator(seed);
        var leads = Enumerable.Range(0, 1500).Select(generator.Create).ToList();
        var columns = LeadScoringSchema.Features.Select(feature => feature.ColumnName).ToList();
        var table = new RawTable(columns, columns.Select(column => leads.Select(lead => lead.Cell(column)).ToArray()).ToList());
        var schema = FeatureSchema.Fit(LeadScoringSchema.Name, LeadScoringSchema.Features, table);
        return RandomForestTrainer.Train(
            LeadScoringSchema.Name, schema, schema.Encode(table), leads.Select(lead => lead.Converted).ToArray(),
            new RandomForestOptions { Trees = 20, MaxDepth = 8, Seed = (ulong)seed });
    }
}

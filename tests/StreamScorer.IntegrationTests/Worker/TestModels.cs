using StreamScorer.Forests;
using StreamScorer.Training.Generation;

namespace StreamScorer.IntegrationTests.Worker;

/// <summary>Small forests on generated leads, trained once a test run: real models, quick to make.</summary>
internal static class TestModels
{
    private static readonly Lazy<ForestModel> ChampionModel = new(() => SyntheticForest.Train(seed: 1));
    private static readonly Lazy<ForestModel> OtherModel = new(() => SyntheticForest.Train(seed: 2));

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
}

using StreamScorer.Forests;

namespace StreamScorer.App.Verification;

/// <summary>Every model file below a folder, by the id that rows name.</summary>
internal static class ModelLibrary
{
    /// <summary>Loads them all; a file that is no model, or damaged, is told and left out.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static IReadOnlyDictionary<string, ForestModel> Load(string folder, Action<string> tell)
    {
        var models = new Dictionary<string, ForestModel>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(folder, "*.forest", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            try
            {
                var model = ForestModel.Load(path);
                models[model.Id] = model;
            }
            catch (ForestException damaged)
            {
                tell($"{path} is left out: {damaged.Message}");
            }
        }

        return models;
    }
}

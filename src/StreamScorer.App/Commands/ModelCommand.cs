using System.CommandLine;

namespace StreamScorer.App.Commands;

/// <summary><c>model show|import</c>: looks at model folders, and makes them from models of other libraries.</summary>
internal static class ModelCommand
{
    public static Command Create() => new(
        "model", "Look at a model, or take over one that XGBoost, LightGBM or scikit-learn has trained.")
    {
        ModelShowCommand.Create(),
        ModelImportCommand.Create(),
    };
}

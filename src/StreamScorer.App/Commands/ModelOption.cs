using System.CommandLine;

namespace StreamScorer.App.Commands;

/// <summary><c>--model DIR</c>: which trained model to use.</summary>
internal static class ModelOption
{
    public static Option<string> Create() => new("--model")
    {
        Description = "Model folder, or a model file.",
        Required = true,
        HelpName = "DIR",
    };
}

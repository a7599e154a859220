using System.CommandLine;
using StreamScorer.App.Terminal;
using StreamScorer.Training.Learning;

namespace StreamScorer.App.Commands;

/// <summary><c>model import</c>: a model trained elsewhere becomes a model folder.</summary>
internal static class ModelImportCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE")
        {
            Description = "XGBoost JSON or UBJSON, LightGBM text, or ONNX with a TreeEnsembleClassifier or -Regressor.",
        };
        var output = new Option<string>("--out")
        {
            Description = "The model folder to write.",
            Required = true,
            HelpName = "DIR",
        };
        var format = new Option<string?>("--format")
        {
            Description = "Refuse a file of any other format; by default its content decides.",
        };
        format.AcceptOnlyFromAmong([.. ImportedModel.Formats]);
        var features = new Option<string?>("--features")
        {
            Description = "JSON list that names the model's inputs in their order: name, stream, api, kind, categories, "
                + "nullTokens, required. By default the file's own names, numeric.",
            HelpName = "FILE",
        };
        var name = new Option<string?>("--name")
        {
            Description = "Name of the model; by default that of the file.",
            HelpName = "NAME",
        };
        var command = new Command("import", "Take over a model trained elsewhere. Its scores stay what they are.")
        {
            file, output, format, features, name,
        };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(file);
            var model = ImportedModel.Write(
                path, parsed.GetValue(format), parsed.GetValue(features),
                parsed.GetValue(name) ?? Path.GetFileNameWithoutExtension(path), parsed.GetRequiredValue(output));
            JsonOutput.Write(new
            {
                Model = model.Name,
                model.Id,
                Format = model.Algorithm,
                Trees = model.TreeCount,
                Features = model.Schema.Features.Select(feature => feature.StreamName),
                Out = parsed.GetRequiredValue(output),
            });
            return ExitCode.Done;
        });
        return command;
    }
}

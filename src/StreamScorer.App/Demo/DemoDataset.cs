using System.Security.Cryptography;
using StreamScorer.Training.Generation;
using StreamScorer.Training.Learning;
using StreamScorer.Training.Preparation;
using StreamScorer.Training.Schemas;

namespace StreamScorer.App.Demo;

/// <summary>
/// What the demo streams and scores with: the user's own CSV when it stands at <c>data/raw/Lead Scoring.csv</c>, else
/// the shipped synthetic leads. Prepares and trains what is missing, once per content of the CSV.
/// </summary>
/// <param name="Folder">A prepared dataset: <c>processed/</c> and <c>streaming/user_events/</c>.</param>
/// <param name="Model">The model folder.</param>
/// <param name="Description">For people.</param>
internal sealed record DemoDataset(string Folder, string Model, string Description)
{
    /// <summary>The streaming part.</summary>
    public string Streaming => Path.Combine(Folder, PreparedLayout.StreamingFolder);

    /// <summary>The tail of follow-up events; not every dataset has one.</summary>
    public string FollowUps => Path.Combine(Folder, PreparedLayout.FollowUpFolder);

    /// <summary>Finds the dataset and makes what is missing.</summary>
    public static DemoDataset Open(Action<string> tell, CancellationToken ct)
    {
        var dataset = Choose(tell, ct);
        if (!File.Exists(Path.Combine(dataset.Model, ModelFolder.ModelFile)))
            Train(dataset, tell, ct);
        TrainB2b(tell, ct);
        return dataset;
    }

    // A second schema beside the first, for the API: trained once, on leads that nobody else has a use for.
    private static void TrainB2b(Action<string> tell, CancellationToken ct)
    {
        var model = Path.Combine(InstallationFolder.Path, "models", B2bLeadSchema.Name);
        if (File.Exists(Path.Combine(model, ModelFolder.ModelFile)))
            return;
        tell("Training the B2B model of 50 features, for the API");
        var folder = Directory.CreateTempSubdirectory("streamscorer-b2b-").FullName;
        try
        {
            var table = Path.Combine(folder, "b2b-leads.csv");
            B2bLeadGenerator.WriteCsv(table, 4000, PreparationOptions.DefaultSeed);
            ModelTraining.Run(new TrainingRequest { Data = table, Output = model, Charts = false }, cancellation: ct);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static DemoDataset Choose(Action<string> tell, CancellationToken ct)
    {
        var home = InstallationFolder.Path;
        var csv = Path.Combine(home, "data", "raw", "Lead Scoring.csv");
        if (!File.Exists(csv))
        {
            return new DemoDataset(
                Path.Combine(home, "data"), Path.Combine(home, "models", "lead-scoring"), "the shipped synthetic leads (data/)");
        }

        using var stream = File.OpenRead(csv);
        var name = "csv-" + Convert.ToHexStringLower(SHA256.HashData(stream))[..12];
        var folder = InstallationFolder.Local("demo", "datasets", name);
        if (!Directory.Exists(folder))
        {
            tell($"Preparing {csv}");
            var summary = DatasetPreparation.Run(csv, folder, new PreparationOptions(), null, ct);
            tell(FormattableString.Invariant($"Prepared {summary.Training.Rows} training rows and {summary.Streaming.Rows} events"));
        }

        return new DemoDataset(folder, Path.Combine(home, "models", "lead-scoring-" + name), csv);
    }

    private static void Train(DemoDataset dataset, Action<string> tell, CancellationToken ct)
    {
        tell("Training a random forest of 100 trees, depth 10");
        var report = ModelTraining.Run(
            new TrainingRequest { Data = Path.Combine(dataset.Folder, PreparedLayout.TrainingFile), Output = dataset.Model },
            cancellation: ct);
        tell(FormattableString.Invariant($"Trained: AUC {report.Validation.AucRoc:F3}, accuracy {report.Validation.Accuracy:F3} on held-back rows"));
    }
}

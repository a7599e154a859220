using System.Text.Json;
using StreamScorer.Forests;
using StreamScorer.Training.LeadScoring;
using StreamScorer.Training.Learning;
using Xunit;
using Xunit.Abstractions;

namespace StreamScorer.Tests.Training.Learning;

/// <summary>
/// The reference pipeline (ten features under their business names, visits in buckets, nulls as null) against the forest that
/// scikit-learn trained on the same ten splits.
/// </summary>
public sealed class RecordedSplitsTests(ITestOutputHelper output) : IDisposable
{
    private const string FeatureSet = "reference_with_tags";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [RequiresSharedDataFact]
    public void The_reference_pipeline_is_as_good_as_the_recorded_forest_on_the_ten_splits()
    {
        var request = new TrainingRequest { Data = RepositoryFolder.SharedData("lead-scoring.csv"), Output = _folder["model"] };
        var table = LabelledTable.Read(request, null, default);
        Assert.Equal(LeadScoringSchema.Features.Select(feature => feature.Name), table.Schema.Features.Select(feature => feature.Name));
        using var recorded = JsonDocument.Parse(File.ReadAllText(RepositoryFolder.SharedData("splits.json")));
        var splits = recorded.RootElement.GetProperty("splits").EnumerateObject().ToArray();
        var reached = splits.Select(split => Measure(table, split.Value)).ToArray();

        var auc = reached.Average(metrics => metrics.AucRoc) - Mean("auc");
        var accuracy = reached.Average(metrics => metrics.Accuracy) - Mean("accuracy");
        output.WriteLine($"AUC {auc:+0.0000;-0.0000}, accuracy {accuracy:+0.0000;-0.0000} against the recorded forest");
        Assert.Equal(10, reached.Length);
        Assert.True(auc >= -0.002, $"mean AUC differs by {auc}");
        Assert.True(accuracy >= -0.005, $"mean accuracy differs by {accuracy}");

        double Mean(string metric) => splits.Average(split => split.Value.GetProperty("reached").GetProperty(FeatureSet)
            .GetProperty("random_forest").GetProperty(metric).GetDouble());
    }

    /// <summary>Trains on 80 % of the rows that are not held out, as the recorded forest was.</summary>
    private static BinaryMetrics Measure(LabelledTable table, JsonElement split)
    {
        var holdOut = split.GetProperty("holdout").EnumerateArray().Select(row => row.GetInt32()).ToArray();
        var rest = Enumerable.Range(0, table.Labels.Length).Except(holdOut).ToArray();
        var inner = RowSplit.Random(RowGroups.Of(null, rest.Length), 42);
        var (training, held) = table.Encode(Array.ConvertAll(inner.Training, position => rest[position]), holdOut);
        Assert.Equal((5174, 2772), (training.Count, held.Count));
        var model = AlgorithmRun.Train(Algorithm.RandomForest, "reference", training, new AlgorithmSettings(), 42);
        return BinaryMetrics.Compute(held.Score(model), held.Labels);
    }
}

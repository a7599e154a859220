using StreamScorer.Training.Generation;
using StreamScorer.Training.Learning;
using StreamScorer.Training.Preparation;
using StreamScorer.Training.Tables;
using Xunit;

namespace StreamScorer.Tests.Training.Generation;

/// <summary>The demo data in <c>data/</c>.</summary>
public sealed class ShippedDataTests : IDisposable
{
    private const long MostBytes = 2_000_000;

    private static readonly string Data = Path.Combine(RepositoryFolder.Path, "data");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_has_the_files_and_rows_its_readme_tells_of_in_under_two_megabytes()
    {
        Assert.Equal(6468, Open(PreparedLayout.TrainingFile).RowCount);
        var streaming = Open(PreparedLayout.StreamingFolder);
        Assert.Equal((2772L, 50), (streaming.RowCount, streaming.Files.Count));
        Assert.Equal(180, Open(PreparedLayout.FollowUpFolder).RowCount);
        string[] shipped = ["processed", "streaming"];
        var bytes = shipped.SelectMany(name => new DirectoryInfo(Path.Combine(Data, name)).GetFiles("*", SearchOption.AllDirectories))
            .Sum(file => file.Length);
        Assert.InRange(bytes, 1, MostBytes);
    }

    [Fact]
    public void It_is_what_the_generator_makes()
    {
        SyntheticDataset.WriteFolder(_folder.Path, new GenerationOptions { EventsPerLead = 4 });
        string[] parts = [PreparedLayout.TrainingFile, PreparedLayout.StreamingFolder, PreparedLayout.FollowUpFolder];
        foreach (var part in parts)
        {
            var (shipped, made) = (TextTable.Read(Path.Combine(Data, part)).Cells, TextTable.Read(_folder[part]).Cells);
            Assert.Equal(shipped.ColumnNames, made.ColumnNames);
            Assert.All(shipped.ColumnNames, name => Assert.Equal(shipped.Column(name), made.Column(name)));
        }
    }

    [Fact]
    public void A_forest_behaves_plausibly_on_it_and_leads_turn_hot_and_cool()
    {
        ModelTraining.Run(new TrainingRequest { Data = Path.Combine(Data, PreparedLayout.TrainingFile), Output = _folder["model"] });
        var streamed = ModelEvaluation.Run(_folder["model"], Path.Combine(Data, PreparedLayout.StreamingFolder)).Metrics;
        Assert.InRange(streamed.AucRoc, 0.90, 0.98);
        Assert.InRange(streamed.HotCoverage, 1.0 / 5, 1.0 / 3);

        var first = Hot(PreparedLayout.StreamingFolder).ToDictionary(row => row.Id, row => row.Hot);
        var steps = Hot(PreparedLayout.FollowUpFolder).GroupBy(row => row.Id, row => row.Hot)
            .Select(later => later.Prepend(first[later.Key]).ToArray()).ToArray();
        Assert.True(steps.Count(hot => Changes(hot, from: false)) >= 10, "few leads turn hot");
        Assert.True(steps.Count(hot => Changes(hot, from: true)) >= 10, "few leads cool");
    }

    private static bool Changes(bool[] hot, bool from) => hot.Zip(hot.Skip(1)).Any(step => step.First == from && step.Second != from);

    private static PreparedDataset Open(string part) => PreparedDataset.Open(Path.Combine(Data, part));

    private IEnumerable<(string Id, bool Hot)> Hot(string part)
    {
        BatchScoring.Run(_folder["model"], Path.Combine(Data, part), _folder["scores.csv"]);
        var scores = TextTable.Read(_folder["scores.csv"]).Cells;
        return [.. scores.Column("lead_id").Zip(scores.Column("hot"), (id, hot) => (id!, hot == "true"))];
    }
}

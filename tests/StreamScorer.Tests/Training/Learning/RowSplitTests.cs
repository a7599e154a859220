using StreamScorer.Training.Learning;
using StreamScorer.Training.Tables;
using Xunit;

namespace StreamScorer.Tests.Training.Learning;

public sealed class RowSplitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(6468, 5174, 1294)]
    [InlineData(10, 8, 2)]
    [InlineData(3, 2, 1)]
    public void Four_fifths_train_and_every_row_is_on_one_side(int rows, int training, int validation)
    {
        var split = RowSplit.Random(RowGroups.Of(null, rows), 42);
        Assert.Equal((training, validation), (split.Training.Length, split.Validation.Length));
        Assert.Equal(Enumerable.Range(0, rows), split.Training.Concat(split.Validation).Order());
    }

    [Fact]
    public void Rows_of_one_id_stay_together()
    {
        var ids = Enumerable.Range(0, 1000).Select(row => $"lead-{row % 300}").ToArray();
        var split = RowSplit.Random(RowGroups.Of(ids, ids.Length), 1);
        Assert.Empty(split.Training.Select(row => ids[row]).Intersect(split.Validation.Select(row => ids[row])));
        Assert.Equal(1000, split.Training.Length + split.Validation.Length);
    }

    [Fact]
    public void Folds_share_the_positives_and_cover_every_row_once()
    {
        var table = LearningTables.Read(_folder, 503);
        int[] rows = [.. Enumerable.Range(0, 400)];
        var result = CrossValidation.Run(table, rows, 5, 3, part => AlgorithmRun.Train(
            Algorithm.RandomForest, "m", part, LearningTables.SmallForest, 1));
        Assert.Equal(400, result.Folds.Sum(fold => fold.Rows));
        var positives = result.Folds.Select(fold => fold.Positives).ToArray();
        Assert.InRange(positives.Max() - positives.Min(), 0, 1);
        Assert.Equal(rows.Count(row => table.Labels[row]), positives.Sum());
        Assert.True(result.Of(fold => fold.AucRoc).Mean > 0.9);
    }

    [Fact]
    public void A_split_by_time_needs_a_column_that_says_what_is_older()
    {
        var table = LearningTables.Read(_folder, 50);
        var fault = Assert.Throws<DataFileException>(() => table.Split(SplitKind.Time, 1));
        Assert.Contains("--order", fault.Message, StringComparison.Ordinal);
    }
}

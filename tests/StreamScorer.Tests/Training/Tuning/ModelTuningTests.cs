using StreamScorer.Tests.Training.Learning;
using StreamScorer.Training.Learning;
using StreamScorer.Training.Tables;
using StreamScorer.Training.Tuning;
using Xunit;

namespace StreamScorer.Tests.Training.Tuning;

public sealed class ModelTuningTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_grid_tries_every_combination_and_trains_with_the_best()
    {
        var result = ModelTuning.Run(Request() with { Grid = [Axis("depth", 1, 6), Axis("trees", 5, 20)] });
        Assert.Equal(4, result.Trials.Count);
        Assert.Equal([(1, 5), (1, 20), (6, 5), (6, 20)],
            result.Trials.Select(trial => (trial.Settings.MaxDepth!.Value, trial.Settings.Trees!.Value)).Order());
        Assert.Equal(result.Trials.OrderBy(trial => trial.LogLoss), result.Trials);
        Assert.Equal(result.Trials[0].Settings.Trees, result.Report.Trees);
        Assert.True(File.Exists(_folder["model/model.forest"]));
        Assert.Equal(5, File.ReadLines(_folder["model/trials.csv"]).Count());
    }

    [Fact]
    public void A_search_that_was_stopped_goes_on_where_it_was()
    {
        var request = Request() with { Trials = 6 };
        var whole = ModelTuning.Run(request);
        var table = File.ReadAllLines(_folder["model/trials.csv"]);
        File.WriteAllLines(_folder["model/trials.csv"], table.Take(4));
        var resumed = ModelTuning.Run(request);
        Assert.Equal((0, 3), (whole.Resumed, resumed.Resumed));
        Assert.Equal(table, File.ReadAllLines(_folder["model/trials.csv"]));
        Assert.Equal(whole.Report.Id, resumed.Report.Id);
    }

    [Fact]
    public void Trials_of_other_rows_seeds_or_folds_are_not_taken_over()
    {
        var request = Request() with { Trials = 2 };
        ModelTuning.Run(request);
        Assert.Equal(0, ModelTuning.Run(request with { Folds = 2 }).Resumed);
        ModelTuning.Run(request);
        Assert.Equal(0, ModelTuning.Run(request with { Training = request.Training with { Seed = 9 } }).Resumed);
        ModelTuning.Run(request);
        _folder.Write("bank.csv", LearningTables.Bank(301));
        Assert.Equal(0, ModelTuning.Run(request).Resumed);
    }

    [Fact]
    public void Settings_that_were_given_stay_and_a_longer_search_begins_like_a_shorter_one()
    {
        var request = Request() with { Training = Request().Training with { Settings = new AlgorithmSettings { Trees = 7 } } };
        var shorter = SearchSpace.Trials(request with { Trials = 5 });
        var longer = SearchSpace.Trials(request with { Trials = 9 });
        Assert.Equal(shorter, longer.Take(5));
        Assert.All(longer, settings => Assert.Equal(7, settings.Trees));
        Assert.True(longer.Select(settings => settings.MaxDepth).Distinct().Count() > 2);
    }

    [Fact]
    public void A_foreign_table_of_trials_is_left_alone()
    {
        Directory.CreateDirectory(_folder["model"]);
        File.WriteAllText(_folder["model/trials.csv"], "a,b\n1,2\n");
        var fault = Assert.Throws<DataFileException>(() => ModelTuning.Run(Request()));
        Assert.Contains("not a table of trials", fault.Message, StringComparison.Ordinal);
        Assert.Equal("a,b\n1,2\n", File.ReadAllText(_folder["model/trials.csv"]));
    }

    private static GridAxis Axis(string name, params double[] values)
        => new(AlgorithmSetting.All.Single(setting => setting.Name == name), values);

    private TuningRequest Request() => new()
    {
        Training = new TrainingRequest
        {
            Data = _folder.Write("bank.csv", LearningTables.Bank(300)),
            Output = _folder["model"],
            Label = "Bought?",
            Id = "Account",
            Charts = false,
        },
        Folds = 3,
    };
}

using System.Globalization;
using System.Text;
using StreamScorer.Forests;
using StreamScorer.Training.Generation;
using StreamScorer.Training.Learning;
using StreamScorer.Training.Tables;
using Xunit;

namespace StreamScorer.Tests.Training.Learning;

public sealed class ModelTrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Any_table_trains_with_a_label_named()
    {
        var data = _folder.Write("bank.csv", LearningTables.Bank(700));
        var report = Train(data, request => request with { Label = "Bought?", Positive = "yes", Id = "Account", Exclude = ["Noise"] });
        Assert.Equal(["Age", "Job title"], report.Features.Select(feature => feature.Name));
        Assert.Equal([FeatureKind.Numeric, FeatureKind.Categorical], report.Features.Select(feature => feature.Kind));
        Assert.Equal(new RowCounts(700, 0, 560, 140), report.Rows);
        Assert.True(report.Validation.AucRoc > 0.9, $"AUC {report.Validation.AucRoc}");
        string[] files = ["calibration.svg", "importance.svg", "learning_curve.svg", "metrics.json", "model.forest", "model_card.md", "roc.svg"];
        Assert.Equal(files, Directory.GetFileSystemEntries(_folder["model"]).Select(Path.GetFileName).Order());
        var card = File.ReadAllText(_folder["model/model_card.md"]);
        Assert.All(files.Where(file => file.EndsWith(".svg", StringComparison.Ordinal)),
            file => Assert.Contains($"]({file})", card, StringComparison.Ordinal));
    }

    [Fact]
    public void An_id_is_not_needed()
    {
        var report = Train(_folder.Write("bank.csv", LearningTables.Bank(300)), request => request with { Label = "Bought?" });
        Assert.Equal(4, report.Features.Count);
        Assert.Equal("yes", report.Schema.PositiveValue);
    }

    [Fact]
    public void The_same_rows_settings_and_seed_give_the_same_model()
    {
        var data = _folder.Write("bank.csv", LearningTables.Bank(300));
        var first = Train(data, request => request with { Label = "Bought?" }, "first");
        File.Move(data, _folder["renamed.csv"]);
        var second = Train(_folder["renamed.csv"], request => request with { Label = "Bought?" }, "second");
        Assert.Equal(first.Id, second.Id);
        Assert.NotEqual(first.Id, Train(_folder["renamed.csv"], request => request with { Label = "Bought?", Seed = 7 }).Id);
    }

    [Fact]
    public void Csv_and_prepared_parquet_of_the_same_rows_give_the_same_model()
    {
        SyntheticDataset.WriteFolder(_folder["data"], new GenerationOptions { Leads = 400, Partitions = 2 });
        var parquet = Train(_folder["data/processed"], request => request, "from-parquet");
        var table = TextTable.Read(_folder["data/processed/training_data.parquet"]).Cells;
        var csv = new StringBuilder(string.Join(',', table.ColumnNames)).Append('\n');
        for (var row = 0; row < table.RowCount; row++)
            csv.AppendJoin(',', table.ColumnNames.Select(name => Quoted(table.Column(name)[row]))).Append('\n');
        var again = Train(_folder.Write("t.csv", csv.ToString()), request => request, "from-csv");
        Assert.Equal(parquet.Id, again.Id);
        Assert.Equal(280, parquet.Rows.Table);
    }

    [Fact]
    public void A_model_of_the_raw_table_is_evaluated_and_scored_on_the_prepared_one()
    {
        SyntheticDataset.WriteFolder(_folder["data"], new GenerationOptions { Leads = 1000, Partitions = 3 });
        var report = Train(_folder["data/raw/synthetic-leads.csv"], request => request);
        var result = ModelEvaluation.Run(_folder["model"], _folder["data/streaming/user_events"]);
        Assert.Equal((300, report.Id), (result.Metrics.Rows, result.Id));
        Assert.True(result.Metrics.AucRoc > 0.9, $"AUC {result.Metrics.AucRoc}");

        var scored = BatchScoring.Run(_folder["model"], _folder["data/streaming/user_events"], _folder["s.parquet"]);
        BatchScoring.Run(_folder["model"], _folder["data/streaming/user_events"], _folder["s.csv"]);
        var (parquet, csv) = (TextTable.Read(_folder["s.parquet"]).Cells, TextTable.Read(_folder["s.csv"]).Cells);
        Assert.Equal(300, scored.Rows);
        Assert.Equal(parquet.ColumnNames, csv.ColumnNames);
        Assert.All(parquet.ColumnNames, name => Assert.Equal(parquet.Column(name), csv.Column(name)));
        Assert.Equal(scored.HotRows, csv.Column("hot").Count(cell => cell == "true"));
        Assert.All(csv.Column("lead_id"), id => Assert.True(Guid.TryParse(id, out _)));
    }

    [Fact]
    public void A_split_by_time_measures_on_the_newest_rows()
    {
        // In the newest fifth the label turns round: a model of the older rows must be worse than guessing there.
        var csv = new StringBuilder("day,x,y\n");
        for (var day = 0; day < 500; day++)
        {
            var x = day * 7 % 10;
            csv.Append(CultureInfo.InvariantCulture, $"{day},{x},{((x >= 5) ^ (day >= 400) ? 1 : 0)}\n");
        }

        var data = _folder.Write("t.csv", csv.ToString());
        var time = Train(data, request => request with { Label = "y", Order = "day", Split = SplitKind.Time });
        Assert.True(time.Validation.AucRoc < 0.1, $"AUC {time.Validation.AucRoc}");
        Assert.Equal(["x"], time.Features.Select(feature => feature.Name));
    }

    [Theory]
    [InlineData(null, null, null, "which column is the label? The table has the columns 'Account', 'Age', 'Job title', 'Noise', 'Bought?'")]
    [InlineData("Sold", null, null, "there is no label column 'Sold'. The table has the columns 'Account'")]
    [InlineData("Bought?", "maybe", null, "no row has the positive label 'maybe'; there are 'no', 'yes'")]
    [InlineData("Bought?", null, "Key", "there is no column 'Key'")]
    [InlineData("Job title", null, null, "not clear which value is the positive one")]
    public void Says_what_it_cannot_train_on(string? label, string? positive, string? id, string part)
    {
        var data = _folder.Write("bank.csv", LearningTables.Bank(50));
        var fault = Assert.Throws<DataFileException>(
            () => Train(data, request => request with { Label = label, Positive = positive, Id = id }));
        Assert.Contains(part, fault.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["model"]));
    }

    [Fact]
    public void A_table_without_rows_or_with_one_outcome_is_an_error()
    {
        Assert.Contains("no rows", Fault("a,y\n"), StringComparison.Ordinal);
        Assert.Contains("all rows have the label '1'", Fault("a,y\n1,1\n2,1\n"), StringComparison.Ordinal);
        Assert.Contains("too few rows", Fault("a,y\n1,1\n2,0\n3,1\n"), StringComparison.Ordinal);

        string Fault(string csv) => Assert.Throws<DataFileException>(
            () => Train(_folder.Write("t.csv", csv), request => request with { Label = "y" })).Message;
    }

    [Fact]
    public void The_card_warns_of_the_tag_that_leaks_the_outcome_unless_it_is_left_out()
    {
        SyntheticDataset.WriteCsv(_folder["t.csv"], new GenerationOptions { Leads = 500 });
        Train(_folder["t.csv"], request => request);
        Assert.Contains("`LeadStatusTag` leaks the outcome", Card(), StringComparison.Ordinal);
        var report = Train(_folder["t.csv"], request => request with { Exclude = ["Tags"] });
        Assert.DoesNotContain("leaks", Card(), StringComparison.Ordinal);
        Assert.Equal(9, report.Features.Count);

        string Card() => File.ReadAllText(_folder["model/model_card.md"]);
    }

    [Fact]
    public void Boosting_trains_too_and_honours_monotone_constraints()
    {
        var data = _folder.Write("bank.csv", LearningTables.Bank(600));
        var request = new TrainingRequest
        {
            Data = data,
            Output = _folder["model"],
            Label = "Bought?",
            Id = "Account",
            Algorithm = Algorithm.GradientBoosting,
            Settings = new AlgorithmSettings { Trees = 60, Monotone = new Dictionary<string, Monotone> { ["Age"] = Monotone.Increasing } },
        };
        var report = ModelTraining.Run(request);
        Assert.Equal("gradient-boosting", report.Algorithm);
        Assert.True(report.Validation.AucRoc > 0.9, $"AUC {report.Validation.AucRoc}");

        var ages = string.Concat(Enumerable.Range(18, 60).Select(age => $"A{age},{age},clerk,50\n"));
        BatchScoring.Run(_folder["model"], _folder.Write("ages.csv", "Account,Age,Job title,Noise\n" + ages), _folder["s.csv"]);
        var scores = TextTable.Read(_folder["s.csv"]).Cells.Column("probability")
            .Select(cell => double.Parse(cell!, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(scores.Order(), scores);
        Assert.True(scores[^1] > scores[0] + 0.5);
    }

    [Fact]
    public void Folds_are_measured_over_the_training_rows_and_told_in_card_and_report()
    {
        var data = _folder.Write("bank.csv", LearningTables.Bank(400));
        var report = Train(data, request => request with { Label = "Bought?", Id = "Account", Folds = 4, Charts = false });
        Assert.Equal(4, report.CrossValidation!.Folds.Count);
        Assert.Equal(320, report.CrossValidation.Folds.Sum(fold => fold.Rows));
        Assert.Contains("4 folds", File.ReadAllText(_folder["model/model_card.md"]), StringComparison.Ordinal);
        var model = ModelFolder.Load(_folder["model"]);
        Assert.Equal(4, ModelFolder.ReadReport(_folder["model"], model.Id)!.CrossValidation!.Folds.Count);
        Assert.Null(ModelFolder.ReadReport(_folder["model"], "another model"));
        Assert.False(File.Exists(_folder["model/roc.svg"]));
    }

    [Fact]
    public void Isotonic_calibration_tells_of_its_ties()
    {
        var data = _folder.Write("bank.csv", LearningTables.Bank(400));
        var settings = LearningTables.SmallForest with { Calibration = CalibrationKind.Isotonic };
        var report = Train(data, request => request with { Label = "Bought?", Id = "Account", Settings = settings });
        Assert.Contains(report.Warnings, warning => warning.Contains("different probabilities", StringComparison.Ordinal));
    }

    [Fact]
    public void A_feature_that_gives_the_outcome_away_is_warned_of()
    {
        var lines = LearningTables.Bank(400).TrimEnd('\n').Split('\n');
        var csv = lines[0] + ",Contract\n" + string.Concat(lines.Skip(1).Select(
            line => line + (line.EndsWith("yes", StringComparison.Ordinal) ? ",signed\n" : ",none\n")));
        var report = Train(_folder.Write("t.csv", csv), request => request with { Label = "Bought?", Id = "Account" });
        Assert.Equal("Contract", report.Importance[0].Feature);
        Assert.Contains("`Contract` alone reaches an AUC of", Assert.Single(report.Warnings), StringComparison.Ordinal);
        Assert.Empty(Train(_folder["t.csv"], request => request with
        {
            Label = "Bought?",
            Id = "Account",
            Exclude = ["Contract"],
        }).Warnings);
    }

    [RequiresSharedDataFact]
    public void The_real_table_warns_of_the_status_tag()
    {
        var report = ModelTraining.Run(new TrainingRequest
        {
            Data = RepositoryFolder.SharedData("lead-scoring.csv"),
            Output = _folder["model"],
            Charts = false,
        });
        Assert.Equal("LeadStatusTag", report.Importance[0].Feature);
        Assert.Contains(report.Warnings, warning => warning.Contains("`LeadStatusTag`", StringComparison.Ordinal));
    }

    private static string Quoted(string? cell)
        => cell is null ? "" : cell.Contains(',', StringComparison.Ordinal) ? $"\"{cell}\"" : cell;

    private ModelReport Train(string data, Func<TrainingRequest, TrainingRequest> with, string folder = "model")
        => ModelTraining.Run(with(new TrainingRequest { Data = data, Output = _folder[folder], Settings = LearningTables.SmallForest }));
}

using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using StreamScorer.App.Terminal;
using StreamScorer.Training.Learning;
using StreamScorer.Training.Tuning;

namespace StreamScorer.App.Commands;

/// <summary><c>tune</c>: searches for settings by cross-validation, then trains with the best.</summary>
internal static class TuneCommand
{
    private const int TrialsShown = 10;

    public static Command Create()
    {
        var data = new Option<string>("--data")
        {
            Description = "Training table: a CSV file, a Parquet file, or a folder of Parquet files.",
            Required = true,
            HelpName = "PATH",
        };
        var output = new Option<string>("--out")
        {
            Description = "Model folder: gets the best model and trials.csv. Run again, it goes on where it was stopped.",
            Required = true,
            HelpName = "DIR",
        };
        var trials = BoundedOption.Int("--trials", "Random settings to try, the defaults first.",
            1, 100_000, TuningRequest.DefaultTrials);
        var folds = BoundedOption.Int("--folds", "Cross-validation folds of each trial.", 2, 20, TuningRequest.DefaultFolds);
        var metric = new Option<string>("--metric")
        {
            Description = "What the best trial is best at.",
            DefaultValueFactory = _ => "log-loss",
            HelpName = "log-loss|auc",
        };
        metric.AcceptOnlyFromAmong("log-loss", "auc");
        var grid = new GridOption();
        var columns = new ColumnOptions();
        var settings = new AlgorithmOptions();
        var command = new Command("tune",
            "Search for settings by cross-validation over the training rows, then train with the best. JSON on the last line.")
        {
            data, output, trials, folds, metric, grid.Option,
        };
        columns.AddTo(command);
        settings.AddTo(command);
        command.Validators.Add(result => grid.RefuseForeign(result, settings));
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(
            new TuningRequest
            {
                Training = settings.Read(parsed, columns.Read(parsed, new TrainingRequest
                {
                    Data = parsed.GetRequiredValue(data),
                    Output = parsed.GetRequiredValue(output),
                })),
                Trials = parsed.GetRequiredValue(trials)!.Value,
                Folds = parsed.GetRequiredValue(folds)!.Value,
                Goal = parsed.GetValue(metric) == "auc" ? TuningGoal.AucRoc : TuningGoal.LogLoss,
                Grid = grid.Read(parsed),
            }, cancellation), cancellation));
        return command;
    }

    private static int Run(TuningRequest request, CancellationToken cancellation)
    {
        var result = WorkProgress.Run(progress => ModelTuning.Run(request, progress, cancellation));
        var table = new ReportTable(
            string.Create(CultureInfo.InvariantCulture,
                $"{result.Trials.Count} trials, {result.Resumed} of them from before; best first"),
            "trial", "log loss", "±", "AUC-ROC", "±", "settings").TextAtEnd();
        foreach (var trial in result.Trials.Take(TrialsShown))
        {
            table.Row(trial.Number, trial.LogLoss, trial.LogLossDeviation, trial.AucRoc, trial.AucRocDeviation,
                Settings(trial.Settings));
        }

        table.WriteTo(StandardError.Console);
        var report = result.Report;
        MetricsReport.Write(report.Validation, $"{report.Model} with the best settings, on rows the search has not seen",
            StandardError.Console);
        JsonOutput.Write(new
        {
            trials = result.Trials.Count,
            best = AlgorithmSetting.All.Where(setting => setting.Get(result.Trials[0].Settings) is not null)
                .ToDictionary(setting => setting.Name, setting => setting.Get(result.Trials[0].Settings)),
            bestLogLoss = result.Trials[0].LogLoss,
            bestAucRoc = result.Trials[0].AucRoc,
            model = MetricsLine.Of(report.Model, report.Id, report.Rows.Table, report.Rows.Training, report.Validation),
        });
        return ExitCode.Done;
    }

    private static string Settings(AlgorithmSettings settings)
    {
        var given = AlgorithmSetting.All.Where(setting => setting.Get(settings) is not null)
            .Select(setting => string.Create(CultureInfo.InvariantCulture, $"{setting.Name}={setting.Get(settings)}"));
        var text = string.Join(' ', given);
        return text.Length == 0 ? "defaults" : text;
    }
}

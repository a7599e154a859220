using System.Globalization;
using CsvHelper;
using StreamScorer.Training.Files;
using StreamScorer.Training.Learning;
using StreamScorer.Training.Tables;

namespace StreamScorer.Training.Tuning;

/// <summary>
/// <c>trials.csv</c> beside the model: one row per finished trial. It is replaced as a whole after each trial, so that a
/// search that was stopped goes on where it was.
/// </summary>
internal sealed class TrialTable
{
    public const string FileName = "trials.csv";

    private static readonly string[] Results =
    [
        "auc_roc", "auc_roc_deviation", "log_loss", "log_loss_deviation", "accuracy",
    ];

    private static readonly string[] Header =
    [
        "search", "trial", .. AlgorithmSetting.All.Select(setting => setting.Name), .. Results,
    ];

    private readonly string _folder;
    private readonly string _search;
    private readonly List<Trial> _trials = [];

    /// <param name="folder">The model folder; it need not exist.</param>
    /// <param name="search">
    /// Stands for all that makes trials comparable (rows, schema, algorithm, folds, seed). Rows of another search are not
    /// taken over.
    /// </param>
    /// <param name="given">Settings that are not numbers of the table; the same in every trial.</param>
    /// <exception cref="DataFileException">The table is damaged.</exception>
    public TrialTable(string folder, string search, AlgorithmSettings given)
    {
        _folder = folder;
        _search = search;
        var path = Path.Combine(folder, FileName);
        if (File.Exists(path)) Read(path, given);
    }

    public IReadOnlyList<Trial> Trials => _trials;

    /// <summary>The finished trial with these settings; null when there is none.</summary>
    public Trial? Find(AlgorithmSettings settings)
        => _trials.Find(trial => AlgorithmSetting.All.All(setting => setting.Get(trial.Settings) == setting.Get(settings)));

    public void Add(Trial trial)
    {
        _trials.Add(trial);
        using var staged = new StagedOutput(_folder);
        using (var csv = CsvWriter.ToFile(staged.StageFile(FileName)))
        {
            csv.WriteRecord(Header);
            foreach (var row in _trials) csv.WriteRecord(Cells(row));
        }

        staged.Publish();
    }

    private string?[] Cells(Trial trial) =>
    [
        _search, Text(trial.Number), .. AlgorithmSetting.All.Select(setting => Text(setting.Get(trial.Settings))),
        Text(trial.AucRoc), Text(trial.AucRocDeviation), Text(trial.LogLoss), Text(trial.LogLossDeviation), Text(trial.Accuracy),
    ];

    private void Read(string path, AlgorithmSettings given)
    {
        using var csv = new CsvRecordReader(path);
        if (!csv.Header.SequenceEqual(Header))
            throw new DataFileException(path, "this is not a table of trials, or one of another version",
                "Move it away; tune writes a new one.", 1);
        while (csv.Read())
        {
            if (csv[0] != _search) continue;
            var settings = given;
            for (var i = 0; i < AlgorithmSetting.All.Count; i++)
                settings = AlgorithmSetting.All[i].With(settings, csv[2 + i] is null ? null : Number(csv, 2 + i));
            var result = 2 + AlgorithmSetting.All.Count;
            _trials.Add(new Trial((int)Number(csv, 1), settings, Number(csv, result), Number(csv, result + 1),
                Number(csv, result + 2), Number(csv, result + 3), Number(csv, result + 4)));
        }
    }

    private static double Number(CsvRecordReader csv, int column)
        => double.TryParse(csv[column], NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw csv.Fault(column, $"'{csv[column]}' is not a number", "Move the table away; tune writes a new one.");

    private static string? Text(double? value) => value?.ToString("R", CultureInfo.InvariantCulture);
}

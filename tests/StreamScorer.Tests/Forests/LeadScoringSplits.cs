using System.Text.Json;
using StreamScorer.Forests;
using StreamScorer.Training.Tables;

namespace StreamScorer.Tests.Forests;

/// <summary>The ten recorded splits of the reference table with what other tools reached on them.</summary>
internal sealed class LeadScoringSplits
{
    private readonly JsonElement _root;
    private readonly RawTable _table;

    public LeadScoringSplits()
    {
        _root = JsonDocument.Parse(File.ReadAllText(RepositoryFolder.SharedData("splits.json"))).RootElement;
        _table = ReadTable(RepositoryFolder.SharedData("lead-scoring.csv"));
    }

    public IEnumerable<string> Seeds => _root.GetProperty("splits").EnumerateObject().Select(split => split.Name);

    public double Recorded(string seed, string featureSet, string model, string metric) =>
        _root.GetProperty("splits").GetProperty(seed).GetProperty("reached").GetProperty(featureSet)
            .GetProperty(model).GetProperty(metric).GetDouble();

    /// <summary>Trains on a seeded part of what is not held out, measures on the hold-out.</summary>
    /// <param name="share">
    /// 0.8 (5,174 rows) is what the recorded forest was trained on; 1 (6,468 rows) what the recorded XGBoost was tuned on.
    /// </param>
    public BinaryMetrics Measure(
        string seed, string featureSet, Func<FeatureSchema, double[], bool[], ForestModel> train, double share = 0.8)
    {
        var (model, rows, labels) = Train(seed, featureSet, train, share);
        var probability = new double[labels.Length];
        model.CreateScorer().Score(rows, new double[labels.Length], probability);
        return BinaryMetrics.Compute(probability, labels);
    }

    /// <summary>Trains as <see cref="Measure"/> does and looks at the features on the hold-out.</summary>
    public IReadOnlyList<FeatureImportance> Importance(
        string seed, string featureSet, Func<FeatureSchema, double[], bool[], ForestModel> train)
    {
        var (model, rows, labels) = Train(seed, featureSet, train, share: 0.8);
        return FeatureImportance.Measure(model, rows, labels);
    }

    private (ForestModel Model, double[] HoldOut, bool[] Labels) Train(
        string seed, string featureSet, Func<FeatureSchema, double[], bool[], ForestModel> train, double share)
    {
        var specs = _root.GetProperty("feature_sets").GetProperty(featureSet).EnumerateArray()
            .Select(column => column.GetString()!)
            .Select(column => new FeatureSpec(column, column, column, column)).ToArray();
        var holdOut = _root.GetProperty("splits").GetProperty(seed).GetProperty("holdout").EnumerateArray()
            .Select(row => row.GetInt32()).ToArray();
        var rest = Enumerable.Range(0, _table.RowCount).Except(holdOut).ToArray();
        new Random(int.Parse(seed, System.Globalization.CultureInfo.InvariantCulture)).Shuffle(rest);
        var training = Take(rest.AsSpan(0, (int)(rest.Length * share)).ToArray());
        var schema = FeatureSchema.Fit(featureSet, specs, training);
        var model = train(schema, schema.Encode(training), Labels(training));
        var test = Take(holdOut);
        return (model, schema.Encode(test), Labels(test));
    }

    private RawTable Take(int[] rows) => new(
        _table.ColumnNames,
        [.. _table.ColumnNames.Select(name => Array.ConvertAll(rows, row => _table.Column(name)[row]))]);

    private static bool[] Labels(RawTable rows) => Array.ConvertAll(rows.Column("Converted"), cell => cell == "1");

    private static RawTable ReadTable(string path)
    {
        using var reader = new CsvRecordReader(path);
        var columns = reader.Header.Select(_ => new List<string?>()).ToArray();
        while (reader.Read())
        {
            for (var column = 0; column < columns.Length; column++)
                columns[column].Add(reader[column]);
        }

        return new RawTable(reader.Header, [.. columns.Select(cells => cells.ToArray())]);
    }
}

using StreamScorer.Forests;
using StreamScorer.Training.Preparation;
using StreamScorer.Training.Schemas;
using StreamScorer.Training.Tables;

namespace StreamScorer.Training.Learning;

/// <summary>
/// Table → model folder: read, decide what the columns mean, split 80/20, fit the feature schema and the trees on the 80 %,
/// measure on the 20 %, write.
/// </summary>
public static class ModelTraining
{
    /// <exception cref="DataFileException">The table cannot be trained on; the message says why and what to do.</exception>
    /// <exception cref="ForestException">A setting is out of range, or feature names collide.</exception>
    public static ModelReport Run(
        TrainingRequest request, IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        var reading = StageReporter.For(progress, "Reading " + Path.GetFileName(request.Data));
        var table = TextTable.Read(request.Data, reading, cancellation);
        var schema = SchemaChoice.For(table, request);
        var labels = LabelColumn.Read(table, schema.LabelColumn, schema.PositiveValue.Length == 0 ? null : schema.PositiveValue);
        schema = schema with { PositiveValue = labels.PositiveValue };
        var split = request.Split == SplitKind.Time
            ? RowSplit.ByTime(table, labels.Rows, schema)
            : RowSplit.Random(labels.Rows.Length, request.Seed);
        var (training, validation) = Encode(table, schema, labels, split);

        var model = AlgorithmRun.Train(request.Algorithm, schema.Name, training, request.Settings, request.Seed,
            StageReporter.For(progress, "Training"), cancellation);
        var metrics = BinaryMetrics.Compute(validation.Score(model), validation.Labels);
        var report = new ModelReport
        {
            Model = model.Name,
            Id = model.Id,
            Algorithm = model.Algorithm,
            Trees = model.TreeCount,
            Seed = request.Seed,
            Split = request.Split,
            Rows = new RowCounts(table.Cells.RowCount, labels.UnlabelledRows, training.Count, validation.Count),
            Validation = metrics,
            Schema = schema,
            Features = [.. FeatureSummary.Of(model.Schema, training)],
        };
        cancellation.ThrowIfCancellationRequested();
        ModelFolder.Write(request.Output, model, report);
        return report;
    }

    /// <summary>Fits the schema on the training rows alone and encodes both sides by it.</summary>
    private static (LearningRows Training, LearningRows Validation) Encode(
        TextTable table, TrainingSchema schema, LabelColumn labels, RowSplit split)
    {
        var cells = TableColumns.For(table.Cells, schema.Features);
        var trainingCells = Rows(cells, labels, split.Training);
        var fitted = FeatureSchema.Fit(schema.Name, schema.Features, trainingCells);
        var validationCells = Rows(cells, labels, split.Validation);
        var training = new LearningRows(fitted, fitted.Encode(trainingCells), Pick(labels, split.Training));
        var validation = new LearningRows(fitted, fitted.Encode(validationCells), Pick(labels, split.Validation));
        RequireBothClasses(table.Source, training);
        RequireBothClasses(table.Source, validation);
        return (training, validation);
    }

    private static RawTable Rows(RawTable cells, LabelColumn labels, int[] positions)
        => TableColumns.Rows(cells, Array.ConvertAll(positions, position => labels.Rows[position]));

    private static bool[] Pick(LabelColumn labels, int[] positions)
        => Array.ConvertAll(positions, position => labels.Labels[position]);

    private static void RequireBothClasses(string source, LearningRows rows)
    {
        if (rows.Labels.Contains(true) && rows.Labels.Contains(false)) return;
        throw new DataFileException(source, "there are too few rows: one side of the 80/20 split has only one outcome",
            "Give more rows of the rarer outcome.");
    }
}

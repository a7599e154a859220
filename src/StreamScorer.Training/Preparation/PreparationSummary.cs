namespace StreamScorer.Training.Preparation;

/// <summary>What <c>prepare</c> made of a table.</summary>
/// <param name="Source">The CSV file.</param>
/// <param name="Output">The folder written.</param>
/// <param name="Rows">Labelled rows: training and streaming together.</param>
/// <param name="UnlabelledRows">Rows dropped because they have no label.</param>
/// <param name="TrainingRows">Rows of <c>processed/training_data.parquet</c>.</param>
/// <param name="StreamingRows">Rows of all files in <c>streaming/user_events</c>.</param>
/// <param name="Partitions">Files in <c>streaming/user_events</c>.</param>
/// <param name="Training">Labels of the training rows.</param>
/// <param name="Streaming">Labels of the streaming rows.</param>
/// <param name="Features">Nulls by feature, over all labelled rows, in schema order.</param>
public sealed record PreparationSummary(
    string Source,
    string Output,
    int Rows,
    int UnlabelledRows,
    int TrainingRows,
    int StreamingRows,
    int Partitions,
    LabelCount Training,
    LabelCount Streaming,
    IReadOnlyList<FeatureNulls> Features);

/// <summary>Labels of a set of rows.</summary>
public sealed record LabelCount(int Rows, int Positive)
{
    /// <summary>Share of positive rows, 0 for no rows.</summary>
    public double Rate => Rows == 0 ? 0 : (double)Positive / Rows;
}

/// <summary>Nulls of one feature.</summary>
/// <param name="Feature">Business name.</param>
/// <param name="Nulls">Rows without a value.</param>
/// <param name="Share">The same as a share of all rows.</param>
public sealed record FeatureNulls(string Feature, int Nulls, double Share);

using StreamScorer.Training.Learning;

namespace StreamScorer.Benchmarks.Forests;

/// <summary>
/// Rows of the lead-scoring table, encoded: of the public one where it lies beside the repository, else of the shipped
/// synthetic one.
/// </summary>
internal sealed class LeadTable
{
    private LeadTable(string source, LearningRows training, LearningRows held) =>
        (Source, Training, Held) = (source, training, held);

    /// <summary>What the figures are of.</summary>
    public string Source { get; }

    /// <summary>70 % of the rows.</summary>
    public LearningRows Training { get; }

    /// <summary>The others.</summary>
    public LearningRows Held { get; }

    public static LeadTable Read()
    {
        var shared = Environment.GetEnvironmentVariable("STREAMSCORER_SHARED") is { Length: > 0 } set
            ? set
            : Path.Combine(Repository, "..", "shared");
        var publicTable = Path.Combine(shared, "data", "lead-scoring.csv");
        var isPublic = File.Exists(publicTable);
        var file = isPublic ? publicTable : Path.Combine(Repository, "data", "processed", "training_data.parquet");
        var table = LabelledTable.Read(new TrainingRequest { Data = file, Output = "" }, null, default);
        var rows = Enumerable.Range(0, table.Labels.Length).ToArray();
        new Random(42).Shuffle(rows);
        var cut = rows.Length * 7 / 10;
        var (training, held) = table.Encode(rows[..cut], rows[cut..]);
        return new LeadTable(isPublic ? "the public lead table" : "the shipped synthetic leads", training, held);
    }

    private static string Repository { get; } = Environment.GetEnvironmentVariable("STREAMSCORER_HOME")
        ?? throw new InvalidOperationException("Run the benchmarks through ./streamscorer bench.");
}

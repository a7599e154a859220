using StreamScorer.Training.Preparation;

namespace StreamScorer.Training.Learning;

/// <summary>How rows are dealt to training and validation.</summary>
public enum SplitKind
{
    /// <summary>By chance, from the seed.</summary>
    Random,

    /// <summary>The oldest rows train, the newest validate: harder, and nearer to how a model is used.</summary>
    Time,
}

/// <summary>What <c>train</c> is asked to do. Null means: find out from the data or take the algorithm's default.</summary>
public sealed record TrainingRequest
{
    /// <summary>A CSV file, a Parquet file, or a folder of Parquet files.</summary>
    public required string Data { get; init; }

    /// <summary>The model folder to write.</summary>
    public required string Output { get; init; }

    /// <summary>JSON file with a training schema.</summary>
    public string? SchemaFile { get; init; }

    /// <summary>Name stored in the model; the schema's name when null.</summary>
    public string? ModelName { get; init; }

    public Algorithm Algorithm { get; init; } = Algorithm.RandomForest;

    public string? Label { get; init; }

    public string? Positive { get; init; }

    public string? Id { get; init; }

    /// <summary>Column that rises with time, for <see cref="SplitKind.Time"/>.</summary>
    public string? Order { get; init; }

    /// <summary>Column with the event's own time, against which timestamp features are aged.</summary>
    public string? EventTime { get; init; }

    /// <summary>Columns or features to leave out.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    public SplitKind Split { get; init; } = SplitKind.Random;

    public long Seed { get; init; } = PreparationOptions.DefaultSeed;

    public AlgorithmSettings Settings { get; init; } = new();

    /// <summary>Cross-validation folds over the training rows, 2 to 20; 0 for none.</summary>
    public int Folds { get; init; }

    /// <summary>Whether to draw ROC, calibration, importance and learning curve (which trains four smaller models).</summary>
    public bool Charts { get; init; } = true;
}

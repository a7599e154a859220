namespace StreamScorer.Forests;

public sealed class ForestModel
{
    public static ForestModel Load(string path) => throw new NotImplementedException();

    public static ForestModel Load(ReadOnlySpan<byte> file, string source) => throw new NotImplementedException();

    public byte[] ToBytes() => throw new NotImplementedException();

    public void Save(string path) => throw new NotImplementedException();

    public string Id => throw new NotImplementedException();

    public string Name => throw new NotImplementedException();

    public string Algorithm => throw new NotImplementedException();

    public FeatureSchema Schema => throw new NotImplementedException();

    public IReadOnlyList<double> BucketEdges => throw new NotImplementedException();

    public Calibration Calibration => throw new NotImplementedException();

    public TrainingBaseline Baseline => throw new NotImplementedException();

    public int BucketOf(double probability) => throw new NotImplementedException();

    public static char TierOf(int bucket) => (char)('A' + 5 - bucket);

    public ForestScorer CreateScorer() => throw new NotImplementedException();
}

public sealed class Calibration;

public sealed class TrainingBaseline;

public sealed class ForestScorer
{
    public void Score(ReadOnlySpan<double> rows, Span<double> raw, Span<double> probability) => throw new NotImplementedException();

    public void Contributions(ReadOnlySpan<double> row, Span<double> contributions, out double baseline) =>
        throw new NotImplementedException();
}

public sealed record RandomForestOptions
{
    public int Trees { get; init; } = 100;

    public int MaxDepth { get; init; } = 10;

    public ulong Seed { get; init; } = 42;

    public int Threads { get; init; } = Environment.ProcessorCount;
}

public static class RandomForestTrainer
{
    public static ForestModel Train(
        string modelName, FeatureSchema schema, ReadOnlyMemory<double> rows, ReadOnlyMemory<bool> labels,
        RandomForestOptions options, IProgress<double>? progress = null, CancellationToken ct = default) =>
        throw new NotImplementedException();
}

public sealed record BinaryMetrics
{
    public double AucRoc { get; init; }

    public double AucPr { get; init; }

    public double Accuracy { get; init; }

    public double Precision { get; init; }

    public double Recall { get; init; }

    public double F1 { get; init; }

    public double LogLoss { get; init; }

    public double Brier { get; init; }

    public static BinaryMetrics Compute(ReadOnlySpan<double> probability, ReadOnlySpan<bool> labels) =>
        throw new NotImplementedException();
}

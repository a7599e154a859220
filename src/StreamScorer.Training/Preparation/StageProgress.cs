namespace StreamScorer.Training.Preparation;

/// <summary>How far a long piece of work has come.</summary>
/// <param name="Stage">What is being done, in the words of a progress bar.</param>
/// <param name="Share">0 to 1 of this stage.</param>
public readonly record struct StageProgress(string Stage, double Share);

/// <summary>Reports the share of one stage.</summary>
internal sealed class StageReporter : IProgress<double>
{
    private readonly IProgress<StageProgress> _progress;
    private readonly string _stage;

    private StageReporter(IProgress<StageProgress> progress, string stage)
    {
        _progress = progress;
        _stage = stage;
    }

    /// <summary>Null when nobody listens.</summary>
    public static StageReporter? For(IProgress<StageProgress>? progress, string stage)
        => progress is null ? null : new StageReporter(progress, stage);

    public void Report(double value) => _progress.Report(new StageProgress(_stage, value));
}

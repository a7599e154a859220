using StreamScorer.Features;
using StreamScorer.Forests;

namespace StreamScorer.Training.Replay;

/// <summary>A score as a checkpoint recorded it.</summary>
/// <param name="Partition">Source partition.</param>
/// <param name="Offset">Source offset.</param>
/// <param name="Model">Index of the row's model, as <see cref="ScoreVerifier.IndexOf"/> gave it.</param>
/// <param name="Raw">Output before calibration.</param>
/// <param name="Probability">Calibrated probability.</param>
public readonly record struct RecordedScore(int Partition, long Offset, int Model, double Raw, double Probability);

/// <summary>What became of one model's rows.</summary>
public sealed class ModelVerification
{
    /// <summary>SHA-256 of the model file, hex.</summary>
    public required string ModelId { get; init; }

    /// <summary>Whether the model was found.</summary>
    public required bool IsFound { get; init; }

    /// <summary>Rows scored again.</summary>
    public long Compared { get; internal set; }

    /// <summary>Rows whose raw score or probability has other bits.</summary>
    public long Different { get; internal set; }

    /// <summary>Rows whose record is no event for this model any more: a row that should not be.</summary>
    public long Undecodable { get; internal set; }

    /// <summary>Rows that could not be scored again because the model is not there.</summary>
    public long WithoutModel { get; internal set; }

    /// <summary>The largest distance between the probabilities of a row; 0 where all agree.</summary>
    public double LargestDifference { get; internal set; }

    /// <summary>The first row that differs or does not decode; null where there is none.</summary>
    public RecordedScore? First { get; internal set; }
}

/// <summary>
/// Scores events again with the model that each recorded row names, the way the worker does, and compares the 64 bits of
/// raw score and probability. One thread at a time; holds one decoder and scorer per model.
/// </summary>
public sealed class ScoreVerifier(IReadOnlyDictionary<string, ForestModel> models)
{
    private readonly List<(ModelVerification Result, Rescoring? Scoring)> _models = [];
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);

    /// <summary>One entry per model that a row named, in the order of their first rows.</summary>
    public IReadOnlyList<ModelVerification> Results => [.. _models.Select(each => each.Result)];

    /// <summary>A number for a model id, for <see cref="RecordedScore.Model"/>.</summary>
    public int IndexOf(string modelId)
    {
        if (_indexes.TryGetValue(modelId, out var index))
            return index;
        var found = models.TryGetValue(modelId, out var model);
        _models.Add((new ModelVerification { ModelId = modelId, IsFound = found }, found ? new Rescoring(model!) : null));
        return _indexes[modelId] = _models.Count - 1;
    }

    /// <summary>Scores the event again that the row was made from.</summary>
    public void Verify(in RecordedScore recorded, byte[]? key, byte[]? value)
    {
        var (result, scoring) = _models[recorded.Model];
        if (scoring is null)
        {
            result.WithoutModel++;
            return;
        }

        result.Compared++;
        if (!scoring.TryScore(key, value, out var raw, out var probability))
            result.Undecodable++;
        else if (BitConverter.DoubleToInt64Bits(raw) == BitConverter.DoubleToInt64Bits(recorded.Raw)
                 && BitConverter.DoubleToInt64Bits(probability) == BitConverter.DoubleToInt64Bits(recorded.Probability))
            return;
        else
            result.Different++;
        result.LargestDifference = Math.Max(result.LargestDifference, Math.Abs(probability - recorded.Probability));
        result.First ??= recorded;
    }

    private sealed class Rescoring(ForestModel model)
    {
        private readonly EventDecoder _decoder = new(model.Schema);
        private readonly ForestScorer _scorer = model.CreateScorer();
        private readonly Utf8Arena _texts = new();
        private readonly double[] _row = new double[model.Schema.Count];
        private readonly double[] _raw = new double[1];
        private readonly double[] _probability = new double[1];
        private DecodedEvent _decoded;

        public bool TryScore(byte[]? key, byte[]? value, out double raw, out double probability)
        {
            _texts.Clear();
            (raw, probability) = (0, 0);
            if (_decoder.Decode(key, key is null, value, value is null, _row, _texts, ref _decoded) != RecordKind.Event)
                return false;
            _scorer.Score(_row, _raw, _probability);
            (raw, probability) = (_raw[0], _probability[0]);
            return true;
        }
    }
}

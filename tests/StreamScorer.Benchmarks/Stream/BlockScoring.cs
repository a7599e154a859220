using System.Buffers;
using StreamScorer.Forests;
using StreamScorer.Scoring;

namespace StreamScorer.Benchmarks.Stream;

/// <summary>
/// Scores rows as the worker does: block by block, and one in four is explained from the leaves that its score was summed from.
/// </summary>
internal sealed class BlockScoring(PredictionEngine engine, int topReasons)
{
    private readonly double[] _raw = new double[ForestScorer.BlockRows];
    private readonly double[] _probability = new double[ForestScorer.BlockRows];
    private readonly ArrayBufferWriter<byte> _json = new(4096);

    /// <param name="rows">Feature rows end to end.</param>
    /// <param name="explain">False: scores alone.</param>
    public void Score(ReadOnlySpan<double> rows, bool explain = true)
    {
        var width = engine.Model.Schema.Count;
        while (!rows.IsEmpty)
        {
            var count = Math.Min(ForestScorer.BlockRows, rows.Length / width);
            engine.Predict(rows[..(count * width)], _raw.AsSpan(0, count), _probability.AsSpan(0, count), keepLeaves: explain);
            for (var row = 0; explain && row < count; row += 4)
            {
                _json.ResetWrittenCount();
                engine.AppendReasonsJson(rows.Slice(row * width, width), topReasons, _json, exact: false, row);
            }

            rows = rows[(count * width)..];
        }
    }
}

using System.Globalization;
using System.Text;
using StreamScorer.Benchmarks.Forests;
using StreamScorer.Benchmarks.Stream;
using StreamScorer.Features;
using StreamScorer.Forests;
using StreamScorer.Scoring;

namespace StreamScorer.Benchmarks.Growth;

/// <summary>What an event costs on one thread as the model grows: decode, score, explain one in four. No services.</summary>
internal static class ModelGrowth
{
    private const int TrainingRows = 4000;
    private const int Batch = 256;
    private const int TopReasons = 5;

    /// <summary>10 to 1,000 features, 100 trees.</summary>
    public static void Features(Action<GrowthPoint> tell)
    {
        WarmUp();
        foreach (var features in (int[])[10, 30, 100, 300, 1000])
            tell(Measure(features, features, 100));
    }

    /// <summary>100 to 1,000 trees on 50 features.</summary>
    public static void Trees(Action<GrowthPoint> tell)
    {
        WarmUp();
        foreach (var trees in (int[])[100, 200, 400, 700, 1000])
            tell(Measure(trees, 50, trees));
    }

    /// <summary>Names of what <see cref="Measure"/> tells.</summary>
    public static IReadOnlyList<string> Columns { get; } = ["decode", "score", "reasons of 1/4", "bytes an event"];

    // What is measured first would bear the compiling of all that is measured later.
    private static void WarmUp() => Measure(0, 50, 100);

    private static GrowthPoint Measure(double size, int features, int trees)
    {
        var table = new WideTable(seed: 7, TrainingRows, features);
        var forest = RandomForestTrainer.Train(
            "growth", table.Schema, table.Rows, table.Labels, new RandomForestOptions { Trees = trees });
        var events = Enumerable.Range(0, Batch * 8).Select(row => Event(table, row)).ToArray();
        var decode = RowCost.OfEach((Batch, Decode(table.Schema, events)))[0].Microseconds;
        var (score, reasons) = Score(forest, table);
        return new GrowthPoint(size, decode + score + reasons, [decode, score, reasons, events.Average(each => each.Length)]);
    }

    private static (double Score, double Reasons) Score(ForestModel forest, WideTable table)
    {
        var blocks = new BlockScoring(new PredictionEngine(new ScoringModel("growth", forest), new HotThreshold(0.7)), TopReasons);
        var (width, next) = (table.Schema.Count, 0);
        void Score(bool explain)
        {
            next = (next + ForestScorer.BlockRows) % (TrainingRows - ForestScorer.BlockRows);
            blocks.Score(table.Rows.AsSpan(next * width, ForestScorer.BlockRows * width), explain);
        }

        var costs = RowCost.OfEach((ForestScorer.BlockRows, () => Score(explain: false)), (ForestScorer.BlockRows, () => Score(explain: true)));
        return (costs[0].Microseconds, Math.Max(0, costs[1].Microseconds - costs[0].Microseconds));
    }

    private static Action Decode(FeatureSchema schema, byte[][] events)
    {
        var decoder = new EventDecoder(schema);
        var texts = new Utf8Arena(1 << 20);
        var row = new double[schema.Count];
        var decoded = default(DecodedEvent);
        var next = 0;
        return () =>
        {
            texts.Clear();
            for (var i = 0; i < Batch; i++)
            {
                if (decoder.Decode("key"u8, false, events[next], false, row, texts, ref decoded) != RecordKind.Event)
                    throw new InvalidOperationException($"The event was not understood: {decoded.Reason}.");
                next = (next + 1) % events.Length;
            }
        };
    }

    private static byte[] Event(WideTable table, int row)
    {
        var text = new StringBuilder("{\"leadId\":\"9a3f7c1e-lead\"");
        for (var i = 0; i < table.Schema.Count; i++)
            text.Append(CultureInfo.InvariantCulture, $",\"f{i}\":").Append(table.Json(row, i));
        return Encoding.UTF8.GetBytes(text.Append('}').ToString());
    }
}

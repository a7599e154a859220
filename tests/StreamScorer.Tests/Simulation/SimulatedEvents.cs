using System.Buffers;
using System.Text;
using StreamScorer.Forests;
using StreamScorer.Scoring;
using StreamScorer.Tests.Scoring;

namespace StreamScorer.Tests.Simulation;

/// <summary>What a record is, as the producer knows it.</summary>
internal enum RecordTruth
{
    Event,
    Tombstone,

    /// <summary>No JSON: a dead letter from the decoder.</summary>
    Bad,

    /// <summary>The database refuses its lead: a dead letter found by halving the batch.</summary>
    RefusedByDatabase,

    /// <summary>Well formed, and makes the scorer throw: a dead letter found by scoring each event of the batch alone.</summary>
    Poison,
}

/// <summary>A model whose engines throw at a batch that has a poisoned row in it, whatever the others are.</summary>
internal sealed class PoisonableModel(string name, ForestModel forest) : ScoringModel(name, forest)
{
    internal override PredictionEngine CreateEngine(HotThreshold threshold) => new Engine(this, threshold);

    private sealed class Engine(ScoringModel model, HotThreshold threshold) : PredictionEngine(model, threshold)
    {
        private readonly int _visits = model.Schema.Features.Single(feature => feature.StreamName == "totalVisits").Index;

        public override void Predict(ReadOnlySpan<double> rows, Span<double> raw, Span<double> probability, bool keepLeaves = false)
        {
            for (var visits = _visits; visits < rows.Length; visits += Model.Schema.Count)
            {
                if (rows[visits] == SimulatedEvents.PoisonVisits)
                    throw new InvalidOperationException("Poison.");
            }

            base.Predict(rows, raw, probability, keepLeaves);
        }

        public override int AppendReasonsJson(
            ReadOnlySpan<double> row, int top, IBufferWriter<byte> json, bool exact = false, int scored = -1) =>
            row[_visits] == SimulatedEvents.UnexplainableVisits
                ? throw new InvalidOperationException("Poison.")
                : base.AppendReasonsJson(row, top, json, exact, scored);
    }
}

/// <summary>
/// The few kinds of events and models that all runs share, with the score that each model gives each kind: the oracle
/// takes it from single predictions, not from the batch path.
/// </summary>
internal static class SimulatedEvents
{
    public const string ModelName = "lead-scoring";

    /// <summary>A lead id with this in it is one that the database cannot store.</summary>
    public const string RefusedMark = "refused";

    /// <summary>The value that <see cref="PoisonableModel"/> cannot bear.</summary>
    public const int PoisonVisits = 666;

    /// <summary>The value that it can score and give no reasons for.</summary>
    public const int UnexplainableVisits = 667;

    private static readonly string[] Actions = ["Email Opened", "Email Bounced", "SMS Sent"];

    public static readonly IReadOnlyList<ForestModel> Models = [.. Enumerable.Range(1, 3).Select(seed => SmallModels.Train((ulong)seed))];

    /// <summary>Number of kinds of events.</summary>
    public const int Kinds = 12;

    private static readonly Dictionary<(int Kind, string ModelId), double> Probabilities = Score();

    /// <summary>Splits the kinds into hot and cold ones, differently for each model.</summary>
    public static readonly double Threshold = Median();

    /// <summary>A kind that is hot under every model.</summary>
    public static readonly int AlwaysHot = Enumerable.Range(0, Kinds)
        .First(kind => Models.All(model => Probability(kind, model.Id) > Threshold));

    public static double Probability(int kind, string modelId) => Probabilities[(kind, modelId)];

    public static byte[] Value(int kind, string leadId) => ValueOf(Visits(kind), Actions[kind % Actions.Length], leadId);

    public static byte[] Poison(string leadId) => ValueOf(PoisonVisits, Actions[0], leadId);

    public static byte[] ValueOf(int visits, string action, string leadId) => Encoding.UTF8.GetBytes(
        $$"""{"leadId":"{{leadId}}","totalVisits":{{visits}},"lastAction":"{{action}}"}""");

    private static int Visits(int kind) => kind / Actions.Length * 3;

    private static Dictionary<(int, string), double> Score()
    {
        var scores = new Dictionary<(int, string), double>();
        foreach (var model in Models)
        {
            var engine = new PredictionEngine(new ScoringModel(ModelName, model), HotThreshold.Default);
            for (var kind = 0; kind < Kinds; kind++)
            {
                var lead = new LeadEvent();
                lead.Features["totalVisits"] = Visits(kind);
                lead.Features["lastAction"] = Actions[kind % Actions.Length];
                scores[(kind, model.Id)] = engine.Predict(lead).Probability;
            }
        }

        return scores;
    }

    private static double Median()
    {
        var sorted = Probabilities.Values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}

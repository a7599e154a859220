using System.Globalization;
using System.Text;
using StreamScorer.Training.Generation;

namespace StreamScorer.Benchmarks.Forests;

/// <summary>
/// Tables that look like those of marketing (45,000 rows, about one in nine buys, numbers and texts, texts of hundreds of
/// values, gaps, columns without meaning), made by three mechanisms of which none is a tree: a stand-in where no public table
/// is at hand. What makes a row buy is drawn with the chance that the mechanism gives, so no model can know it.
/// </summary>
internal static class MarketingTables
{
    public const string Label = "bought";
    private const int Rows = 45_000;
    private const double BuyingShare = 0.11;

    public static IReadOnlyList<(string Name, Func<string> Csv)> All { get; } =
    [
        ("campaign (smooth effects, interactions)", () => Write(new Campaign(1).Row)),
        ("segments (hidden groups that answer differently)", () => Write(new Segments(2).Row)),
        ("traces (noisy traces of a hidden interest)", () => Write(new Traces(3).Row)),
    ];

    private delegate double MakeRow(List<(string Column, string? Cell)> cells);

    // The log-odds of all rows are moved until the wanted share of them buys.
    private static string Write(MakeRow make)
    {
        var rows = new List<(string Column, string? Cell)>[Rows];
        var logOdds = new double[Rows];
        for (var row = 0; row < Rows; row++)
            logOdds[row] = make(rows[row] = []);
        var (low, high) = (-30.0, 30.0);
        for (var step = 0; step < 60; step++)
        {
            var shift = (low + high) / 2;
            if (logOdds.Average(value => Chance(value + shift)) > BuyingShare)
                high = shift;
            else
                low = shift;
        }

        var random = new SeededRandom(99);
        var csv = new StringBuilder().AppendJoin(',', rows[0].Select(cell => cell.Column)).Append(',').Append(Label).Append('\n');
        for (var row = 0; row < Rows; row++)
        {
            csv.AppendJoin(',', rows[row].Select(cell => cell.Cell));
            csv.Append(random.Chance(Chance(logOdds[row] + low)) ? ",yes\n" : ",no\n");
        }

        return csv.ToString();
    }

    private static double Chance(double logOdds) => 1 / (1 + Math.Exp(-logOdds));

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static double Normal(SeededRandom random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    // Few common values and a long tail, as of employers or campaigns.
    private static int Skewed(SeededRandom random, int values) => (int)(values * Math.Pow(random.NextDouble(), 2.5));

    /// <summary>Effects of single columns, bent but smooth, and products of them.</summary>
    private sealed class Campaign(long seed)
    {
        private readonly SeededRandom _random = new(seed);
        private readonly double[] _jobs = Effects(seed + 1, 12, 0.5);
        private readonly double[] _regions = Effects(seed + 2, 400, 0.4);
        private readonly double[] _months = Effects(seed + 3, 12, 0.5);

        public double Row(List<(string Column, string? Cell)> cells)
        {
            var age = 18 + (60 * Math.Pow(_random.NextDouble(), 1.3));
            var balance = Math.Exp(6.5 + (1.4 * Normal(_random)));
            var contacts = 1 + Skewed(_random, 20);
            var (job, region, month) = (_random.Next(12), Skewed(_random, 400), _random.Next(12));
            var (loan, housing, days) = (_random.Chance(0.2), _random.Chance(0.55), _random.Next(900));
            var isKnown = _random.Chance(0.2);
            cells.AddRange(
            [
                ("age", Text((int)age)), ("balance", _random.Chance(0.04) ? null : Text(balance)), ("contacts", Text(contacts)),
                ("job", $"job{job}"), ("region", $"r{region}"), ("month", $"m{month}"), ("loan", loan ? "yes" : "no"),
                ("housing", housing ? "yes" : "no"), ("days_since_contact", isKnown ? Text(days) : null),
                ("noise", Text(Normal(_random))), ("channel", $"c{_random.Next(4)}"),
            ]);
            var wealth = Math.Log(balance) - 6.5;
            return (1.1 * Math.Cos((age - 20) / 11)) + (0.5 * wealth) - (0.12 * contacts)
                + _jobs[job] + _regions[region] + _months[month]
                - (loan ? 0.6 : 0) - (housing ? 0.5 - (0.4 * wealth) : 0) + (isKnown ? 1.8 * Math.Exp(-days / 200.0) : 0)
                + (0.03 * (age - 45) * _months[month]);
        }
    }

    /// <summary>Which group somebody belongs to is not among the columns; each group answers to other things.</summary>
    private sealed class Segments(long seed)
    {
        private readonly SeededRandom _random = new(seed);
        private readonly double[] _weights = Effects(seed + 1, 6 * 8, 0.9);
        private readonly double[] _employers = Effects(seed + 2, 1500, 0.5);

        public double Row(List<(string Column, string? Cell)> cells)
        {
            var group = Skewed(_random, 6);
            var logOdds = 0.6 * Math.Sin(group * 2.0);
            for (var i = 0; i < 8; i++)
            {
                // The columns lie elsewhere for each group, so that they tell a little of it.
                var value = Normal(_random) + (0.8 * Math.Sin((group * 3) + i));
                logOdds += _weights[(group * 8) + i] * value * 0.7;
                cells.Add(($"measure{i}", _random.Chance(i == 3 ? 0.35 : 0.03) ? null : Text(value)));
            }

            var (employer, plan) = (Skewed(_random, 1500), (group + (_random.Chance(0.5) ? _random.Next(6) : 0)) % 6);
            cells.Add(("employer", $"e{employer}"));
            cells.Add(("plan", $"plan {plan}"));
            cells.Add(("size", _random.Chance(0.1) ? null : Text(Math.Exp(3 + Normal(_random)))));
            cells.Add(("visits", Text(Skewed(_random, 40))));
            return logOdds + _employers[employer];
        }
    }

    /// <summary>An interest that nobody sees leaves traces in many columns, each of them rounded, late or missing.</summary>
    private sealed class Traces(long seed)
    {
        private readonly SeededRandom _random = new(seed);
        private readonly double[] _sources = Effects(seed + 1, 40, 0.6);

        public double Row(List<(string Column, string? Cell)> cells)
        {
            var source = Skewed(_random, 40);
            var interest = Normal(_random) + _sources[source];
            var means = Normal(_random);
            var visits = (int)Math.Max(0, Math.Exp((0.6 * interest) + (0.8 * Normal(_random))) * 2);
            var opened = Enumerable.Range(0, 10).Count(_ => _random.Chance(Chance((0.8 * interest) - 0.5)));
            var last = interest + Normal(_random) > 1 ? "clicked" : interest + Normal(_random) > 0 ? "opened" : "sent";
            cells.AddRange(
            [
                ("source", $"s{source}"), ("visits", Text(visits)),
                ("minutes", visits == 0 ? null : Text(visits * Math.Exp(Normal(_random)))), ("opened", Text(opened)), ("last_action", last), ("company", Text(Math.Exp(4 + (1.2 * means) + Normal(_random)))),
                ("title", means + Normal(_random) > 1 ? "director" : means + Normal(_random) > 0 ? "manager" : "staff"),
                ("city", $"t{Skewed(_random, 300)}"),
                ("score_of_agent", _random.Chance(0.6) ? null : Text(Math.Round(interest + (2 * Normal(_random))))),
                ("hour", Text(_random.Next(24))), ("newsletter", _random.Chance(Chance(interest)) ? "true" : "false"),
            ]);
            return (1.1 * interest) + (0.7 * means) + (0.5 * interest * means);
        }
    }

    private static double[] Effects(long seed, int values, double spread)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, values).Select(_ => spread * Normal(random))];
    }
}

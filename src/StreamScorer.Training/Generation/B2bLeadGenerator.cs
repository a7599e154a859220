using System.Globalization;
using CsvHelper;
using StreamScorer.Forests;
using StreamScorer.Training.Files;
using StreamScorer.Training.Schemas;

namespace StreamScorer.Training.Generation;

/// <summary>
/// Invented leads of business customers for <see cref="B2bLeadSchema"/>. Seniority, engagement and a few of the custom
/// features decide who converts; the other custom ones are noise, as they are in real tables. Lead n of a seed is the same
/// whatever is made before it, on any machine.
/// </summary>
public sealed class B2bLeadGenerator(long seed)
{
    private static readonly string[] Sizes = ["1-10", "11-50", "51-200", "201-1000", "1001-5000", "5000+"];
    private static readonly string[] Industries =
        ["Software", "Manufacturing", "Finance", "Healthcare", "Retail", "Logistics", "Education", "Energy", "Media", "Public sector"];
    private static readonly string[] Titles =
        ["Engineer", "Analyst", "Marketing manager", "Sales manager", "Head of operations", "IT director", "Finance director", "Founder"];
    private static readonly string[] Seniorities = ["Junior", "Senior", "Manager", "Director", "Vice president", "C-level"];
    private static readonly string[] Geographies = ["North America", "Western Europe", "Eastern Europe", "India", "South-east Asia", "Latin America", "Middle East"];
    private static readonly string[] CustomTexts = ["alpha", "beta", "gamma", "delta"];

    /// <summary>Columns of a table of such leads: id, number, features, outcome.</summary>
    public static IReadOnlyList<string> Columns { get; } =
        [B2bLeadSchema.IdColumn, B2bLeadSchema.OrderColumn, .. B2bLeadSchema.Features.Select(feature => feature.ColumnName), B2bLeadSchema.LabelColumn];

    /// <summary>Makes a lead: its cells by <see cref="Columns"/>, null where nothing is known.</summary>
    /// <param name="index">0 or more.</param>
    public IReadOnlyList<string?> Create(int index)
    {
        var random = new SeededRandom(seed, index);
        var cells = new List<string?>(Columns.Count) { random.NextGuid().ToString(), Text(index + 1) };
        var (size, seniority) = (random.Next(Sizes.Length), random.Next(Seniorities.Length));
        var interest = random.NextDouble();
        cells.AddRange([Sizes[size], Pick(random, Industries), Pick(random, Titles), Seniorities[seniority], Pick(random, Geographies)]);
        var sessions = Count(random, 12 * interest);
        cells.Add(Text(Math.Round(100 * Blend(random, interest), 1)));
        cells.Add(Text(sessions));
        cells.Add(Text(sessions * (1 + random.Next(5))));
        cells.Add(Text(Math.Round(sessions * (20 + 200 * random.NextDouble()))));
        cells.Add(Text(Count(random, 3 * interest)));
        cells.Add(Text(Count(random, 4 * interest)));
        cells.Add(Text(Count(random, 8 * Blend(random, interest))));
        cells.Add(random.Chance(0.2) ? null : Text(random.Next(180)));
        var employees = (int)Math.Pow(10, 0.5 + size * 0.7 + random.NextDouble() * 0.5);
        cells.Add(random.Chance(0.15) ? null : Text(Math.Round(employees * (50_000 + 150_000 * random.NextDouble()))));
        cells.Add(Text(employees));
        var customer = random.Chance(0.2);
        cells.Add(customer ? "true" : "false");
        var custom = AddCustom(cells, random);
        var logit = -4.6 + 7 * interest + 0.25 * seniority + 0.12 * size + (customer ? 0.9 : 0) + custom;
        cells.Add(random.Chance(1 / (1 + Math.Exp(-logit))) ? "1" : "0");
        return cells;
    }

    /// <summary>Writes so many leads as a CSV file. Equal arguments give equal bytes.</summary>
    public static void WriteCsv(string path, int leads, long seed)
    {
        var full = Path.GetFullPath(path);
        using var staged = new StagedOutput(Path.GetDirectoryName(full)!);
        var generator = new B2bLeadGenerator(seed);
        using (var csv = CsvWriter.ToFile(staged.StageFile(Path.GetFileName(full))))
        {
            csv.WriteRecord([.. Columns]);
            for (var index = 0; index < leads; index++)
                csv.WriteRecord([.. generator.Create(index)]);
        }

        staged.Publish();
    }

    // Custom features 1, 2 and 21 matter; the others are drawn and mean nothing.
    private static double AddCustom(List<string?> cells, SeededRandom random)
    {
        var logit = 0.0;
        for (var number = 1; number <= B2bLeadSchema.CustomFeatures; number++)
        {
            var share = random.NextDouble();
            var isKnown = !random.Chance(0.1);
            cells.Add(!isKnown ? null : B2bLeadSchema.KindOfCustom(number) switch
            {
                FeatureKind.Numeric => Text(Math.Round(100 * share, 2)),
                FeatureKind.Categorical => CustomTexts[(int)(share * CustomTexts.Length)],
                _ => share < 0.5 ? "true" : "false",
            });
            if (isKnown && number is 1 or 2 or 21)
                logit += 1.2 * (share - 0.5);
        }

        return logit;
    }

    private static string Pick(SeededRandom random, string[] words) => words[random.Next(words.Length)];

    private static double Blend(SeededRandom random, double interest) => (0.6 * interest) + (0.4 * random.NextDouble());

    // A count with this mean, as sums of coin tosses give it.
    private static int Count(SeededRandom random, double mean)
    {
        var count = 0;
        for (var i = 0; i < 20; i++)
            count += random.Chance(Math.Min(1, mean / 20)) ? 1 : 0;
        return count;
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}

using System.Globalization;
using System.Text;
using StreamScorer.Training.Generation;
using StreamScorer.Training.Learning;

namespace StreamScorer.Tests.Training.Learning;

/// <summary>Small tables with a known rule, for tests of learning.</summary>
internal static class LearningTables
{
    public static AlgorithmSettings SmallForest { get; } = new() { Trees = 20, MaxDepth = 6 };

    /// <summary>Older people and nurses buy, but for one in twenty; Noise means nothing, Account is unique.</summary>
    public static string Bank(int rows)
    {
        var random = new SeededRandom(11);
        var csv = new StringBuilder("Account,Age,Job title,Noise,Bought?\n");
        string[] jobs = ["clerk", "farmer", "nurse"];
        for (var row = 0; row < rows; row++)
        {
            var (age, job) = (18 + random.Next(60), jobs[random.Next(3)]);
            var buys = (age > 45 || job == "nurse") ^ random.Chance(0.05);
            csv.Append(CultureInfo.InvariantCulture, $"A{row},{age},{job},{random.Next(100)},{(buys ? "yes" : "no")}\n");
        }

        return csv.ToString();
    }

    /// <summary>The same table as <see cref="LabelledTable"/>.</summary>
    public static LabelledTable Read(TemporaryFolder folder, int rows, string? csv = null, string? id = "Account")
        => LabelledTable.Read(new TrainingRequest
        {
            Data = folder.Write("bank.csv", csv ?? Bank(rows)),
            Output = folder["model"],
            Label = "Bought?",
            Id = id,
        }, null, default);
}

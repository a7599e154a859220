using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using StreamScorer.Tests.Repository;
using Xunit;

namespace StreamScorer.Tests.Docs;

/// <summary>
/// <c>src/docs/delivery-scenarios.md</c> is made from the tests' <see cref="ScenarioAttribute"/>s: nobody can claim a
/// scenario in prose. STREAMSCORER_UPDATE_SNAPSHOTS=1 writes it.
/// </summary>
public sealed partial class ScenarioTableTests
{
    private const string Document = "src/docs/delivery-scenarios.md";

    [Fact]
    public void The_table_says_what_the_tests_show()
    {
        var made = Table(Claims());
        var path = Path.Combine(RepositoryFolder.Path, Document);
        if (Snapshot.Updating)
            File.WriteAllText(path, made);
        Assert.True(File.Exists(path) && File.ReadAllText(path) == made, $"{Document} is not what the tests say; STREAMSCORER_UPDATE_SNAPSHOTS=1 ./streamscorer test unit writes it");
    }

    [Fact]
    public void Every_claim_names_a_scenario_of_the_catalogue()
    {
        var known = ScenarioCatalog.Groups.SelectMany(group => group.Scenarios).ToDictionary(scenario => scenario.Number);
        Assert.Equal(Enumerable.Range(1, 70), known.Keys.Order());
        Assert.All(Claims(), claim => Assert.Equal("", known[claim.Number].NotShown));
    }

    private static List<Claim> Claims() =>
    [
        .. from file in SourceFile.CSharp
           where file.Path.StartsWith("tests/", StringComparison.Ordinal)
           from found in Attribute().Matches(file.Text)
           let method = Method().Match(file.Text, found.Index + found.Length)
           select new Claim(
               int.Parse(found.Groups["number"].ValueSpan, CultureInfo.InvariantCulture), Enum.Parse<Means>(found.Groups["means"].Value),
               found.Groups["outcome"].Value, file.Path, method.Groups["name"].Value),
    ];

    private static string Table(List<Claim> claims)
    {
        var text = new StringBuilder(
            """
            # Delivery under faults: which scenario, which test, what came of it

            Made from the tests (`[Scenario(number, means, outcome)]`) by ScenarioTableTests; do not edit. A scenario is shown when
            a test causes its fault and checks the outcome with `audit` or an equal oracle. Means: *real services* are a real Kafka
            and PostgreSQL, killed processes, a TCP proxy between them, a full disk; *real database* is PostgreSQL with the sinks
            alone; *mock cluster* is librdkafka's; *simulation* is the loop in process on a virtual clock; *unit test* is the class
            that decides, alone.


            """);
        var all = ScenarioCatalog.Groups.SelectMany(group => group.Scenarios).ToList();
        var shown = claims.Select(claim => claim.Number).ToHashSet();
        var impossible = all.Count(scenario => scenario.NotShown.Length > 0);
        text.Append(CultureInfo.InvariantCulture, $"Shown: {shown.Count} of {all.Count}. Not shown yet: {all.Count - shown.Count - impossible}. Not shown for want of means: {impossible}.\n");
        foreach (var (group, scenarios) in ScenarioCatalog.Groups)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {group}\n\n| # | scenario | outcome | means | test |\n| --- | --- | --- | --- | --- |\n");
            foreach (var scenario in scenarios)
                AppendRows(text, scenario, claims.Where(claim => claim.Number == scenario.Number).OrderBy(claim => claim.Means).ToList());
        }

        return text.ToString();
    }

    private static void AppendRows(StringBuilder text, DeliveryScenario scenario, List<Claim> claims)
    {
        if (claims.Count == 0)
        {
            var why = scenario.NotShown.Length > 0 ? $"**not shown**: {scenario.NotShown}" : "**not shown yet**";
            text.Append(CultureInfo.InvariantCulture, $"| {scenario.Number} | {scenario.Title} | {why} | | |\n");
            return;
        }

        for (var i = 0; i < claims.Count; i++)
        {
            var claim = claims[i];
            var (number, title) = i == 0 ? (scenario.Number.ToString(CultureInfo.InvariantCulture), scenario.Title) : ("", "");
            var test = $"[{claim.Test}](../../{claim.File})";
            text.Append(CultureInfo.InvariantCulture, $"| {number} | {title} | {claim.Outcome} | {Words(claim.Means)} | {test} |\n");
        }
    }

    private static string Words(Means means) => Capital().Replace(means.ToString(), match => (match.Index == 0 ? "" : " ") + match.Value.ToLowerInvariant());

    private sealed record Claim(int Number, Means Means, string Outcome, string File, string Test);

    [GeneratedRegex("""^    \[Scenario\((?<number>\d+), Means\.(?<means>\w+), "(?<outcome>[^"]+)"\)\]""", RegexOptions.Multiline)]
    private static partial Regex Attribute();

    [GeneratedRegex(@"^    (?:public|internal) (?:async )?(?:Task|void) (?<name>\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Method();

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();
}

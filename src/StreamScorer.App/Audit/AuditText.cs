using System.Globalization;
using System.Text;
using Spectre.Console;

namespace StreamScorer.App.Audit;

/// <summary>An audit's outcome for people: a line per partition, the findings in words, one closing sentence.</summary>
internal static class AuditText
{
    private const int MostPartitions = 64;
    private const int MostFindings = 20;

    /// <summary>Writes the report; meant for stderr, because stdout is for the JSON line.</summary>
    public static void Write(AuditReport report, IAnsiConsole console)
    {
        console.Write(PartitionTable(report));
        foreach (var finding in report.Findings.Take(MostFindings))
            console.WriteLine(Describe(finding));
        if (report.FindingCount > MostFindings)
            console.WriteLine(Invariant($"... and {report.FindingCount - MostFindings} more findings; the JSON line holds up to {report.Request.KeepFindings}."));
        foreach (var note in report.Notes)
            console.WriteLine("note: " + note);
        console.WriteLine(Conclude(report));
    }

    private static Table PartitionTable(AuditReport report)
    {
        var table = new Table().Border(TableBorder.Simple);
        string[] columns =
            ["partition", "progress", "end", "scored", "dead letters", "tombstones", "gaps", "replayed", "lost", "duplicate", "unseen", "mismatch"];
        foreach (var column in columns)
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (var partition in report.Partitions.Take(MostPartitions))
            table.AddRow(Cells(report, Invariant($"{partition.Partition}"), Invariant($"{partition.NextOffset}"), Invariant($"{partition.EndOffset}"), partition.Totals));
        if (report.Partitions.Count > MostPartitions)
            table.AddRow(Invariant($"+{report.Partitions.Count - MostPartitions} more"));
        if (report.Partitions.Count > 1)
            table.AddRow(Cells(report, "all", "", "", report.Totals));
        return table;
    }

    private static string[] Cells(AuditReport report, string partition, string progress, string end, PartitionTotals totals) =>
    [
        partition, progress, end,
        Invariant($"{totals.Scored}"), Invariant($"{totals.DeadLetters}"), Invariant($"{totals.Tombstones}"),
        Invariant($"{totals.CompactionGaps + totals.RecordedGaps + totals.Expired}"), Invariant($"{totals.Replayed}"),
        Fault(totals.Lost), Fault(totals.Duplicate), report.Request.Drained ? Fault(totals.Unseen) : "-", Fault(totals.Mismatch),
    ];

    private static string Fault(long count) => count == 0 ? "0" : Invariant($"[red]{count}[/]");

    private static string Describe(AuditFinding finding)
    {
        var text = new StringBuilder();
        text.AppendLine(Invariant($"{finding.Fault.ToString().ToUpperInvariant()}  {finding.Topic}[{finding.Partition}] {finding.Offsets} ({finding.Count})"));
        text.AppendLine($"  found     {finding.Found}");
        text.AppendLine($"  expected  {finding.Expected}");
        if (finding.Files.Count > 0)
            text.AppendLine($"  files     {string.Join(", ", finding.Files)}");
        text.Append($"  remedy    {finding.Remedy}");
        return text.ToString();
    }

    private static string Conclude(AuditReport report)
    {
        var totals = report.Totals;
        var explained = new List<string>();
        Explain(explained, totals.RepeatedDeadLetters, "repeated dead letters");
        Explain(explained, totals.CompactionGaps, "compaction gaps");
        Explain(explained, totals.RecordedGaps, "recorded gaps");
        Explain(explained, totals.Expired, "offsets expired from the topic");
        Explain(explained, totals.Replayed, "recorded replays");
        Explain(explained, report.DeletedLeads, "deleted leads");
        Explain(explained, report.LeadsAhead, "hot leads ahead of the checkpoints");
        var sentence = Invariant($"{report.Events} events, {totals.Scored} scored, {totals.DeadLetters} dead letters, {totals.Tombstones} tombstones, ")
            + Invariant($"{report.HotLeads} hot leads, {report.Checkpoints} checkpoints: ")
            + (report.IsClean
                ? "nothing lost, nothing twice."
                : Invariant($"lost {totals.Lost}, duplicate {totals.Duplicate}, unseen {totals.Unseen}, mismatch {totals.Mismatch}."));
        return explained.Count == 0 ? sentence : $"{sentence} Explained: {string.Join(", ", explained)}.";
    }

    private static void Explain(List<string> explained, long count, string what)
    {
        if (count > 0)
            explained.Add(Invariant($"{count} {what}"));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

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

        // Past the console's wrapping: paths and commands are there to be copied.
        var lines = console.Profile.Out.Writer;
        foreach (var finding in report.Findings.Take(MostFindings))
            lines.WriteLine(Describe(finding));
        if (report.FindingCount > MostFindings)
        {
            lines.WriteLine(Invariant(
                $"... and {report.FindingCount - MostFindings} more findings; the JSON line has up to {report.Request.KeepFindings}."));
        }

        foreach (var note in report.Notes)
            lines.WriteLine("note: " + note);
        lines.WriteLine(Conclude(report));
    }

    private static Table PartitionTable(AuditReport report)
    {
        var table = new Table().Border(TableBorder.Simple);
        var columns = Columns(report);
        foreach (var column in columns)
            table.AddColumn(new TableColumn(column.Title).RightAligned().NoWrap());
        foreach (var partition in report.Partitions.Take(MostPartitions))
            table.AddRow([.. columns.Select(column => column.Cell(partition))]);
        if (report.Partitions.Count > MostPartitions)
            table.AddRow(Invariant($"+{report.Partitions.Count - MostPartitions} more"));
        if (report.Partitions.Count > 1)
        {
            var all = new PartitionReport(-1, report.Partitions.Sum(each => each.NextOffset), report.Partitions.Sum(each => each.EndOffset), report.Totals);
            table.AddRow([.. columns.Select(column => column.Cell(all))]);
        }

        return table;
    }

    /// <summary>The columns; what is explained and nowhere there has none.</summary>
    private static List<(string Title, Func<PartitionReport, string> Cell)> Columns(AuditReport report)
    {
        static long Gaps(PartitionTotals totals) => totals.CompactionGaps + totals.RecordedGaps + totals.Expired;
        var columns = new List<(string Title, Func<PartitionReport, string> Cell)>
        {
            ("partition", each => each.Partition < 0 ? "all" : Invariant($"{each.Partition}")),
            ("progress", each => Invariant($"{each.NextOffset}")),
            ("end", each => Invariant($"{each.EndOffset}")),
            ("scored", each => Invariant($"{each.Totals.Scored}")),
        };
        if (report.Totals.DeadLetters > 0)
            columns.Add(("dead letters", each => Invariant($"{each.Totals.DeadLetters}")));
        if (report.Totals.Tombstones > 0)
            columns.Add(("tombstones", each => Invariant($"{each.Totals.Tombstones}")));
        if (Gaps(report.Totals) > 0)
            columns.Add(("gaps", each => Invariant($"{Gaps(each.Totals)}")));
        if (report.Totals.Replayed > 0)
            columns.Add(("replayed", each => Invariant($"{each.Totals.Replayed}")));
        columns.Add(("lost", each => Fault(each.Totals.Lost)));
        columns.Add(("duplicate", each => Fault(each.Totals.Duplicate)));
        if (report.Request.Drained)
            columns.Add(("unseen", each => Fault(each.Totals.Unseen)));
        columns.Add(("mismatch", each => Fault(each.Totals.Mismatch)));
        return columns;
    }

    private static string Fault(long count) => count == 0 ? "0" : Invariant($"[red]{count}[/]");

    private static string Describe(AuditFinding finding)
    {
        var text = new StringBuilder();
        var fault = finding.Fault.ToString().ToUpperInvariant();
        text.AppendLine(Invariant($"{fault}  {finding.Topic}[{finding.Partition}] {finding.Offsets} ({finding.Count})"));
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
        var verdict = report.IsClean
            ? "nothing lost, nothing twice."
            : Invariant($"lost {totals.Lost}, duplicate {totals.Duplicate}, unseen {totals.Unseen}, mismatch {totals.Mismatch}.");
        var sentence = Invariant($"{report.Events} events, {totals.Scored} scored, {totals.DeadLetters} dead letters, ")
            + Invariant($"{totals.Tombstones} tombstones, {report.HotLeads} hot leads, {report.Checkpoints} checkpoints: {verdict}");
        return explained.Count == 0 ? sentence : $"{sentence} Explained: {string.Join(", ", explained)}.";
    }

    private static void Explain(List<string> explained, long count, string what)
    {
        if (count > 0)
            explained.Add(Invariant($"{count} {what}"));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

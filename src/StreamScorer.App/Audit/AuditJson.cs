using System.Text;
using System.Text.Json;

namespace StreamScorer.App.Audit;

/// <summary>An audit's outcome for programs: one line of JSON. Names are only ever added.</summary>
public static class AuditJson
{
    /// <summary>The line, without its end. <c>unseen</c> is null unless the audit expected a drained topic.</summary>
    public static string Line(AuditReport report)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("topic", report.Topic);
            json.WriteString("group", report.GroupId);
            json.WriteString("snapshotAt", report.SnapshotAt.UtcDateTime);
            json.WriteBoolean("drained", report.Request.Drained);
            json.WriteBoolean("deep", report.Request.Deep);
            json.WriteNumber("events", report.Events);
            WriteTotals(json, report.Totals, report.Request.Drained);
            json.WriteNumber("hotLeads", report.HotLeads);
            json.WriteNumber("cooledLeads", report.CooledLeads);
            json.WriteNumber("leadsAhead", report.LeadsAhead);
            json.WriteNumber("deletedLeads", report.DeletedLeads);
            json.WriteNumber("checkpoints", report.Checkpoints);
            json.WriteStartArray("partitions");
            foreach (var partition in report.Partitions)
            {
                json.WriteStartObject();
                json.WriteNumber("partition", partition.Partition);
                json.WriteNumber("nextOffset", partition.NextOffset);
                json.WriteNumber("endOffset", partition.EndOffset);
                WriteTotals(json, partition.Totals, report.Request.Drained);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            WriteFindings(json, report);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteTotals(Utf8JsonWriter json, PartitionTotals totals, bool drained)
    {
        json.WriteNumber("lost", totals.Lost);
        json.WriteNumber("duplicate", totals.Duplicate);
        if (drained)
            json.WriteNumber("unseen", totals.Unseen);
        else
            json.WriteNull("unseen");
        json.WriteNumber("mismatch", totals.Mismatch);
        json.WriteNumber("scored", totals.Scored);
        json.WriteNumber("deadLetters", totals.DeadLetters);
        json.WriteNumber("repeatedDeadLetters", totals.RepeatedDeadLetters);
        json.WriteNumber("tombstones", totals.Tombstones);
        json.WriteNumber("compactionGaps", totals.CompactionGaps);
        json.WriteNumber("recordedGaps", totals.RecordedGaps);
        json.WriteNumber("expired", totals.Expired);
        json.WriteNumber("replayed", totals.Replayed);
    }

    private static void WriteFindings(Utf8JsonWriter json, AuditReport report)
    {
        json.WriteNumber("findingCount", report.FindingCount);
        json.WriteStartArray("findings");
        foreach (var finding in report.Findings)
        {
            json.WriteStartObject();
            json.WriteString("fault", JsonNamingPolicy.CamelCase.ConvertName(finding.Fault.ToString()));
            json.WriteNumber("partition", finding.Partition);
            json.WriteNumber("firstOffset", finding.Offsets.Start);
            json.WriteNumber("lastOffset", finding.Offsets.End - 1);
            json.WriteNumber("count", finding.Count);
            json.WriteString("found", finding.Found);
            json.WriteString("expected", finding.Expected);
            json.WriteStartArray("files");
            foreach (var file in finding.Files)
                json.WriteStringValue(file);
            json.WriteEndArray();
            json.WriteString("remedy", finding.Remedy);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("notes");
        foreach (var note in report.Notes)
            json.WriteStringValue(note);
        json.WriteEndArray();
    }
}

using System.Globalization;
using System.Text;

namespace StreamScorer.App.Audit;

/// <summary>Holds hot_leads against the newest decision of each lead in the files.</summary>
internal sealed class HotLeadCheck(AuditBooks books, NewestDecisions newest, ModelIds models, RowLookup rows, string topic)
{
    /// <summary>Rows that are hot now.</summary>
    public long Hot { get; private set; }

    /// <summary>Rows that have cooled.</summary>
    public long Cooled { get; private set; }

    /// <summary>Rows written for offsets that no checkpoint covers yet.</summary>
    public long Ahead { get; private set; }

    /// <summary>Leads whose partitions nobody can order; see <see cref="Decision.Unordered"/>.</summary>
    public long Unordered { get; private set; }

    /// <summary>Rows decided by an offset that was passed over on record: scored, and gone from the topic before it was registered.</summary>
    public long PassedOver { get; private set; }

    /// <summary>Leads without a row that a tombstone asked to forget.</summary>
    public long Deleted { get; private set; }

    /// <summary>Compares one row of hot_leads. Rows of leads that another pass is concerned with are passed over.</summary>
    public void Enter(HotLeadRow row)
    {
        var lead = books.Leads.Of(Encoding.UTF8.GetBytes(row.LeadId));
        if (!newest.Covers(lead))
            return;
        ref var decision = ref newest.Find(lead);
        if (decision.Lead != 0)
            decision.InTable = true;
        if (row.Topic != topic)
            return;
        Hot += row.IsHot ? 1 : 0;
        Cooled += row.IsHot ? 0 : 1;
        var partition = books.Partition(row.Partition);
        if (IsAhead(partition, row))
            Ahead++;
        else if (IsPassedOver(decision, partition, row))
            PassedOver++;
        else if (decision is { Lead: not 0, Unordered: true })
            Unordered++;
        else if (decision.Lead == 0 || !Explains(decision, partition, row))
            AddMismatch(partition, row, decision);
    }

    /// <summary>Enters the leads that were hot in a row of the files and have no row in hot_leads.</summary>
    public void EnterMissing(IReadOnlyDictionary<ulong, (int Partition, long Offset)> forgotten)
    {
        foreach (var decision in newest.HotWithoutTableRow())
        {
            if (forgotten.TryGetValue(decision.Lead, out var tombstone)
                && (tombstone.Partition != decision.Partition || tombstone.Offset > decision.Offset))
            {
                Deleted++;
                continue;
            }

            var partition = books.ByIndex(decision.Partition);
            books.Findings.Add(
                partition, AuditFault.Mismatch, new OffsetRun(decision.Offset, decision.Offset + 1), 1,
                () => MissingWords(partition, decision));
        }
    }

    private static bool IsAhead(PartitionAccount partition, HotLeadRow row)
    {
        var domains = partition.Chain.Domains;
        return domains.TryGetValue(row.Incarnation, out var domain) ? row.Offset >= domain.End : domains.Keys.Max() < row.Incarnation;
    }

    /// <summary>
    /// The row's offset lies in a recorded gap, so that no file has it, and no file has a newer one of the lead from the
    /// same partition, which would have replaced it.
    /// </summary>
    private static bool IsPassedOver(in Decision decision, PartitionAccount partition, HotLeadRow row)
    {
        var isNewest = decision.Lead == 0 || decision.Partition != partition.Index
            || (decision.Incarnation, decision.Offset).CompareTo(((int)row.Incarnation, row.Offset)) < 0;
        return isNewest && partition.Chain.Ledger.Gaps.Any(gap => gap.Incarnation == row.Incarnation && gap.Offsets.Contains(row.Offset));
    }

    private bool Explains(in Decision decision, PartitionAccount partition, HotLeadRow row) =>
        decision.Partition == partition.Index
        && decision.Incarnation == row.Incarnation
        && decision.Offset == row.Offset
        && BitConverter.DoubleToInt64Bits(decision.Probability) == BitConverter.DoubleToInt64Bits(row.Probability)
        && decision.Hot == row.IsHot
        && models[decision.Model] == row.ModelId;

    private void AddMismatch(PartitionAccount partition, HotLeadRow row, Decision decision)
    {
        var known = decision.Lead != 0;
        var offset = known ? decision.Offset : row.Offset;
        var at = known ? books.ByIndex(decision.Partition) : partition;
        books.Findings.Add(at, AuditFault.Mismatch, new OffsetRun(offset, offset + 1), 1, () =>
        {
            var found = known ? rows.Find(at, decision.Offset) : null;
            return new FindingWords(
                $"hot_leads says of lead {row.LeadId}: {Describe(row.IsHot, row.Probability, row.ModelId)}, "
                    + $"scored from {row.Topic}[{row.Partition}] offset {row.Offset}",
                known
                    ? $"{Describe(decision.Hot, decision.Probability, models[decision.Model])} from offset {decision.Offset} of "
                        + $"{at.TopicPartition}, the lead's newest decision ({found?.Place ?? "its row is gone"})"
                    : "no row: no checkpoint has a decision about this lead",
                found is null ? [] : [found.File],
                known
                    ? $"Publish a new event of the lead, or score it again: offsets reset --partition {at.TopicPartition.Partition.Value} --to {offset}."
                    : $"delete from hot_leads where lead_id = '{row.LeadId.Replace("'", "''", StringComparison.Ordinal)}', if nobody knows where it comes from.");
        });
    }

    private FindingWords MissingWords(PartitionAccount partition, Decision decision)
    {
        var found = rows.Find(partition, decision.Offset);
        return new FindingWords(
            $"hot_leads has no row for lead {found?.LeadId ?? "(its row is gone)"}",
            $"{Describe(decision.Hot, decision.Probability, models[decision.Model])} from offset {decision.Offset}, "
                + $"the lead's newest decision ({found?.Place ?? "its row is gone"}); a lead that was ever hot keeps its row",
            found is null ? [] : [found.File],
            "Publish a new event of the lead, or score it again: "
                + $"offsets reset --partition {partition.TopicPartition.Partition.Value} --to {decision.Offset}.");
    }

    private static string Describe(bool hot, double probability, string modelId) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(hot ? "hot" : "cold")} with probability {probability:R} by model {(modelId.Length > 12 ? modelId[..12] : modelId)}");
}

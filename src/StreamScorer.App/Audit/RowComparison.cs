using System.Text;
using Confluent.Kafka;

namespace StreamScorer.App.Audit;

/// <summary>
/// Looks closely where the fingerprints of files and topic differ: reads the records and the rows of those blocks again
/// and names each offset whose row is about another lead than its record.
/// </summary>
internal sealed class RowComparison(AuditBooks books, RowLookup rows, string topic)
{
    private readonly Dictionary<(int Partition, long Offset), string> _records = [];

    /// <summary>Enters a mismatch for each row that contradicts its record.</summary>
    /// <param name="reader">Reads the topic.</param>
    /// <param name="ct">Ends the reading.</param>
    public void Explain(TopicReader reader, CancellationToken ct)
    {
        foreach (var partition in books.Partitions)
        {
            var differing = partition.Fingerprints!.Values.SelectMany(fingerprint => fingerprint.Differing())
                .Select(block => OffsetSpans.Clip(block, partition.Compared));
            foreach (var run in OffsetSpans.Join(differing))
            {
                // Block by block, so that memory stays bounded however much differs.
                for (var start = run.Start; start < run.End; start += LeadFingerprints.BlockOffsets)
                    Explain(reader, partition, new OffsetRun(start, Math.Min(run.End, start + LeadFingerprints.BlockOffsets)), ct);
            }
        }
    }

    private void Explain(TopicReader reader, PartitionAccount partition, OffsetRun block, CancellationToken ct)
    {
        _records.Clear();
        reader.Read(
            topic, [new TopicSpan(partition.TopicPartition.Partition.Value, block)],
            Deserializers.ByteArray, Deserializers.ByteArray, "none", Remember, ct);
        foreach (var (offset, row) in rows.Rows(partition, block))
        {
            // A record that was compacted away since has nothing to say against its row.
            if (!_records.TryGetValue((partition.TopicPartition.Partition.Value, offset), out var lead) || lead == row.LeadId)
                continue;
            books.Findings.Add(partition, AuditFault.Mismatch, new OffsetRun(offset, offset + 1), 1, () => new FindingWords(
                $"{row.Place} is about lead {row.LeadId}",
                $"lead {lead}, whom the record on the topic is about",
                [row.File],
                $"Put {row.File} back from a backup. If there is none: offsets reset --partition "
                    + $"{partition.TopicPartition.Partition.Value} --to {offset}, then start a worker."));
        }
    }

    private void Remember(ConsumeResult<byte[], byte[]> record) =>
        _records[(record.Partition.Value, record.Offset.Value)] =
            Encoding.UTF8.GetString(RecordLeadId.Find(record.Message.Key, record.Message.Value));
}

using System.Runtime.InteropServices;
using Confluent.Kafka;
using StreamScorer.Features;
using StreamScorer.Parquet;

namespace StreamScorer.Sinks;

// The way from arrival order into a file: a counting sort by partition, then column by column over runs of rows.
public sealed partial class ScoreRows
{
    // Long enough that a column's inner loop dominates, short enough that the rows of a run stay in the cache.
    private const int RunRows = 2048;

    private int[] _order = [];

    /// <summary>Is shown a row; spans are valid during the call.</summary>
    internal delegate void RowVisitor(TopicPartition partition, in ScoredEvent scored, ReadOnlySpan<byte> leadId, string modelId);

    /// <summary>Appends all rows, in (topic, partition, offset) order, to a file of <see cref="ScoreRowSchema"/>.</summary>
    internal void WriteTo(ParquetFileWriter writer)
    {
        var order = SortedOrder();
        for (int start = 0; start < order.Length; start += RunRows)
        {
            var run = order.Slice(start, Math.Min(RunRows, order.Length - start));
            WritePosition(writer, run);
            WriteIdentity(writer, run);
            WriteScore(writer, run);
            writer.EndRows(run.Length);
        }
    }

    /// <summary>Calls back for every row in file order: checks of offsets against ranges need no copy.</summary>
    internal void ForEachInOrder(RowVisitor visit)
    {
        foreach (int index in SortedOrder())
        {
            ref readonly var row = ref RowAt(index);
            visit(_partitions[row.Slot], row.Scored, _texts.Get(row.LeadId), _batches[row.Batch].ModelId);
        }
    }

    // Rows of one partition arrived in offset order, so a stable sort by partition is the whole sort.
    private ReadOnlySpan<int> SortedOrder()
    {
        Span<int> slots = new int[_partitions.Count];
        _partitions.SortInto(slots);
        var nextPosition = new int[_partitions.Count];
        int position = 0;
        foreach (int slot in slots)
        {
            nextPosition[slot] = position;
            position += _countBySlot[slot];
        }

        if (_order.Length < Count)
            _order = new int[_chunks.Count << ChunkBits];
        for (int i = 0; i < Count; i++)
            _order[nextPosition[RowAt(i).Slot]++] = i;
        return _order.AsSpan(0, Count);
    }

    private void WritePosition(ParquetFileWriter writer, ReadOnlySpan<int> run)
    {
        var topic = writer.Column("topic");
        foreach (int i in run)
            topic.Append(_partitions[RowAt(i).Slot].Topic);
        var partition = writer.Column("kafka_partition");
        foreach (int i in run)
            partition.Append(_partitions[RowAt(i).Slot].Partition.Value);
        var offset = writer.Column("kafka_offset");
        foreach (int i in run)
            offset.Append(RowAt(i).Scored.Offset);
        var timestamp = writer.Column("kafka_timestamp");
        foreach (int i in run)
            AppendTime(timestamp, RowAt(i).Scored.KafkaTimestampMicros);
    }

    private void WriteIdentity(ParquetFileWriter writer, ReadOnlySpan<int> run)
    {
        var eventId = writer.Column("event_id");
        foreach (int i in run)
            AppendText(eventId, RowAt(i).EventId);
        var leadId = writer.Column("lead_id");
        foreach (int i in run)
            leadId.Append(_texts.Get(RowAt(i).LeadId));
        var occurredAt = writer.Column("occurred_at");
        foreach (int i in run)
            AppendTime(occurredAt, RowAt(i).Scored.OccurredAtMicros);
        var batches = CollectionsMarshal.AsSpan(_batches);
        var modelName = writer.Column("model_name");
        foreach (int i in run)
            modelName.Append(batches[RowAt(i).Batch].ModelName);
        var modelId = writer.Column("model_id");
        foreach (int i in run)
            modelId.Append(batches[RowAt(i).Batch].ModelId);
        var scoredAt = writer.Column("scored_at");
        foreach (int i in run)
            scoredAt.Append(batches[RowAt(i).Batch].ScoredAtMicros);
    }

    private void WriteScore(ParquetFileWriter writer, ReadOnlySpan<int> run)
    {
        var rawScore = writer.Column("raw_score");
        foreach (int i in run)
            rawScore.Append(RowAt(i).Scored.RawScore);
        var probability = writer.Column("probability");
        foreach (int i in run)
            probability.Append(RowAt(i).Scored.Probability);
        var bucket = writer.Column("bucket");
        foreach (int i in run)
            bucket.Append(RowAt(i).Scored.Bucket);
        var tier = writer.Column("tier");
        Span<byte> letter = stackalloc byte[1];
        foreach (int i in run)
        {
            letter[0] = (byte)RowAt(i).Scored.Tier;
            tier.Append((ReadOnlySpan<byte>)letter);
        }

        var hot = writer.Column("hot");
        foreach (int i in run)
            hot.Append(RowAt(i).Scored.Hot);
        var reasons = writer.Column("reasons");
        foreach (int i in run)
            AppendText(reasons, RowAt(i).Reasons);
    }

    private void AppendText(ColumnWriter column, Utf8Slice text)
    {
        if (text.IsNull)
            column.AppendNull();
        else
            column.Append(_texts.Get(text));
    }

    private static void AppendTime(ColumnWriter column, long micros)
    {
        if (micros == ScoredEvent.NoTime)
            column.AppendNull();
        else
            column.Append(micros);
    }
}

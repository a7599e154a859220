using System.Runtime.CompilerServices;
using Confluent.Kafka;
using StreamScorer.Features;
using StreamScorer.Parquet;

namespace StreamScorer.Sinks;

// The way from arrival order into a file: a counting sort by partition, then column by column over runs of rows.
public sealed partial class ScoreRows
{
    private int[] _order = [];
    private ScoreRun? _run;

    /// <summary>Is shown a row; spans are valid during the call.</summary>
    internal delegate void RowVisitor(TopicPartition partition, in ScoredEvent scored, ReadOnlySpan<byte> leadId, string modelId);

    /// <summary>Is shown a partition that has rows: the least and the greatest of their offsets.</summary>
    internal delegate void PartitionVisitor(TopicPartition partition, long firstOffset, long lastOffset);

    /// <summary>Appends all rows, in (topic, partition, offset) order, to a file of <see cref="ScoreRowSchema"/>.</summary>
    internal void WriteTo(ParquetFileWriter writer)
    {
        var order = SortedOrder();
        var run = _run ??= new ScoreRun();
        for (int start = 0; start < order.Length; start += ScoreRun.MaxRows)
        {
            Gather(order.Slice(start, Math.Min(ScoreRun.MaxRows, order.Length - start)), run);
            WritePosition(writer, run);
            WriteIdentity(writer, run);
            WriteScore(writer, run);
            writer.EndRows(run.Count);
        }
    }

    /// <summary>Calls back for every partition that has rows, in order of first appearance.</summary>
    internal void ForEachPartition(PartitionVisitor visit)
    {
        for (int slot = 0; slot < _partitions.Count; slot++)
        {
            if (_countBySlot[slot] > 0)
                visit(_partitions[slot], _firstOffsetBySlot[slot], _lastOffsetBySlot[slot]);
        }
    }

    /// <summary>Calls back for every row in file order.</summary>
    internal void ForEachInOrder(RowVisitor visit)
    {
        foreach (int index in SortedOrder())
        {
            ref readonly var row = ref RowAt(index);
            visit(_partitions[row.Slot], row.Scored, _texts.Get(row.LeadId), _batches[row.Batch].ModelId);
        }
    }

    // Rows of one partition arrived in offset order, so a stable sort by partition is the whole sort. Optimised from the first call
    // on, as is what follows: called a few times a checkpoint, it would take minutes to be noticed as hot.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(ReadOnlySpan<int> order, ScoreRun run)
    {
        for (int i = 0; i < order.Length; i++)
        {
            ref readonly var row = ref RowAt(order[i]);
            run.Slots[i] = row.Slot;
            run.Batches[i] = row.Batch;
            run.Offsets[i] = row.Scored.Offset;
            run.KafkaTimes[i] = row.Scored.KafkaTimestampMicros;
            run.OccurredAt[i] = row.Scored.OccurredAtMicros;
            run.RawScores[i] = row.Scored.RawScore;
            run.Probabilities[i] = row.Scored.Probability;
            run.Buckets[i] = row.Scored.Bucket;
            run.Tiers[i] = (byte)row.Scored.Tier;
            run.Hot[i] = row.Scored.Hot;
            run.LeadIds[i] = row.LeadId;
            run.EventIds[i] = row.EventId;
            run.Reasons[i] = row.Reasons;
        }

        run.Count = order.Length;
    }

    private void WritePosition(ParquetFileWriter writer, ScoreRun run)
    {
        var topic = writer.Column("topic");
        var partition = writer.Column("kafka_partition");
        for (var slots = run.Of(run.Slots); !slots.IsEmpty;)
        {
            int equal = LengthOfRun(slots);
            var of = _partitions[slots[0]];
            topic.AppendRun(of.Topic, equal);
            partition.AppendRun(of.Partition.Value, equal);
            slots = slots[equal..];
        }

        writer.Column("kafka_offset").AppendRange(run.Of(run.Offsets));
        AppendTimes(writer.Column("kafka_timestamp"), run.Of(run.KafkaTimes));
    }

    private void WriteIdentity(ParquetFileWriter writer, ScoreRun run)
    {
        AppendTexts(writer.Column("event_id"), run.Of(run.EventIds));
        AppendTexts(writer.Column("lead_id"), run.Of(run.LeadIds));
        AppendTimes(writer.Column("occurred_at"), run.Of(run.OccurredAt));
        var modelName = writer.Column("model_name");
        var modelId = writer.Column("model_id");
        var scoredAt = writer.Column("scored_at");
        for (var batches = run.Of(run.Batches); !batches.IsEmpty;)
        {
            int equal = LengthOfRun(batches);
            var batch = _batches[batches[0]];
            modelName.AppendRun(batch.ModelName, equal);
            modelId.AppendRun(batch.ModelId, equal);
            scoredAt.AppendRun(batch.ScoredAtMicros, equal);
            batches = batches[equal..];
        }
    }

    private void WriteScore(ParquetFileWriter writer, ScoreRun run)
    {
        writer.Column("raw_score").AppendRange(run.Of(run.RawScores));
        writer.Column("probability").AppendRange(run.Of(run.Probabilities));
        writer.Column("bucket").AppendRange(run.Of(run.Buckets));
        var tier = writer.Column("tier");
        for (int i = 0; i < run.Count; i++)
            tier.Append(run.Tiers.AsSpan(i, 1));
        writer.Column("hot").AppendRange(run.Of(run.Hot));
        AppendTexts(writer.Column("reasons"), run.Of(run.Reasons));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AppendTexts(ColumnWriter column, ReadOnlySpan<Utf8Slice> texts)
    {
        int missing = 0;
        foreach (var text in texts)
        {
            if (text.IsNull)
            {
                missing++;
                continue;
            }

            if (missing > 0)
                column.AppendNulls(missing);
            missing = 0;
            column.Append(_texts.Get(text));
        }

        if (missing > 0)
            column.AppendNulls(missing);
    }

    private static void AppendTimes(ColumnWriter column, ReadOnlySpan<long> micros)
    {
        while (!micros.IsEmpty)
        {
            int missing = micros[0] == ScoredEvent.NoTime ? LengthOfRun(micros) : 0;
            column.AppendNulls(missing);
            micros = micros[missing..];
            int known = micros.IndexOf(ScoredEvent.NoTime);
            known = known < 0 ? micros.Length : known;
            column.AppendRange(micros[..known]);
            micros = micros[known..];
        }
    }

    private static int LengthOfRun<T>(ReadOnlySpan<T> values)
        where T : IEquatable<T>
    {
        int length = values.IndexOfAnyExcept(values[0]);
        return length < 0 ? values.Length : length;
    }
}

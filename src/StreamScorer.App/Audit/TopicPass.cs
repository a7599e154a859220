using Confluent.Kafka;

namespace StreamScorer.App.Audit;

/// <summary>
/// Reads the topic where it must be read: at every offset that has no row and no dead letter, beyond progress after a
/// drain, and everywhere that each row is to be compared with its record.
/// </summary>
internal sealed class TopicPass(AuditBooks books, bool drained, string topic)
{
    private const int MostSpans = 32;

    // What one thread takes from the client is the bound; beyond two the broker becomes it.
    private const int Readers = 2;

    private readonly LostOffsets _lost = new(books);
    private readonly Lock _rare = new();
    private long _records;

    /// <summary>Hashes of keys that a tombstone asks to forget, with the tombstone's partition and offset.</summary>
    public Dictionary<ulong, (int Partition, long Offset)> Forgotten { get; } = [];

    /// <summary>Records read.</summary>
    public long Records => Interlocked.Read(ref _records);

    /// <summary>
    /// Reads the topic and settles what each offset without a row is. Each partition belongs to one of the readers, so that
    /// a partition's books need no lock; what partitions share is entered under one, and is rare.
    /// </summary>
    public void Read(TopicReader reader, CancellationToken ct)
    {
        var spans = books.Partitions.ToDictionary(partition => partition, SpansOf);
        for (var round = 0; round < spans.Values.Max(list => (int?)list.Count).GetValueOrDefault(); round++)
        {
            var read = spans.Where(each => each.Value.Count > round)
                .Select(each => new TopicSpan(each.Key.TopicPartition.Partition.Value, each.Value[round]));
            ReadSpans(reader, [.. read.OrderByDescending(span => span.Offsets.Length)], ct);
        }

        foreach (var partition in books.Partitions)
            _lost.Settle(partition);
    }

    private void ReadSpans(TopicReader reader, TopicSpan[] spans, CancellationToken ct)
    {
        // Dealt out by length: the readers end at about the same time.
        var shares = Enumerable.Range(0, Readers)
            .Select(share => spans.Where((_, i) => i % Readers == share).ToList()).Where(share => share.Count > 0);
        var reading = shares.Select(share => Task.Run(
            () =>
            {
                var digests = new RecordDigestReader(books.Leads);
                var count = 0L;
                PartitionAccount? partition = null;
                reader.Read<ulong, RecordDigest>(
                    topic, share, digests, digests, "none",
                    record =>
                    {
                        count++;
                        // Records come in runs of one partition.
                        if (partition?.TopicPartition.Partition != record.Partition)
                            partition = books.FindPartition(record.Partition.Value);
                        if (partition is not null)
                            Enter(partition, record);
                    },
                    ct);
                Interlocked.Add(ref _records, count);
            },
            ct)).ToArray();
        Task.WhenAll(reading).GetAwaiter().GetResult();
    }

    private IReadOnlyList<OffsetRun> SpansOf(PartitionAccount partition)
    {
        var onTopic = new OffsetRun(partition.Watermarks.Low.Value, partition.Watermarks.High.Value);
        var open = partition.WithoutRow().SelectMany(run => WithoutLetter(partition, run));
        var beyond = drained ? new OffsetRun(partition.NextOffset, onTopic.End) : default;
        var wanted = open.Append(beyond).Append(partition.Compared).Select(run => OffsetSpans.Clip(run, onTopic));
        return OffsetSpans.Coalesce(wanted, MostSpans);
    }

    private static IEnumerable<OffsetRun> WithoutLetter(PartitionAccount partition, OffsetRun run) =>
        partition.DeadLetters.Absent(run.Start, run.End);

    private void Enter(PartitionAccount partition, ConsumeResult<ulong, RecordDigest> record)
    {
        var offset = record.Offset.Value;
        if (offset < partition.NextOffset && partition.IsVisible(offset))
        {
            if (partition.Compared.Contains(offset))
                Compare(partition, offset, record.Message.Value.Lead == 0 ? record.Message.Key : record.Message.Value.Lead);
            return;
        }

        lock (_rare)
            EnterWithoutRow(partition, offset, record.Message);
    }

    private void EnterWithoutRow(PartitionAccount partition, long offset, Message<ulong, RecordDigest> message)
    {
        if (offset >= partition.NextOffset)
        {
            if (drained)
                EnterUnseen(partition, offset);
        }
        else if (!partition.Chain.Accounts(offset) || partition.DeadLetters.Contains(offset))
        {
            return;
        }
        else if (message.Value.IsEmpty)
        {
            partition.Totals.Tombstones++;
            if (message.Key != 0)
                Forgotten[message.Key] = (partition.Index, offset);
        }
        else
        {
            _lost.Enter(partition, offset);
        }
    }

    private static void Compare(PartitionAccount partition, long offset, ulong lead)
    {
        foreach (var (incarnation, fingerprint) in partition.Fingerprints!)
        {
            if (partition.IsVisible(incarnation, offset))
                fingerprint.AddRecord(offset, lead);
        }
    }

    private void EnterUnseen(PartitionAccount partition, long offset) =>
        books.Findings.Add(partition, AuditFault.Unseen, offset, "beyond progress", run => new FindingWords(
            $"the topic holds {run}, progress of the partition is {partition.NextOffset}",
            "progress at the topic's end",
            [],
            "Start a worker and let it catch up; if one runs, its log says what holds it."));
}

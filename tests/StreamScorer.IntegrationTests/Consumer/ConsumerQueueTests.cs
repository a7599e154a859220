using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using StreamScorer.Consumer;
using StreamScorer.IntegrationTests.Faults;
using StreamScorer.IntegrationTests.Worker;
using Xunit;

namespace StreamScorer.IntegrationTests.Consumer;

/// <summary>Records taken many at once from the client's queue.</summary>
public class ConsumerQueueTests
{
    // Red when a field of the record is read from the wrong place, records are left out between two takes, or each costs an object.
    [RequiresServicesFact]
    public async Task Records_taken_at_once_are_those_that_were_published_and_cost_no_object()
    {
        const int Records = 5_000;
        await using var scope = await TestScope.CreateAsync();
        LeadEvents.Publish(scope, Enumerable.Range(0, Records).Select(i => (Key(i), Value(i))));
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(scope.Kafka.Apply(new ConsumerConfig
        {
            GroupId = scope.GroupId,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
        })).Build();
        using var queue = ConsumerQueue.TryOpen(consumer);
        Assert.NotNull(queue);
        var start = new TopicPartitionOffset(scope.Topic, 0, 0);
        consumer.Assign(start);
        var times = Enumerable.Range(0, Records).Select(_ => Micros(consumer.Consume(TimeSpan.FromSeconds(30)).Message.Timestamp)).ToList();
        consumer.Assign(start);

        var (next, takes, allocated) = (0, 0, 0L);
        var watch = Stopwatch.StartNew();
        while (next < Records)
        {
            Assert.True(watch.Elapsed.TotalSeconds < 30, $"{next} of {Records} records after 30 s");
            if (consumer.Consume(TimeSpan.FromMilliseconds(100)) is not { } first)
                continue;
            Assert.Equal((next, Key(next), Value(next)), ((int)first.Offset.Value, Text(first.Message.Key), Text(first.Message.Value)));
            next++;
            var before = GC.GetAllocatedBytesForCurrentThread();
            queue.Take(100);
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            takes++;
            for (; !queue.IsEmpty; next++)
                RequireRecord(queue, next, times[next], ref allocated);
        }

        Assert.Equal(Records, next);
        Assert.True(takes < Records / 4, $"{takes} takes for {Records} records");
        Assert.True(allocated < 1_000, $"{allocated} bytes allocated");
    }

    // Red when the time is read from the wrong place, or what happens to a partition passes for a record.
    [Fact]
    public void A_record_has_its_time_and_the_end_of_a_partition_is_no_record()
    {
        using var cluster = new MockCluster(("times", 1));
        var client = new ClientConfig { BootstrapServers = cluster.BootstrapServers };
        using (var producer = new ProducerBuilder<Null, string>(client).Build())
        {
            for (var i = 0; i < 3; i++)
                producer.Produce("times", new Message<Null, string> { Value = "x", Timestamp = new Timestamp(1_700_000_000_000 + i, TimestampType.CreateTime) });
            producer.Flush(TimeSpan.FromSeconds(20));
        }

        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(
            new ConsumerConfig(client) { GroupId = "times", EnableAutoCommit = false, EnablePartitionEof = true }).Build();
        using var queue = ConsumerQueue.TryOpen(consumer);
        Assert.NotNull(queue);
        consumer.Assign(new TopicPartitionOffset("times", 0, 0));
        var seen = new List<string>();
        for (var polls = 0; polls < 300 && seen.Count < 4; polls++)
        {
            queue.Take(100);
            for (; !queue.IsEmpty; queue.Release())
                seen.Add(queue.Oldest.Error == ErrorCode.NoError ? $"{queue.Oldest.TimestampMicros}" : $"{queue.Oldest.ToError().Code}");
            Thread.Sleep(100);
        }

        Assert.Equal(["1700000000000000", "1700000000001000", "1700000000002000", "Local_PartitionEOF"], seen);
    }

    // Red when a leftover of the queue is appended behind newer records, a jump around a rebalance counts as a gap, or what is
    // left at the end keeps the client from closing.
    [RequiresServicesFact]
    public async Task Batches_smaller_than_what_is_taken_at_once_and_rebalances_lose_nothing()
    {
        await using var scope = await TestScope.CreateAsync(partitions: 5);
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        (string, string)[] settings = [("MicroBatch__MaxBytes", "65536"), ("MicroBatch__MaxQueued", "1"), ("Checkpoint__MaxRows", "3000")];
        var published = 0;
        var worker = WorkerProcess.Start(scope, model, settings);
        for (var round = 0; round < 4; round++)
        {
            published += LeadEvents.Publish(scope, LeadEvents.Generated(8_000, round).Select(e => ((string?)e.Key, (string?)e.Value)));
            var before = await WorkerProcess.ProgressAsync(scope);
            await worker.WaitAsync(async () => await WorkerProcess.ProgressAsync(scope) > before, "progress");
            var next = WorkerProcess.Start(scope, model, settings);
            await next.WaitAsync(() => Task.FromResult(next.Log.Contains("Took ", StringComparison.Ordinal)), "its partitions");
            await worker.StopCleanlyAsync();
            await worker.DisposeAsync();
            worker = next;
        }

        await worker.WaitUntilDrainedAsync(scope);
        await worker.StopCleanlyAsync();
        await Oracle.RequireCleanAsync(scope, published, worker.Log);
        await worker.DisposeAsync();
    }

    private static void RequireRecord(ConsumerQueue queue, int expected, long expectedMicros, ref long allocated)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        ref readonly var record = ref queue.Oldest;
        var (error, partition, offset, micros) = (record.Error, record.Partition, record.Offset, record.TimestampMicros);
        var (keyIsNull, valueIsNull, keyLength, valueLength) = (record.KeyIsNull, record.ValueIsNull, record.Key.Length, record.Value.Length);
        allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal((ErrorCode.NoError, 0, expected, expectedMicros), (error, partition, (int)offset, micros));
        Assert.Equal(Key(expected), keyIsNull ? null : Encoding.UTF8.GetString(record.Key));
        Assert.Equal(Value(expected), valueIsNull ? null : Encoding.UTF8.GetString(record.Value));
        Assert.Equal((Key(expected)?.Length ?? 0, Value(expected)?.Length ?? 0), (keyLength, valueLength));
        before = GC.GetAllocatedBytesForCurrentThread();
        queue.Release();
        allocated += GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static long Micros(Timestamp timestamp) =>
        timestamp.Type == TimestampType.NotAvailable ? MicroBatch.NoTimestamp : timestamp.UnixTimestampMs * 1000;

    private static string? Key(int i) => i % 7 == 0 ? null : i % 11 == 0 ? "" : $"key-{i}";

    private static string? Value(int i) => i % 13 == 0 ? null : new string((char)('a' + (i % 26)), i % 300);

    private static string? Text(byte[]? bytes) => bytes is null ? null : Encoding.UTF8.GetString(bytes);
}

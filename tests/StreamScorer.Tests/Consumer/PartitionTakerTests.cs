using System.Threading.Channels;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using StreamScorer.Consumer;
using StreamScorer.Sinks;
using StreamScorer.Telemetry;
using Xunit;

namespace StreamScorer.Tests.Consumer;

/// <summary>Taking partitions that are given back before the group coordinator has answered.</summary>
public class PartitionTakerTests
{
    // Mutation: the question is repeated whatever became of the leases; the closed client's answer ends the worker.
    [Fact]
    public async Task NobodyIsAskedForPartitionsThatWereGivenBack()
    {
        var lease = new PartitionLease(new TopicPartition("events", 3));
        var source = new LeavingSource();
        var retry = new OutageRetry(new Readiness(TimeProvider.System), NullLogger.Instance, TimeProvider.System);
        // Neither the ledger nor what earlier owners left is anybody's business any more.
        var taker = new PartitionTaker(source, null!, null!, retry, "me", "events", NullLogger.Instance);
        await taker.TakeAsync([lease], CancellationToken.None);
        Assert.Equal(1, source.Asked);
        Assert.Null(lease.Offsets);
    }

    /// <summary>Is given up in the middle of the first question, and closed after it.</summary>
    private sealed class LeavingSource : IMicroBatchSource
    {
        public int Asked { get; private set; }

        public ChannelReader<SourceEvent> Events => throw new NotSupportedException();

        public Task<IReadOnlyDictionary<TopicPartition, long>> GroupOffsetsAsync(IReadOnlyList<PartitionLease> leases)
        {
            ObjectDisposedException.ThrowIf(++Asked > 1, this);
            foreach (var lease in leases)
                lease.Release();
            throw new KafkaException(ErrorCode.Local_Destroy);
        }

        public void Start() => throw new NotSupportedException();

        public void Position(PartitionLease lease) => throw new NotSupportedException();

        public void ProveMembership(PartitionLease refused) => throw new NotSupportedException();

        public Task<string?> CommitAsync(IReadOnlyList<TopicPartitionOffset> offsets) => throw new NotSupportedException();

        public Task<WatermarkOffsets> WatermarksAsync(TopicPartition partition) => throw new NotSupportedException();

        public long Lag(PartitionLease lease) => throw new NotSupportedException();

        public void Return(MicroBatch batch) => throw new NotSupportedException();

        public Task StopAsync() => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

using System.Net.Sockets;
using Npgsql;
using StreamScorer.Sinks;
using StreamScorer.Telemetry;
using Xunit;

namespace StreamScorer.Tests.Sinks;

public sealed class OutageRetryTests
{
    private const int Down = 600;
    private const int StillDown = 601;
    private const int Back = 602;

    private readonly SteppingClock _clock = new();
    private readonly RecordingLog _log = new();
    private readonly Readiness _readiness;
    private readonly OutageRetry _retry;

    public OutageRetryTests()
    {
        _readiness = new Readiness(_clock);
        _retry = new OutageRetry(_readiness, _log, _clock);
    }

    [Fact]
    public async Task A_success_makes_the_dependency_ready_and_says_nothing()
    {
        Assert.Equal(7, await _retry.RunAsync(Readiness.PostgreSql, _ => Task.FromResult(7), default));
        Assert.True(_readiness.Statuses[Readiness.PostgreSql].IsUp);
        Assert.Empty(_log.Messages);
    }

    [Fact]
    public async Task An_outage_is_told_at_its_start_at_intervals_and_at_its_end()
    {
        int attempts = 0;
        await _retry.RunAsync(Readiness.PostgreSql, _ =>
        {
            if (++attempts <= 40)
                throw Refused();
            Assert.False(_readiness.Statuses[Readiness.PostgreSql].IsUp);
            return Task.CompletedTask;
        }, default);
        Assert.Equal(41, attempts);
        Assert.Equal(Down, _log.Messages[0].Id);
        Assert.Contains("refused", _log.Messages[0].Text, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("ConnectionStrings:HotLeads", _log.Messages[0].Text, StringComparison.Ordinal);
        Assert.Equal(Back, _log.Messages[^1].Id);
        var between = _log.Messages[1..^1];
        Assert.All(between, message => Assert.Equal(StillDown, message.Id));
        Assert.InRange(between.Count, 1, 7); // About three minutes of waiting, a line at most every half minute.
        Assert.True(_readiness.Statuses[Readiness.PostgreSql].IsUp);
    }

    [Fact]
    public async Task Waits_grow_to_a_cap_and_are_not_all_the_same()
    {
        int attempts = 0;
        await _retry.RunAsync(
            Readiness.Kafka, _ => ++attempts <= 60 ? throw new TimeoutException() : Task.CompletedTask, default);
        Assert.Equal(60, _clock.Waits.Count);
        Assert.InRange(_clock.Waits[0], TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.InRange(_clock.Waits.Max(), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5));
        Assert.True(_clock.Waits.Distinct().Count() > 10, "waits without jitter let all workers come back at once");
    }

    // Mutation: every error retried. A bug would then stall a worker for ever.
    [Fact]
    public async Task A_permanent_error_is_thrown_at_once()
    {
        int attempts = 0;
        await Assert.ThrowsAsync<InvalidOperationException>(() => _retry.RunAsync(Readiness.PostgreSql, _ =>
        {
            attempts++;
            throw new InvalidOperationException();
        }, default));
        Assert.Equal(1, attempts);
        Assert.Empty(_log.Messages);
    }

    [Fact]
    public async Task Cancellation_ends_the_waiting()
    {
        using var stop = new CancellationTokenSource();
        int attempts = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _retry.RunAsync(Readiness.PostgreSql, _ =>
        {
            if (++attempts == 3)
                stop.Cancel();
            throw Refused();
        }, stop.Token));
        Assert.Equal(3, attempts);
    }

    [Fact]
    public async Task An_error_of_another_dependency_is_blamed_on_that_one()
    {
        int attempts = 0;
        await _retry.RunAsync(
            Readiness.PostgreSql, _ => ++attempts == 1 ? throw new IOException("No space left") : Task.CompletedTask, default);
        Assert.Equal([Down, Back], _log.Messages.Select(message => message.Id));
        Assert.All(
            _log.Messages, message => Assert.StartsWith(Readiness.CheckpointFolder, message.Text, StringComparison.Ordinal));
        Assert.True(_readiness.Statuses[Readiness.CheckpointFolder].IsUp);
        Assert.True(_readiness.Statuses[Readiness.PostgreSql].IsUp);
    }

    [Fact]
    public async Task Two_operations_in_one_outage_tell_it_once()
    {
        int failing = 2;
        async Task Operate()
        {
            bool failed = false;
            await _retry.RunAsync(Readiness.PostgreSql, async token =>
            {
                await Task.Yield();
                if (!failed)
                {
                    failed = true;
                    Interlocked.Decrement(ref failing);
                    throw Refused();
                }

                while (Volatile.Read(ref failing) > 0)
                    await Task.Delay(1, token);
            }, default);
        }

        await Task.WhenAll(Operate(), Operate());
        Assert.Equal(1, _log.Messages.Count(message => message.Id == Back));
        Assert.Equal(1, _log.Messages.Count(message => message.Id == Down));
    }

    // Mutation: the first success ends the outage. A log that says "is back" while a checkpoint still waits would mislead.
    [Fact]
    public async Task An_outage_ends_with_the_last_operation_that_waits()
    {
        var gate = new TaskCompletionSource();
        int attempts = 0;
        var slow = _retry.RunAsync(Readiness.PostgreSql, async _ =>
        {
            if (++attempts == 1)
                throw Refused();
            await gate.Task;
        }, default);
        await _retry.RunAsync(Readiness.PostgreSql, _ => Task.CompletedTask, default);
        Assert.DoesNotContain(_log.Messages, message => message.Id == Back);
        Assert.False(_readiness.Statuses[Readiness.PostgreSql].IsUp);
        gate.SetResult();
        await slow;
        Assert.Equal(1, _log.Messages.Count(message => message.Id == Back));
        Assert.True(_readiness.Statuses[Readiness.PostgreSql].IsUp);
    }

    [Fact]
    public async Task An_operation_that_is_given_up_does_not_keep_the_outage()
    {
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _retry.RunAsync(Readiness.PostgreSql, _ =>
        {
            stop.Cancel();
            throw Refused();
        }, stop.Token));
        Assert.False(_readiness.Statuses[Readiness.PostgreSql].IsUp);
        await _retry.RunAsync(Readiness.PostgreSql, _ => Task.CompletedTask, default);
        Assert.True(_readiness.Statuses[Readiness.PostgreSql].IsUp);
    }

    private static NpgsqlException Refused() =>
        new("Failed to connect to 127.0.0.1:5432", new SocketException((int)SocketError.ConnectionRefused));
}

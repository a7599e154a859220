using Confluent.Kafka;
using Npgsql;

namespace StreamScorer.Tests.Simulation;

/// <summary>A process was killed in the middle of a synchronous step; nobody is left to catch this.</summary>
internal sealed class ProcessKilledException : Exception;

/// <summary>Something that answers over a network, and may be away.</summary>
internal sealed class SimulatedServer(string name, Func<Exception> brokenConnection)
{
    public static SimulatedServer PostgreSql() => new(
        "postgresql", () => new NpgsqlException("connection lost", new IOException("connection reset by peer")));

    public static SimulatedServer Kafka() => new("kafka", () => new KafkaException(new Error(ErrorCode.Local_TimedOut)));

    public string Name => name;

    /// <summary>Answers nothing before this time.</summary>
    public long AwayUntil { get; set; }

    /// <summary>A transaction whose outcome its client does not know holds its locks until this time; others wait.</summary>
    public long LockedUntil { get; set; }

    public Exception BrokenConnection() => brokenConnection();
}

/// <summary>
/// A worker's process: may be killed or frozen at any time, also between a request's effect and its answer. What it has
/// sent goes on without it.
/// </summary>
internal sealed class SimulatedProcess(SimulationScheduler scheduler, FaultPlan faults, string name)
{
    public string Name => name;

    public bool IsAlive { get; private set; } = true;

    /// <summary>Nothing of the process runs before this time.</summary>
    public long FrozenUntil { get; private set; }

    public void Kill(string why)
    {
        if (!IsAlive)
            return;
        IsAlive = false;
        scheduler.Note(name, why);
    }

    public void Freeze(TimeSpan duration)
    {
        scheduler.Note(name, "frozen for µs", duration.Ticks / 10);
        FrozenUntil = Math.Max(FrozenUntil, scheduler.Now + duration.Ticks);
    }

    public void Thaw() => FrozenUntil = Math.Min(FrozenUntil, scheduler.Now);

    public void Schedule(TimeSpan delay, Action run) => scheduler.Schedule(this, delay, run);

    /// <summary>
    /// A call over the network: the effect happens on the server, at once and whole, unless the fault plan says
    /// otherwise; the answer comes back later, if the process is still there to hear it.
    /// </summary>
    public Task<T> CallAsync<T>(SimulatedServer server, string what, Func<T> effect)
    {
        var answer = new TaskCompletionSource<T>();
        if (!IsAlive)
            return answer.Task;
        if (faults.Strikes(faults.Crash))
        {
            Kill($"killed before {what}");
            return answer.Task;
        }

        var fate = faults.Fate();
        var way = faults.Strikes(faults.Slow) ? scheduler.Between(0.2, 6) : scheduler.Between(0.0001, 0.004);
        if (fate == CallFate.NotReached)
            Schedule(way, () => Fail(server, what, answer));
        else if (fate == CallFate.DoneLater)
            BreakAndDoLater(server, what, effect, answer, way);
        else
            scheduler.Schedule(null, way, () => Arrive(server, what, effect, answer, fate));
        return answer.Task;
    }

    /// <summary>A step of the process's own, on its disk: an error, a crash, or a pause in which others go on.</summary>
    public void Step(string what)
    {
        if (!IsAlive)
            throw new ProcessKilledException();
        if (faults.Strikes(faults.Crash))
        {
            Kill($"killed at {what}");
            throw new ProcessKilledException();
        }

        if (faults.Strikes(faults.Freeze))
        {
            var pause = scheduler.Random.Next(3) == 0 ? scheduler.Between(1, 15) : scheduler.Between(0.001, 0.5);
            Freeze(pause);
            scheduler.RunOthers(pause);
            if (!IsAlive)
                throw new ProcessKilledException();
        }

        if (faults.Strikes(faults.DiskError))
        {
            scheduler.Note(name, what + " fails");
            throw new IOException($"No space left on device: {what}");
        }
    }

    private void Arrive<T>(SimulatedServer server, string what, Func<T> effect, TaskCompletionSource<T> answer, CallFate fate)
    {
        var free = Math.Max(server.LockedUntil, 0);
        if (free > scheduler.Now)
        {
            scheduler.Schedule(null, TimeSpan.FromTicks(free - scheduler.Now), () => Arrive(server, what, effect, answer, fate));
            return;
        }

        if (server.AwayUntil > scheduler.Now)
        {
            Schedule(scheduler.Between(0.0001, 0.01), () => Fail(server, what, answer));
            return;
        }

        T result;
        try
        {
            result = effect();
            scheduler.Tell(name, what);
        }
        catch (Exception exception)
        {
            scheduler.Tell(name, $"{what}: {exception.Message}");
            Schedule(scheduler.Between(0.0001, 0.004), () => answer.SetException(exception));
            return;
        }

        if (faults.Strikes(faults.Crash))
            Kill($"killed after {what}");
        else if (fate == CallFate.AnswerLost)
            Schedule(scheduler.Between(0.0001, 1), () => Fail(server, what, answer));
        else
            Schedule(scheduler.Between(0.0001, 0.004), () => answer.SetResult(result));
    }

    /// <summary>
    /// The connection breaks during COMMIT: the caller knows at once, the server finishes later. Its locks are held
    /// until then, so whoever asks for the same rows waits.
    /// </summary>
    private void BreakAndDoLater<T>(
        SimulatedServer server, string what, Func<T> effect, TaskCompletionSource<T> answer, TimeSpan way)
    {
        scheduler.Schedule(null, way, () =>
        {
            Schedule(TimeSpan.Zero, () => Fail(server, what, answer));
            if (server.AwayUntil > scheduler.Now || server.LockedUntil > scheduler.Now)
                return;
            var done = scheduler.Between(0.01, 3);
            server.LockedUntil = scheduler.Now + done.Ticks;
            scheduler.Schedule(null, done, () =>
            {
                if (server.AwayUntil > scheduler.Now)
                    return;
                try
                {
                    effect();
                    scheduler.Tell(name, what + ", after all");
                }
                catch (Exception exception) when (exception is PostgresException)
                {
                    // The transaction failed by itself; its client has long gone.
                }
            });
        });
    }

    private void Fail<T>(SimulatedServer server, string what, TaskCompletionSource<T> answer)
    {
        scheduler.Note(name, $"{server.Name}: connection lost in {what}");
        answer.SetException(server.BrokenConnection());
    }
}

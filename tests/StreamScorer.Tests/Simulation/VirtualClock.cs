namespace StreamScorer.Tests.Simulation;

/// <summary>A process's view of virtual time: its timers do not fire while it is frozen, and never once it is dead.</summary>
internal sealed class VirtualClock(SimulationScheduler scheduler, SimulatedProcess process) : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 23, 59, 30, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Start.AddTicks(scheduler.Now);

    // From one: the loop reads a timestamp of zero as "not begun".
    public override long GetTimestamp() => scheduler.Now + 1;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(scheduler, process, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class VirtualTimer(
        SimulationScheduler scheduler, SimulatedProcess process, TimerCallback callback, object? state) : ITimer
    {
        private int _setting;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var setting = ++_setting;
            if (dueTime >= TimeSpan.Zero)
                scheduler.Schedule(process, dueTime, () => Fire(setting, period));
            return true;
        }

        public void Dispose() => _setting++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fire(int setting, TimeSpan period)
        {
            if (setting != _setting)
                return;
            if (period > TimeSpan.Zero)
                scheduler.Schedule(process, period, () => Fire(setting, period));
            callback(state);
        }
    }
}

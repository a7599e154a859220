using StreamScorer.Scoring;
using Xunit;

namespace StreamScorer.Tests.Scoring;

/// <summary>When a changed file counts as settled, look by look, on a timer that the test fires.</summary>
public sealed class ModelFileWatcherTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HandFiredTimer _clock = new();
    private readonly ModelFileWatcher _watcher;
    private int _changes;

    public ModelFileWatcherTests()
    {
        var path = _folder.Write("model", "one");
        _watcher = new ModelFileWatcher(path, FileSignature.Of(path), new ModelWatchOptions(), _clock, () => _changes++);
    }

    public void Dispose()
    {
        _watcher.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void AChangeCountsOnceItHasStayedTheSameForTwoLooks()
    {
        Assert.Equal(0, Look());
        _folder.Write("model", "two, half wri");
        Assert.Equal(0, Look());
        _folder.Write("model", "two, half written, whole now");
        Assert.Equal(0, Look());
        Assert.Equal(1, Look());
        Assert.Equal(1, Look());
    }

    [Fact]
    public void AFileThatIsAwayIsNoChange()
    {
        File.Delete(_folder["model"]);
        Look();
        Assert.Equal(0, Look());
        _folder.Write("model", "back");
        Look();
        Assert.Equal(1, Look());
    }

    [Fact]
    public void AChangeThatKeepsLengthAndTimeIsSeen()
    {
        var time = File.GetLastWriteTimeUtc(_folder["model"]);
        _folder.Write("model", "ONE");
        File.SetLastWriteTimeUtc(_folder["model"], time);
        Look();
        Assert.Equal(1, Look());
    }

    [Fact]
    public void NothingIsToldAfterDispose()
    {
        _folder.Write("model", "two");
        Look();
        _watcher.Dispose();
        Assert.Equal(0, Look());
    }

    private int Look()
    {
        _clock.Fire();
        return _changes;
    }

    private sealed class HandFiredTimer : TimeProvider, ITimer
    {
        private TimerCallback? _callback;

        public void Fire() => _callback!(null);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _callback = callback;
            return this;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

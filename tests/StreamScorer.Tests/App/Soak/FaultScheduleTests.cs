using StreamScorer.App.Soak;
using Xunit;

namespace StreamScorer.Tests.App.Soak;

public sealed class FaultScheduleTests
{
    [Fact]
    public void The_same_seed_gives_the_same_faults_and_times()
    {
        var (one, other) = (FaultSchedule.Services(5, withDisk: true), FaultSchedule.Services(5, withDisk: true));
        for (var i = 0; i < 100; i++)
            Assert.Equal((one.Next(), one.Pause(), one.Hold()), (other.Next(), other.Pause(), other.Hold()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_fault_comes_before_one_comes_again(bool withDisk)
    {
        var (workers, services) = (FaultSchedule.Workers(1), FaultSchedule.Services(1, withDisk));
        var first = Enumerable.Range(0, 5).Select(_ => workers.Next())
            .Concat(Enumerable.Range(0, withDisk ? 12 : 11).Select(_ => services.Next())).ToHashSet();
        var expected = Enum.GetValues<SoakFault>().Where(fault => withDisk || fault != SoakFault.FillDisk);
        Assert.Equal(expected.Order(), first.Order());
    }
}

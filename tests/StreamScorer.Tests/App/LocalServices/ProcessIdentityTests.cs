using StreamScorer.App.LocalServices;
using Xunit;

namespace StreamScorer.Tests.App.LocalServices;

public sealed class ProcessIdentityTests
{
    [Fact]
    public void This_process_is_alive()
    {
        var own = ProcessIdentity.Of(Environment.ProcessId);

        Assert.NotNull(own);
        Assert.True(own.IsAlive);
        Assert.Equal(own, ProcessIdentity.Of(Environment.ProcessId));
    }

    [Fact]
    public void A_later_process_with_the_same_number_is_another()
    {
        var own = ProcessIdentity.Of(Environment.ProcessId)!;

        Assert.False((own with { StartTicks = own.StartTicks - 1 }).IsAlive);
        Assert.False((own with { BootId = "another boot" }).IsAlive);
    }

    [Fact]
    public async Task A_process_that_ended_is_not_alive_although_nobody_has_reaped_it()
    {
        var log = Path.Combine(Directory.CreateTempSubdirectory("streamscorer-process-").FullName, "log");
        var process = DetachedProcess.Start(["sleep", "60"], log, Path.GetDirectoryName(log)!);
        Assert.True(process.IsAlive);

        process.Send(UnixSignal.Kill);

        Assert.True(await process.WaitForExitAsync(TimeSpan.FromSeconds(30)));
        Directory.Delete(Path.GetDirectoryName(log)!, recursive: true);
    }

    [Fact]
    public async Task A_process_that_ignores_the_request_to_end_is_killed()
    {
        var folder = Directory.CreateTempSubdirectory("streamscorer-process-").FullName;
        var started = Path.Combine(folder, "started");
        var process = DetachedProcess.Start(
            ["sh", "-c", $"trap '' TERM; touch '{started}'; while :; do sleep 1; done"], Path.Combine(folder, "log"), folder);
        while (!File.Exists(started))
            await Task.Delay(10);

        await process.EndAsync(UnixSignal.Terminate, TimeSpan.FromMilliseconds(200), CancellationToken.None);

        Assert.False(process.IsAlive);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_detached_process_has_a_session_of_its_own_and_writes_to_its_log()
    {
        var folder = Directory.CreateTempSubdirectory("streamscorer-process-").FullName;
        var log = Path.Combine(folder, "a log");
        var go = Path.Combine(folder, "go");
        // It waits until it is told to go: a program that ends at once is taken for one that failed.
        var process = DetachedProcess.Start(
            ["sh", "-c", $"while [ ! -e '{go}' ]; do sleep 0.01; done; cat /proc/self/stat; echo problem >&2"], log, folder);
        await File.WriteAllTextAsync(go, "");

        Assert.True(await process.WaitForExitAsync(TimeSpan.FromSeconds(30)));

        var lines = await File.ReadAllLinesAsync(log);
        // The sixth field of proc(5)'s stat is the session.
        Assert.Equal(process.Pid.ToString(System.Globalization.CultureInfo.InvariantCulture), lines[0].Split(' ')[5]);
        Assert.Equal("problem", lines[1]);
        Directory.Delete(folder, recursive: true);
    }
}

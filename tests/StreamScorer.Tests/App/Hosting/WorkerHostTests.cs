using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StreamScorer.App;
using StreamScorer.App.Hosting;
using Xunit;

namespace StreamScorer.Tests.App.Hosting;

/// <summary>How the run verb ends when it is told to while its services are still starting.</summary>
public class WorkerHostTests
{
    // Mutation: the cancelled start goes on to the caller, which makes it exit code 1 and leaves the started services running.
    [Fact]
    public async Task AStopInTheMiddleOfTheStartIsAnOrdinaryStop()
    {
        using var stop = new CancellationTokenSource();
        var (started, starting) = (new Started(), new Starting());
        using var host = Build(started, starting);
        var running = WorkerHost.RunToEndAsync(host, () => host.StartAsync(stop.Token), stop.Token);
        await starting.Reached.Task;
        await stop.CancelAsync();
        Assert.Equal(ExitCode.Done, await running);
        Assert.True(started.IsStopped);
    }

    // Mutation: only the caller's token counts. SIGTERM reaches the host by itself too, and whichever is first cancels the start.
    [Fact]
    public async Task AHostThatIsStoppedInTheMiddleOfItsStartEndsOrdinarily()
    {
        var (started, starting) = (new Started(), new Starting());
        using var host = Build(started, starting);
        var running = WorkerHost.RunToEndAsync(host, () => host.StartAsync(), CancellationToken.None);
        await starting.Reached.Task;
        host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        Assert.Equal(ExitCode.Done, await running);
        Assert.True(started.IsStopped);
    }

    private static IHost Build(params IHostedService[] first)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        foreach (var service in first)
            builder.Services.AddSingleton(service);
        var options = new StreamScorerOptions();
        options.ConnectionStrings.HotLeads = "Host=127.0.0.1;Port=1;Username=nobody;Database=none";
        WorkerHost.Add(builder, options);
        return builder.Build();
    }

    private sealed class Started : IHostedService
    {
        public bool IsStopped { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            IsStopped = true;
            return Task.CompletedTask;
        }
    }

    private sealed class Starting : IHostedService
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task StartAsync(CancellationToken cancellationToken)
        {
            Reached.SetResult();
            return Task.Delay(Timeout.Infinite, cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

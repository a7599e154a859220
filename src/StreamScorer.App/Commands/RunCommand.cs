using System.CommandLine;
using StreamScorer.App.Api;
using StreamScorer.App.Hosting;

namespace StreamScorer.App.Commands;

/// <summary><c>run</c>: the worker with its HTTP surface, until SIGTERM or Ctrl-C.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var settings = new Argument<string[]>("settings")
        {
            Description = "Settings on the command line, such as --Kafka:Topic=user-events; they win over files and environment.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("run", "Runs the worker: consume, score, hot leads, checkpoints, commit; and the HTTP API beside it. Stops gracefully on SIGTERM and Ctrl-C.")
        {
            settings,
        };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parse, ct) => RunAsync([.. parse.GetValue(settings) ?? [], .. parse.UnmatchedTokens], ct));
        return command;
    }

    private static async Task<int> RunAsync(string[] arguments, CancellationToken ct)
    {
        // 1. Settings: bound once, every fault listed at once.
        if (!WorkerSettings.TryBind(WorkerSettings.Configuration(arguments), out var options))
            return ExitCode.BadUsage;
        try
        {
            return await (options.Api.Enabled ? RunWithApiAsync(arguments, options, ct) : RunAloneAsync(arguments, options, ct)).ConfigureAwait(false);
        }
        catch (ListenException exception)
        {
            await Console.Error.WriteLineAsync($"error: {exception.Message}").ConfigureAwait(false);
            return ExitCode.Failed;
        }
    }

    private static async Task<int> RunWithApiAsync(string[] arguments, StreamScorerOptions options, CancellationToken ct)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = arguments, ContentRootPath = Directory.GetCurrentDirectory() });
        WorkerHost.Add(builder, options);
        ApiHost.Add(builder, options);
        await using var app = builder.Build();
        if (!WorkerHost.TryLoadModel(app.Services, options.Scoring))
            return ExitCode.Failed;
        ApiHost.Use(app, options);
        return await WorkerHost.RunToEndAsync(app, () => ApiHost.StartAsync(app, options, ct), ct).ConfigureAwait(false);
    }

    private static async Task<int> RunAloneAsync(string[] arguments, StreamScorerOptions options, CancellationToken ct)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = arguments, ContentRootPath = Directory.GetCurrentDirectory() });
        WorkerHost.Add(builder, options);
        using var host = builder.Build();
        if (!WorkerHost.TryLoadModel(host.Services, options.Scoring))
            return ExitCode.Failed;
        return await WorkerHost.RunToEndAsync(host, () => host.StartAsync(ct), ct).ConfigureAwait(false);
    }
}

using System.Diagnostics;

namespace StreamScorer.IntegrationTests.Operators;

/// <summary>What a verb did, run as a user runs it: in a process of its own.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its stdout.</param>
/// <param name="Errors">Its stderr.</param>
internal sealed record VerbProcess(int ExitCode, string Output, string Errors)
{
    /// <summary>The last line of stdout, where verbs put their JSON.</summary>
    public string LastLine => Output.TrimEnd().Split('\n')[^1];

    /// <summary>Runs a verb with the scope's settings in the environment.</summary>
    public static Task<VerbProcess> RunAsync(TestScope scope, params string[] arguments) => RunAsync(scope, null, arguments);

    /// <summary>The same with one more variable.</summary>
    public static async Task<VerbProcess> RunAsync(TestScope scope, (string Name, string Value)? variable, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "StreamScorer.App.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = scope.Folder,
        };
        foreach (var (name, value) in scope.ToEnvironment())
            start.Environment[name] = value;
        if (variable is { } more)
            start.Environment[more.Name] = more.Value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        await process.WaitForExitAsync(patience.Token);
        return new VerbProcess(process.ExitCode, await output, await errors);
    }
}

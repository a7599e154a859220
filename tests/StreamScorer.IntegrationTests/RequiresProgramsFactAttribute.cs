using Xunit;

namespace StreamScorer.IntegrationTests;

/// <summary>A test that runs programs of the system.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RequiresProgramsFactAttribute : FactAttribute
{
    public RequiresProgramsFactAttribute(params string[] programs)
    {
        Programs = programs;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (programs.FirstOrDefault(program => !folders.Any(folder => File.Exists(Path.Combine(folder, program)))) is { } missing)
            Skip = $"needs {missing} on the PATH (apt: prometheus, prometheus-alertmanager)";
    }

    public IReadOnlyList<string> Programs { get; }
}

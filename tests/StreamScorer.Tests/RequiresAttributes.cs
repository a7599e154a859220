using Xunit;

namespace StreamScorer.Tests;

/// <summary>A test on the third-party lead-scoring table, which the repository may not carry.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RequiresSharedDataFactAttribute : FactAttribute
{
    public RequiresSharedDataFactAttribute()
    {
        if (!File.Exists(RepositoryFolder.SharedData("lead-scoring.csv")))
            Skip = "needs data/lead-scoring.csv in ../shared or in the folder STREAMSCORER_SHARED names";
    }
}

/// <summary>A test that asks a program written in JavaScript for a second opinion.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RequiresNodeFactAttribute : FactAttribute
{
    public RequiresNodeFactAttribute()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, "node"))))
            Skip = "needs node on the PATH";
    }
}

/// <summary>A test that asks a program of the system for its judgement.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RequiresProgramFactAttribute : FactAttribute
{
    public RequiresProgramFactAttribute(string program)
    {
        Program = program;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, program))))
            Skip = $"needs {program} on the PATH (apt: prometheus, prometheus-alertmanager)";
    }

    public string Program { get; }
}

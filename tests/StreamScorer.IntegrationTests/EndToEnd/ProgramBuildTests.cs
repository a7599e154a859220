using System.Reflection;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Xunit;

namespace StreamScorer.IntegrationTests.EndToEnd;

/// <summary>What makes a start short and its first events cheap is decided by the build, and nothing fails where it gets lost.</summary>
public sealed class ProgramBuildTests
{
    [RequiresNativeCodeTheory]
    [InlineData("StreamScorer.App")]
    [InlineData("StreamScorer")]
    [InlineData("StreamScorer.Forests")]
    [InlineData("StreamScorer.Parquet")]
    [InlineData("Confluent.Kafka")]
    [InlineData("Npgsql")]
    [InlineData("Polly.Core")]
    public void The_program_brings_native_code_beside_its_IL(string assembly)
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));
        using var image = new PEReader(file);

        var header = image.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory;

        Assert.True(header.Size > 0, $"{assembly}.dll holds IL alone: see src/CompileAhead.targets.");
    }

    [Theory]
    [InlineData("System.Runtime.TieredPGO", "false")]
    [InlineData("System.GC.Server", "false")]
    [InlineData("System.GC.Gen0MaxBudget", "8388608")]
    [InlineData("System.GC.ConserveMemory", "5")]
    [InlineData("System.Runtime.TieredCompilation.CallCountThreshold", "4000")]
    [InlineData("System.Runtime.TieredCompilation.CallCountingDelayMs", "0")]
    [InlineData("System.Threading.ThreadPool.UnfairSemaphoreSpinLimit", "0")]
    public void The_program_starts_with_the_settings_that_were_measured(string name, string value)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "StreamScorer.App.runtimeconfig.json");

        var settings = JsonNode.Parse(File.ReadAllText(file))!["runtimeOptions"]!["configProperties"]!;

        Assert.Equal(value, settings[name]?.ToJsonString());
    }

    /// <summary>Only builds for release carry native code, for the processors that the compiler is taken for.</summary>
    private sealed class RequiresNativeCodeTheoryAttribute : TheoryAttribute
    {
        public RequiresNativeCodeTheoryAttribute()
        {
            var build = typeof(ProgramBuildTests).Assembly;
            if (build.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration != "Release")
                Skip = "needs a build for release";
            else if (RuntimeInformation.OSArchitecture != Architecture.X64)
                Skip = "needs an x64 processor";
        }
    }
}

using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using StreamScorer.Tests.Parquet.Fuzzing;

namespace StreamScorer.Benchmarks.Parquet;

/// <summary><c>bench fuzz-parquet</c>: spoilt files by the million. Stops at the first that the reader gets wrong and names its seed.
/// </summary>
internal static class ParquetFuzzRun
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(10);

    public static Task<int> RunAsync(string[] args)
    {
        var inputs = new Option<int>("--inputs") { Description = "How many inputs.", DefaultValueFactory = _ => 1_000_000 };
        var seed = new Option<int>("--seed") { Description = "Seed of the first input; the others count on.", DefaultValueFactory = _ => 1 };
        var keep = new Option<string?>("--keep") { Description = "Where the input that the reader gets wrong is kept.", HelpName = "FILE" };
        var command = new RootCommand("Feed spoilt Parquet files to the reader.") { inputs, seed, keep };
        command.SetAction(parsed => Run(parsed.GetValue(seed), parsed.GetValue(inputs), parsed.GetValue(keep)));
        return BenchmarkCommand.RunAsync(command, args);
    }

    private static int Run(int firstSeed, int inputs, string? keep)
    {
        using var fuzzing = new ParquetFuzzing();
        var clock = Stopwatch.StartNew();
        // A hang cannot report itself.
        using var watchman = new Timer(
            _ => Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"at input {fuzzing.Current}; {fuzzing.Refused} refused, {fuzzing.Read} read")),
            null, ReportEvery, ReportEvery);
        try
        {
            for (int i = 0; i < inputs; i++)
                fuzzing.Run(firstSeed + i);
        }
        catch (InvalidOperationException fault)
        {
            Console.Error.WriteLine(fault.Message);
            if (keep is not null)
                File.Copy(fuzzing.InputPath, keep, overwrite: true);
            return 1;
        }
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{inputs:N0} inputs from seed {firstSeed} in {clock.Elapsed.TotalSeconds:F0} s: {fuzzing.Refused:N0} refused, {fuzzing.Read:N0} read; "
            + $"at most {fuzzing.MostAllocatedBytes / 1024.0 / 1024.0:F1} MiB allocated and {fuzzing.Slowest.TotalMilliseconds:F0} ms for one"));
        return 0;
    }
}

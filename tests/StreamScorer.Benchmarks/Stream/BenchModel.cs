using System.Diagnostics;
using StreamScorer.App;

namespace StreamScorer.Benchmarks.Stream;

/// <summary>The model that is measured when none is named: the reference forest on the shipped leads.</summary>
internal static class BenchModel
{
    /// <summary>Trains it once, in a process of its own, beside the other local files of the installation.</summary>
    public static async Task<string> TrainAsync()
    {
        var folder = InstallationFolder.Local("bench-model");
        if (File.Exists(Path.Combine(folder, "model.forest")))
            return folder;
        var data = Path.Combine(InstallationFolder.Path, "data", "processed", "training_data.parquet");
        using var train = Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "StreamScorer.App.dll"), "train", "--data", data, "--out", folder])
        {
            RedirectStandardOutput = true,
        })!;
        await train.StandardOutput.ReadToEndAsync();
        await train.WaitForExitAsync();
        return train.ExitCode == 0 ? folder : throw new InvalidOperationException($"Training ended with code {train.ExitCode}.");
    }
}

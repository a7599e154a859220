using System.Diagnostics;
using System.Globalization;
using StreamScorer.Parquet;
using Xunit;

namespace StreamScorer.IntegrationTests.ParquetFiles;

/// <summary>kill -9 of a writing process at random moments: whatever is called .parquet is whole.</summary>
public sealed class WriterKillTests
{
    [Fact]
    [Trait("Category", "faults")]
    public Task Two_hundred_kills_leave_no_partial_file() => KillAsync(kills: 200, seed: Random.Shared.Next());

    [Fact]
    [Trait("Category", "faults")]
    [Trait("Ci", "true")]
    public Task Ten_kills_leave_no_partial_file() => KillAsync(kills: 10, seed: 20_261_121);

    private static async Task KillAsync(int kills, int seed)
    {
        var random = new Random(seed);
        var (whole, staged) = (0, 0);
        // On a slow machine many kills come before the first file is whole; then a few more show the same.
        for (var kill = 0; kill < kills || (kill < 3 * kills && Math.Min(whole, staged) < kills / 4); kill++)
        {
            var folder = Directory.CreateTempSubdirectory("streamscorer-test-");
            try
            {
                await WriteUntilKilledAsync(folder.FullName, random.Next(), TimeSpan.FromMilliseconds(random.NextDouble() * 250));
                foreach (var file in folder.EnumerateFiles())
                {
                    if (file.Extension != ".parquet")
                    {
                        staged++;
                        continue;
                    }

                    var e = Record.Exception(() => FileVerification.Run(file.FullName));
                    Assert.True(e is null, $"seed {seed}, kill {kill}: {e?.Message}");
                    whole++;
                }
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }

        // Kills that all came before or after the writing would have shown nothing.
        Assert.True(whole > 0 && staged > 0, $"seed {seed}: {whole} whole files, {staged} staged ones");
    }

    private static async Task WriteUntilKilledAsync(string folder, int seed, TimeSpan life)
    {
        var start = new ProcessStartInfo(
            "dotnet", [typeof(WriterKillTests).Assembly.Location, "write-parquet", folder, seed.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
        };
        using var writer = Process.Start(start)!;
        await writer.StandardOutput.ReadLineAsync();
        await Task.Delay(life);
        Assert.False(writer.HasExited, "the writer ended by itself");
        writer.Kill();
        await writer.WaitForExitAsync();
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace StreamScorer.Benchmarks.Forests;

/// <summary>python3-xgboost of the system, a peer, timed by a script of its own language.</summary>
internal static class PythonXgboost
{
    private const string Python = "/usr/bin/python3";

    public static bool IsPresent => File.Exists(Python) && Directory.Exists("/usr/lib/python3/dist-packages/xgboost");

    /// <summary>Microseconds per row of in-place prediction on one thread, by batch size.</summary>
    public static Dictionary<int, double> Time(byte[] model, float[] rows, int features)
    {
        var folder = Directory.CreateTempSubdirectory("streamscorer-bench-");
        try
        {
            var modelFile = Path.Combine(folder.FullName, "model.json");
            var rowsFile = Path.Combine(folder.FullName, "rows.f32");
            File.WriteAllBytes(modelFile, model);
            File.WriteAllBytes(rowsFile, MemoryMarshal.AsBytes(rows.AsSpan()));
            return Run("xgboost_scoring.py", modelFile, rowsFile, features.ToString(CultureInfo.InvariantCulture))
                .Select(line => line.Split(' '))
                .ToDictionary(
                    parts => int.Parse(parts[0], CultureInfo.InvariantCulture),
                    parts => double.Parse(parts[1], CultureInfo.InvariantCulture));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Runs a script of this folder; its lines.</summary>
    public static string[] Run(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(Python)
        {
            RedirectStandardOutput = true,
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Forests", script) },
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{script} ended with exit code {process.ExitCode}.");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}

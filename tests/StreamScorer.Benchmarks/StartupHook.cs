using System.Diagnostics.CodeAnalysis;
using System.Globalization;

/// <summary>
/// Loaded into a measured worker by the runtime (DOTNET_STARTUP_HOOKS, which wants this name outside any namespace): as
/// the process ends, writes what only the process itself knows to the file named in <see cref="FileVariable"/>.
/// </summary>
[SuppressMessage("Design", "CA1050", Justification = "The runtime looks for the type outside any namespace.")]
internal static class StartupHook
{
    /// <summary>Names the file.</summary>
    public const string FileVariable = "STREAMSCORER_BENCH_FILE";

    /// <summary>Called by the runtime before the worker's Main.</summary>
    public static void Initialize() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        if (Environment.GetEnvironmentVariable(FileVariable) is { } file)
        {
            File.WriteAllText(file, string.Create(
                CultureInfo.InvariantCulture,
                $"{GC.GetTotalAllocatedBytes()} {GC.GetTotalPauseDuration().TotalMilliseconds} {GC.CollectionCount(0)}"));
        }
    };
}

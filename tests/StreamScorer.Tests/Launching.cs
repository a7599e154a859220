using System.Diagnostics;
using System.Text.RegularExpressions;

namespace StreamScorer.Tests;

/// <summary>
/// A copy of the launcher in a folder with a space in its name, and a PATH of stand-ins: programs that the machine may
/// or may not have are small scripts here, so that the tests say what is installed and see what would be done.
/// </summary>
internal sealed class Launching : IDisposable
{
    // What every Debian has; the launcher may rely on these alone.
    private static readonly string[] Essentials =
    [
        "bash", "basename", "cat", "dirname", "env", "find", "flock", "grep", "gzip", "head", "mkdir", "mktemp", "mv", "paste",
        "readlink", "rm", "sed", "sha256sum", "sort", "tail", "tar", "uname",
    ];

    private readonly string _root = Directory.CreateTempSubdirectory("streamscorer-launcher-").FullName;

    public Launching()
    {
        Home = Path.Combine(_root, "with space");
        Programs = Path.Combine(_root, "bin");
        Directory.CreateDirectory(Path.Combine(Home, "src", "StreamScorer"));
        Directory.CreateDirectory(Programs);
        File.Copy(Path.Combine(RepositoryFolder.Path, "streamscorer"), Launcher);
        File.WriteAllText(Path.Combine(Home, "src", "StreamScorer", "Source.cs"), "// first");
        foreach (var name in Essentials)
        {
            var program = new[] { "/usr/bin", "/bin" }.Select(folder => Path.Combine(folder, name)).First(File.Exists);
            File.CreateSymbolicLink(Path.Combine(Programs, name), program);
        }
        // A .NET that builds by making the file, and runs it by telling how it was called.
        Install("dotnet", """
            case $1 in
              --list-sdks) echo "10.0.100 [here]" ;;
              restore) mkdir -p "$2/obj"; echo "{}" >"$2/obj/project.assets.json" ;;
              build) echo build >>"$CALLS"; folder=$2/bin/Release/net10.0; mkdir -p "$folder"; echo >"$folder/${2##*/}.dll" ;;
              *) shift; echo "in $PWD"; for argument in "$@"; do echo "<$argument>"; done; exit "${FAKE_CODE:-0}" ;;
            esac
            """);
        Install("postgres", "exit 0");
        Install("java", "exit 0");
        Install("npm", "exit 1");
        Install("id", "echo 0");
    }

    /// <summary>The folder of the copy.</summary>
    public string Home { get; }

    /// <summary>The only folder in PATH.</summary>
    public string Programs { get; }

    public string Launcher => Path.Combine(Home, "streamscorer");

    /// <summary>What the stand-ins were asked to do that changes something, a line each.</summary>
    public string[] Calls => File.Exists(CallsFile) ? File.ReadAllLines(CallsFile) : [];

    private string CallsFile => Path.Combine(_root, "calls");

    /// <summary>Puts a stand-in into PATH; it may append to <c>$CALLS</c>.</summary>
    public void Install(string program, string script)
    {
        var file = Path.Combine(Programs, program);
        File.WriteAllText(file, "#!/usr/bin/env bash\n" + script + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    public void Remove(string program) => File.Delete(Path.Combine(Programs, program));

    /// <summary>Says that Kafka was fetched before.</summary>
    public void InstallKafka()
    {
        var sum = Regex.Match(File.ReadAllText(Launcher), "kafka_sha256=([0-9a-f]{64})").Groups[1].Value;
        Directory.CreateDirectory(Path.Combine(Home, ".local", "kafka"));
        File.WriteAllText(Path.Combine(Home, ".local", "kafka", "sha256"), sum + "\n");
    }

    public Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) =>
        RunFromAsync(Launcher, _root, null, arguments);

    /// <summary>Runs the launcher by a name of it, in a folder, its program ending with the code given.</summary>
    public async Task<(int Code, string Output, string Errors)> RunFromAsync(
        string launcher, string folder, int? code, params string[] arguments)
    {
        var start = new ProcessStartInfo(launcher, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("Kafka__", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        foreach (var name in new[] { "JAVA_HOME", "DOTNET_ROOT", "STREAMSCORER_KAFKA_LIBS", "CI" })
            start.Environment.Remove(name);
        start.Environment["PATH"] = Programs;
        start.Environment["HOME"] = _root;
        start.Environment["CALLS"] = CallsFile;
        start.Environment["FAKE_CODE"] = (code ?? 0).ToString(System.Globalization.CultureInfo.InvariantCulture);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}

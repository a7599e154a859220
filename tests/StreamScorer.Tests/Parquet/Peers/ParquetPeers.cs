using System.Diagnostics;
using System.Text.Json;

namespace StreamScorer.Tests.Parquet.Peers;

/// <summary>Runs peers.mjs: other implementations of Parquet, from npm, for tests and benchmarks only.</summary>
internal static class ParquetPeers
{
    /// <summary>Names the folder whose node_modules holds the packages.</summary>
    public const string Variable = "PARQUET_CHECK_DEPS";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Why the peers cannot be asked, with the remedy; null where they can.</summary>
    public static string? Missing { get; } = Folder() is null
        ? $"needs node, and DuckDB, hyparquet and parquet-wasm from npm: copy tests/StreamScorer.Tests/Parquet/Peers/package.json to "
            + $".local/parquet-peers (or where {Variable} says) and run npm install there"
        : null;

    /// <summary>Runs a command; each line of the answer is a JSON object.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message is what it said.</exception>
    public static IReadOnlyList<JsonElement> Run(params string[] arguments)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Parquet", "Peers", "peers.mjs");
        var start = new ProcessStartInfo("node", [script, Folder()!, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"peers.mjs {arguments[0]} was not done after {Patience}.");
        }
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"peers.mjs {arguments[0]} failed: {error.Result}");
        return [.. output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    /// <summary>The digests in a line of <c>read</c> or <c>write</c>, by column.</summary>
    public static IReadOnlyDictionary<string, string> Digests(JsonElement line) => line.GetProperty("columns").EnumerateArray()
        .ToDictionary(column => column[0].GetString()!, column => column[1].GetString()!);

    private static string? Folder()
    {
        string?[] candidates =
        [
            Environment.GetEnvironmentVariable(Variable),
            Path.Combine(RepositoryFolder.Path, ".local", "parquet-peers"),
        ];
        string[] packages = ["@duckdb/node-api", "hyparquet", "hyparquet-writer", "parquet-wasm", "apache-arrow"];
        bool hasNode = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, "node")));
        return hasNode
            ? Array.Find(candidates, folder => folder is not null
                && packages.All(package => Directory.Exists(Path.Combine(folder, "node_modules", package))))
            : null;
    }
}

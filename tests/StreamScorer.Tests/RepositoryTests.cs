using System.Text.RegularExpressions;
using StreamScorer.Tests.Repository;
using Xunit;

namespace StreamScorer.Tests;

/// <summary>The repository checks itself: names, sizes, banned calls, one home for each thing.</summary>
public sealed partial class RepositoryTests
{
    private const int MostFileLines = 420;
    private const int MostMethodLines = 70;
    private const int MostLineCharacters = 230;

    private static readonly string[] Libraries =
        ["src/StreamScorer", "src/StreamScorer.Forests", "src/StreamScorer.Parquet", "src/StreamScorer.Training"];

    /// <summary>A call that is not to be made, where, and what to do instead. Add one after each bug that a call made.</summary>
    private static readonly (string Pattern, string[] Folders, string[] Except, string Instead)[] BannedCalls =
    [
        (@"\bDateTime(Offset)?\.(Now|UtcNow|Today)\b", ["src", "tests"], [],
            "TimeProvider, so that a test can set the clock"),
        (@"\bConsole\.(Write|WriteLine|Out|Error|In|ReadLine)\b", Libraries, [],
            "an exception, a return value or ScorerLog: only StreamScorer.App talks to the console"),
        (@"\bThread\.Sleep\b", Libraries, [],
            "await Task.Delay with a token: a sleeping thread neither polls nor stops"),
        (@"\[LoggerMessage\b", ["src"], ["src/StreamScorer/Telemetry/ScorerLog.cs", "src/StreamScorer.App/Api/ApiLog.cs", "src/StreamScorer.App/Alerts/AlertLog.cs"],
            "ScorerLog.cs (the data path), ApiLog.cs (the HTTP surface) or AlertLog.cs (alerts), the homes of log messages"),
        (@"\.(DescribeClusterAsync|ListOffsetsAsync)\b", ["src", "tests"], [],
            "GetMetadata and QueryWatermarkOffsets: these two crash the process on librdkafka 2.0"),
        (@"\bEnvironment\.(Exit|FailFast)\b", ["src"], [], "a returned exit code, so that what is open gets closed"),
    ];

    [Fact]
    public void Names_say_what_a_thing_is()
    {
        var faults = new List<string>();
        foreach (var file in SourceFile.CSharp)
        {
            if (VagueName().IsMatch(file.Name) || file.Path.Split('/').Any(part => VagueName().IsMatch(part)))
                faults.Add(file.Path);
            faults.AddRange(CSharpOutline.Read(file.Text)
                .Where(entry => entry.IsType && VagueName().IsMatch(entry.TypeName))
                .Select(entry => $"{file.Path}:{entry.FirstLine} {entry.TypeName}"));
        }
        NoFaults(faults);
    }

    [Fact]
    public void Files_and_lines_are_short_enough_to_read()
    {
        var faults = new List<string>();
        foreach (var file in SourceFile.CSharp)
        {
            if (file.Lines.Count > MostFileLines + 1)
                faults.Add($"{file.Path}: {file.Lines.Count} lines, at most {MostFileLines}");
            for (var line = 0; line < file.Lines.Count; line++)
                if (file.Lines[line].Length > MostLineCharacters)
                    faults.Add($"{file.Path}:{line + 1}: {file.Lines[line].Length} characters, at most {MostLineCharacters}");
        }
        NoFaults(faults);
    }

    [Fact]
    public void Methods_can_be_seen_at_once() => NoFaults(
        from file in SourceFile.CSharp
        from entry in CSharpOutline.Read(file.Text)
        where !entry.IsType && entry.Lines > MostMethodLines
        select $"{file.Path}:{entry.FirstLine}: {entry.Lines} lines, at most {MostMethodLines}");

    [Fact]
    public void Banned_calls_are_not_made()
    {
        var faults = new List<string>();
        foreach (var (pattern, folders, except, instead) in BannedCalls)
        {
            foreach (var file in SourceFile.CSharp.Where(file => file.IsBelow(folders) && !except.Contains(file.Path)))
            {
                var code = CSharpOutline.BlankOut(file.Text);
                faults.AddRange(Regex.Matches(code, pattern).Select(found =>
                    $"{file.Path}:{code.AsSpan(0, found.Index).Count('\n') + 1}: {found.Value} (instead: {instead})"));
            }
        }
        NoFaults(faults);
    }

    [Fact]
    public void Package_versions_stand_in_one_place()
    {
        var faults = SourceFile.All
            .Where(file => Path.GetExtension(file.Path) is ".csproj" or ".props" or ".targets")
            .Where(file => file.Path != "src/Directory.Packages.props")
            .Where(file => PackageVersion().IsMatch(file.Text))
            .Select(file => $"{file.Path}: versions belong in src/Directory.Packages.props");
        NoFaults(faults);
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = SourceFile.All.Single(file => file.Path == "StreamScorer.sln").Text;
        NoFaults(SourceFile.All
            .Where(file => file.Path.EndsWith(".csproj", StringComparison.Ordinal))
            // Packed by the launcher, before anything else can be restored.
            .Where(file => file.Path != "src/librdkafka.redist/librdkafka.redist.csproj")
            .Where(file => !solution.Contains(file.Path.Replace('/', '\\'), StringComparison.Ordinal))
            .Select(file => file.Path));
    }

    [Fact]
    public void No_file_knows_one_machine_or_promises_work() => NoFaults(
        from file in SourceFile.All
        where file.Path != "tests/StreamScorer.Tests/RepositoryTests.cs"
        from found in PersonalPathOrPromise().Matches(file.Text)
        select $"{file.Path}: {found.Value}");

    [Fact]
    public void Links_between_documents_lead_somewhere() => NoFaults(
        from file in SourceFile.Markdown
        from link in DocumentLink().Matches(file.Text)
        let target = Path.Combine(RepositoryFolder.Path, Path.GetDirectoryName(file.Path)!, link.Groups[1].Value)
        where !File.Exists(target) && !Directory.Exists(target)
        select $"{file.Path}: {link.Groups[1].Value}");

    internal static void NoFaults(IEnumerable<string> faults)
    {
        var list = faults.Distinct().ToList();
        Assert.True(list.Count == 0, string.Join('\n', list));
    }

    // Words that fit everything and therefore say nothing.
    [GeneratedRegex("(Helpers?|Utils?|Utilities|Common|Manager|Abstractions)$")]
    private static partial Regex VagueName();

    [GeneratedRegex(@"<PackageReference\b[^>]*\bVersion(Override)?=|<PackageVersion\b")]
    private static partial Regex PackageVersion();

    [GeneratedRegex(@"/(home|Users)/[a-z]\w+/|/root/\w|\bTODO\b|\bFIXME\b|\bHACK\b")]
    private static partial Regex PersonalPathOrPromise();

    [GeneratedRegex(@"\]\((?!https?:|#|mailto:)([^)#\s]+)")]
    private static partial Regex DocumentLink();
}

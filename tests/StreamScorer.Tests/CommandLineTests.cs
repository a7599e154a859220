using System.CommandLine;
using System.Text.RegularExpressions;
using StreamScorer.Tests.Repository;
using Xunit;

namespace StreamScorer.Tests;

/// <summary>The verbs: their help, and that launcher, program and documents name the same ones.</summary>
public sealed partial class CommandLineTests
{
    /// <summary>Verbs that the launcher does by itself.</summary>
    private static readonly string[] LauncherVerbs = ["test", "bench", "help"];

    public static TheoryData<string> Verbs => new(VerbTable.Create().Subcommands.Select(verb => verb.Name));

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Help_of_every_verb_is_as_frozen(string verb)
    {
        var help = new StringWriter();

        var code = await VerbTable.Create().Parse([verb, "--help"])
            .InvokeAsync(new InvocationConfiguration { Output = help });

        Assert.Equal(0, code);
        Snapshot.Matches($"help/{verb}.txt", help.ToString());
    }

    [Fact]
    public void Every_verb_and_option_says_what_it_does()
    {
        RepositoryTests.NoFaults(
            from verb in VerbTable.Create().Subcommands
            from symbol in verb.Options.Cast<Symbol>().Concat(verb.Arguments).Concat(verb.Subcommands).Append(verb)
            where string.IsNullOrWhiteSpace(symbol.Description)
            select $"{verb.Name}: {symbol.Name}");
    }

    [Fact]
    public void The_launcher_knows_the_verbs_of_the_program_and_lists_them()
    {
        var launcher = File.ReadAllText(Path.Combine(RepositoryFolder.Path, "streamscorer"));
        var listed = ListedVerb().Matches(launcher).Select(verb => verb.Groups[1].Value);
        var passedOn = launcher.Split("main() {")[1];

        var verbs = VerbTable.Create().Subcommands.Select(verb => verb.Name).ToList();

        Assert.Subset(listed.ToHashSet(), verbs.ToHashSet());
        Assert.All(verbs, verb => Assert.Matches($@"\b{verb}\b", passedOn));
    }

    [Fact]
    public void Commands_in_documents_are_verbs()
    {
        var verbs = VerbTable.Create().Subcommands.Select(verb => verb.Name).Concat(LauncherVerbs).ToHashSet();
        RepositoryTests.NoFaults(
            from file in SourceFile.Markdown
            from command in DocumentedCommand().Matches(file.Text)
            where !verbs.Contains(command.Groups[1].Value)
            select $"{file.Path}: {command.Value}");
    }

    [GeneratedRegex(@"(?m)^  ([a-z]+) {2,}[A-Z]")]
    private static partial Regex ListedVerb();

    [GeneratedRegex(@"\./streamscorer ([a-z]+)")]
    private static partial Regex DocumentedCommand();
}

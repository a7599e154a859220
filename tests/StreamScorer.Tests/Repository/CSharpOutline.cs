using System.Text;
using System.Text.RegularExpressions;

namespace StreamScorer.Tests.Repository;

/// <summary>
/// The members of a C# file and the lines that they span, found by counting braces. Not a compiler: good enough to
/// say which method has grown too long, on code that the build has accepted.
/// </summary>
internal static partial class CSharpOutline
{
    /// <summary>A type or a member of one; lines count from 1 and include both ends.</summary>
    /// <param name="IsType">A class, struct, record, interface or enum; else a method, property, constructor….</param>
    /// <param name="Declaration">The text before the body, on one line.</param>
    public sealed record Entry(bool IsType, string Declaration, int FirstLine, int LastLine)
    {
        public int Lines => LastLine - FirstLine + 1;

        /// <summary>The name that a type declares; empty for members.</summary>
        public string TypeName => IsType ? TypeNames().Match(Declaration).Groups[1].Value : "";
    }

    /// <summary>The types and members with a body in braces.</summary>
    public static IReadOnlyList<Entry> Read(string source)
    {
        var code = BlankOut(source);
        var entries = new List<Entry>();
        // Types and namespaces that are open; a brace inside anything else is only counted.
        var open = new Stack<(string Declaration, int Line, bool Holds)>();
        var declaration = new StringBuilder();
        var (line, declaredOn, inside) = (1, 0, 0);
        foreach (var letter in code)
        {
            if (letter == '\n') line++;
            if (inside > 0)
            {
                // Within a member: wait for its closing brace.
                inside += letter switch { '{' => 1, '}' => -1, _ => 0 };
                if (inside == 0) Close(open, entries, line);
            }
            else if (letter == '{')
            {
                var text = Whitespace().Replace(declaration.ToString(), " ").Trim();
                var holds = Holders().IsMatch(text);
                open.Push((text, declaredOn, holds));
                if (!holds) inside = 1;
                declaration.Clear();
            }
            else if (letter is '}' or ';')
            {
                if (letter == '}') Close(open, entries, line);
                declaration.Clear();
            }
            else
            {
                if (declaration.Length == 0 && char.IsWhiteSpace(letter)) continue;
                if (declaration.Length == 0) declaredOn = line;
                declaration.Append(letter);
            }
        }
        return entries;
    }

    /// <summary>The source with comments, text and characters blanked out, line for line and letter for letter.</summary>
    public static string BlankOut(string source) =>
        NotCode().Replace(source, found => Letters().Replace(found.Value, " "));

    private static void Close(Stack<(string Declaration, int Line, bool Holds)> open, List<Entry> entries, int line)
    {
        var (declaration, first, holds) = open.Pop();
        if (!declaration.StartsWith("namespace ", StringComparison.Ordinal))
            entries.Add(new Entry(holds, declaration, first, line));
    }

    [GeneratedRegex(@"^(?!.*\bnew\b)(?!.*=>).*\b(?:class|struct|interface|enum|record|namespace)\s+\w")]
    private static partial Regex Holders();

    [GeneratedRegex(@"\b(?:class|struct|interface|enum|record)\s+(?:class\s+|struct\s+)?(\w+)")]
    private static partial Regex TypeNames();

    // In this order: raw text, comments, verbatim text, text with holes (which may hold text), plain text, characters,
    // directives.
    [GeneratedRegex(
        """"
        \$*(?<raw>"{3,}).*?\k<raw>(?!") | //[^\n]* | /\*.*?\*/ | (?:@\$?|\$@)"(?:[^"]|"")*"
        | \$"(?:[^"\\\n{]|\\.|\{\{|\{(?:[^{}"\n]|"(?:[^"\\\n]|\\.)*")*\})*" | "(?:[^"\\\n]|\\.)*"
        | '(?:[^'\\\n]|\\.[^'\n]*)' | ^[ \t]*\#[^\n]*
        """",
        RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex NotCode();

    [GeneratedRegex(@"[^\n]")]
    private static partial Regex Letters();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Whitespace();
}

using System.Text.Json;

namespace StreamScorer.Tests.Repository;

/// <summary>
/// The part of YAML that our compose file uses: nested maps by indentation, lists of plain, quoted or block text, lists
/// in brackets. Whatever else stands in a file is an error, so that nothing is silently misread.
/// </summary>
internal sealed class YamlNode
{
    private readonly List<KeyValuePair<string, YamlNode>> _children = [];
    private readonly List<string> _items = [];

    private YamlNode(string value) => Value = value;

    /// <summary>The text of a leaf; empty for maps and lists.</summary>
    public string Value { get; }

    /// <summary>The entries of a map, in the file's order.</summary>
    public IReadOnlyList<KeyValuePair<string, YamlNode>> Children => _children;

    /// <summary>The entries of a list.</summary>
    public IReadOnlyList<string> Items => _items;

    public YamlNode this[string key] => _children.Single(child => child.Key == key).Value;

    public bool Has(string key) => _children.Any(child => child.Key == key);

    /// <exception cref="FormatException">The text is not of the part of YAML that this reads.</exception>
    public static YamlNode Parse(string text)
    {
        var lines = new Queue<string>(
            text.Split('\n').Where(line => line.Trim().Length > 0 && !line.TrimStart().StartsWith('#')));
        var root = ParseMap(lines, 0);
        return lines.Count == 0 ? root : throw new FormatException($"unexpected: {lines.Peek()}");
    }

    private static int Indent(string line) => line.Length - line.TrimStart(' ').Length;

    private static YamlNode ParseMap(Queue<string> lines, int indent)
    {
        var map = new YamlNode("");
        while (lines.Count > 0 && Indent(lines.Peek()) == indent)
        {
            var line = lines.Dequeue().Trim();
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0) throw new FormatException($"no key: {line}");
            var (key, rest) = (line[..colon], line[(colon + 1)..].Trim());
            if (map.Has(key)) throw new FormatException($"twice: {key}");
            map._children.Add(new(key, rest.Length > 0 ? Leaf(rest) : ParseBlock(lines, indent)));
        }
        return map;
    }

    private static YamlNode ParseBlock(Queue<string> lines, int above)
    {
        if (lines.Count == 0 || Indent(lines.Peek()) <= above) return new YamlNode("");
        var indent = Indent(lines.Peek());
        if (!lines.Peek().TrimStart().StartsWith("- ", StringComparison.Ordinal)) return ParseMap(lines, indent);
        var list = new YamlNode("");
        while (lines.Count > 0 && Indent(lines.Peek()) == indent)
        {
            var item = lines.Dequeue().Trim()[2..];
            if (item == "|")
            {
                var block = new List<string>();
                while (lines.Count > 0 && Indent(lines.Peek()) > indent) block.Add(lines.Dequeue().Trim());
                item = string.Join('\n', block);
            }
            list._items.Add(Unquote(item));
        }
        return list;
    }

    private static YamlNode Leaf(string text)
    {
        if (!text.StartsWith('[')) return new YamlNode(Unquote(text));
        var list = new YamlNode("");
        list._items.AddRange(JsonSerializer.Deserialize<string[]>(text)!);
        return list;
    }

    private static string Unquote(string text) => text.StartsWith('"') ? JsonSerializer.Deserialize<string>(text)! : text;
}

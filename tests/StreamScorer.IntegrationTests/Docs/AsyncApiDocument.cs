using System.Text.Json.Nodes;
using StreamScorer.App;
using StreamScorer.Tests.App.Api;

namespace StreamScorer.IntegrationTests.Docs;

/// <summary>The published AsyncAPI document. It reads the part of YAML that the file uses: maps, plain, quoted and folded text, lists.</summary>
internal sealed class AsyncApiDocument
{
    private readonly JsonNode _document;
    private readonly JsonShape _shape;

    public AsyncApiDocument()
    {
        var lines = new Queue<string>(File.ReadAllLines(Doc("asyncapi.yaml")).Where(line => line.Trim().Length > 0));
        _document = Map(lines, 0);
        _shape = new JsonShape(_document);
    }

    /// <summary>Everything in which a value is not what the document says of a message's payload.</summary>
    public IEnumerable<string> Faults(string message, JsonNode value)
    {
        var payload = _document["components"]!["messages"]![message]!["payload"]!;
        var schema = payload["schema"] ?? payload;
        if ((string?)schema["$ref"] is { } file)
            schema = JsonNode.Parse(File.ReadAllText(Doc(file)))!;
        return _shape.Faults(value, schema);
    }

    private static string Doc(string file) => Path.Combine(InstallationFolder.Path, "src", "docs", file);

    private static int Indent(string line) => line.Length - line.TrimStart().Length;

    private static JsonObject Map(Queue<string> lines, int indent)
    {
        var map = new JsonObject();
        while (lines.Count > 0 && Indent(lines.Peek()) == indent)
        {
            var (key, value) = lines.Dequeue().Trim().Split(':', 2) is [var name, var rest] ? (name, rest.Trim()) : throw new FormatException("No key.");
            map[key] = value switch
            {
                ">-" => Folded(lines, indent),
                "" => Block(lines, indent),
                _ => Leaf(value),
            };
        }

        return map;
    }

    private static string Folded(Queue<string> lines, int above)
    {
        var text = new List<string>();
        while (lines.Count > 0 && Indent(lines.Peek()) > above)
            text.Add(lines.Dequeue().Trim());
        return string.Join(' ', text);
    }

    private static JsonNode Block(Queue<string> lines, int above)
    {
        if (!lines.Peek().TrimStart().StartsWith("- ", StringComparison.Ordinal))
            return Map(lines, Indent(lines.Peek()));
        var items = new JsonArray();
        while (lines.Count > 0 && Indent(lines.Peek()) > above && lines.Peek().TrimStart().StartsWith("- ", StringComparison.Ordinal))
            items.Add(Leaf(lines.Dequeue().Trim()[2..]));
        return items;
    }

    private static JsonNode Leaf(string text) =>
        text.StartsWith('[') ? new JsonArray([.. text.Trim('[', ']').Split(',').Select(item => (JsonNode)item.Trim(' ', '\''))]) : text.Trim('\'');
}

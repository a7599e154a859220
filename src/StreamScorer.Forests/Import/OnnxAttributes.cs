using System.Text;

namespace StreamScorer.Forests;

/// <summary>Attributes of an ONNX operator by name.</summary>
internal sealed class OnnxAttributes(string source)
{
    // Field numbers of AttributeProto.
    private const int Name = 1;
    private const int Integer = 3;
    private const int Bytes = 4;
    private const int FloatList = 7;
    private const int IntegerList = 8;
    private const int BytesList = 9;

    private readonly Dictionary<string, List<float>> _floats = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<long>> _integers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _texts = new(StringComparer.Ordinal);

    public void Add(ReadOnlySpan<byte> content)
    {
        var name = "";
        List<float> floats = [];
        List<long> integers = [];
        List<string> texts = [];
        var attribute = new ProtobufReader(content, source);
        while (attribute.Next())
        {
            switch (attribute.Field)
            {
                case Name: name = Encoding.UTF8.GetString(attribute.Content); break;
                case Bytes or BytesList: texts.Add(Encoding.UTF8.GetString(attribute.Content)); break;
                case FloatList: attribute.AddFloats(floats); break;
                case Integer or IntegerList: attribute.AddIntegers(integers); break;
            }
        }

        if (name.EndsWith("_as_tensor", StringComparison.Ordinal))
            throw new ForestException($"{source}: double-precision attributes ('{name}') are not supported.");
        _floats[name] = floats;
        _integers[name] = integers;
        _texts[name] = texts;
    }

    public IReadOnlyList<float> Floats(string name) => _floats.GetValueOrDefault(name) ?? [];

    public IReadOnlyList<long> Integers(string name) => _integers.GetValueOrDefault(name) ?? [];

    public IReadOnlyList<string> Texts(string name) => _texts.GetValueOrDefault(name) ?? [];

    public string Text(string name, string absent) => Texts(name) is [var first, ..] ? first : absent;
}

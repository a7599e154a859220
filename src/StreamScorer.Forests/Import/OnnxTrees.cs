namespace StreamScorer.Forests;

/// <summary>
/// The tree ensemble inside an ONNX model (operators TreeEnsembleClassifier and TreeEnsembleRegressor of ai.onnx.ml, one
/// score for a yes/no target). Values are compared and summed in single precision there.
/// </summary>
internal sealed class OnnxTrees(ReadOnlyMemory<byte> file, string source)
{
    // Field numbers of onnx.proto.
    private const int ModelGraph = 7;
    private const int GraphNode = 1;
    private const int NodeOperator = 4;
    private const int NodeAttribute = 5;

    public SourceModel Read()
    {
        OnnxAttributes? found = null;
        var isClassifier = false;
        var model = new ProtobufReader(file.Span, source);
        while (model.Next())
        {
            if (model.Field != ModelGraph)
                continue;
            var graph = new ProtobufReader(model.Content, source);
            while (graph.Next())
            {
                if (graph.Field != GraphNode || ReadNode(graph.Content, out var name) is not { } attributes)
                    continue;
                if (found is not null)
                    throw new ForestException($"{source}: the graph has several tree ensembles; one is supported.");
                (found, isClassifier) = (attributes, name == "TreeEnsembleClassifier");
            }
        }

        return found is null
            ? throw new ForestException($"{source}: the graph has no TreeEnsembleClassifier or TreeEnsembleRegressor.")
            : new OnnxEnsemble(found, isClassifier, source).Build();
    }

    private OnnxAttributes? ReadNode(ReadOnlySpan<byte> content, out string name)
    {
        name = "";
        var attributes = new OnnxAttributes(source);
        var node = new ProtobufReader(content, source);
        while (node.Next())
        {
            if (node.Field == NodeOperator)
                name = System.Text.Encoding.UTF8.GetString(node.Content);
            else if (node.Field == NodeAttribute)
                attributes.Add(node.Content);
        }

        return name is "TreeEnsembleClassifier" or "TreeEnsembleRegressor" ? attributes : null;
    }
}

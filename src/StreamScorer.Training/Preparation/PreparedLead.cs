using System.Text;
using System.Text.Json;
using StreamScorer.Forests;
using StreamScorer.Training.Schemas;

namespace StreamScorer.Training.Preparation;

/// <summary>One row of a prepared dataset: a lead as it stood at one moment, and how it ended.</summary>
public sealed class PreparedLead
{
    private readonly double[] _numbers;
    private readonly string?[] _texts;
    private HashSet<int>? _dropped;

    internal PreparedLead(TrainingSchema schema, string leadId)
    {
        Schema = schema;
        LeadId = leadId;
        _numbers = new double[schema.Features.Count];
        Array.Fill(_numbers, double.NaN);
        _texts = new string?[schema.Features.Count];
    }

    public TrainingSchema Schema { get; }

    public string LeadId { get; internal set; }

    /// <summary>Rises with time.</summary>
    public long LeadNumber { get; internal set; }

    /// <summary>The label. It never goes into an event.</summary>
    public bool Converted { get; internal set; }

    /// <summary>The value of a numeric feature; NaN when it has none or is not numeric.</summary>
    /// <param name="feature">Position in the schema.</param>
    public double Number(int feature) => _numbers[feature];

    /// <summary>The text of a feature that is not numeric; null when it has none.</summary>
    /// <param name="feature">Position in the schema.</param>
    public string? Text(int feature) => _texts[feature];

    /// <summary>
    /// Writes the members of the lead's event, <c>leadId</c> and every feature by its stream name, nulls as null and dropped
    /// ones not at all, into an object the caller has opened and closes. The label is not among them.
    /// </summary>
    public void WriteEventMembers(Utf8JsonWriter json)
    {
        json.WriteString("leadId", LeadId);
        for (var i = 0; i < Schema.Features.Count; i++)
        {
            if (_dropped?.Contains(i) == true) continue;
            var name = Schema.Features[i].StreamName;
            if (_texts[i] is { } text && Schema.Features[i].Kind == FeatureKind.Boolean) WriteBoolean(json, name, text);
            else if (_texts[i] is { } other) json.WriteString(name, other);
            else if (!double.IsNaN(_numbers[i])) json.WriteNumber(name, _numbers[i]);
            else json.WriteNull(name);
        }
    }

    // Prepared files hold booleans as text; events hold them as JSON's own true and false. What is neither goes out as it
    // is and becomes a dead letter, which somebody sees.
    private static void WriteBoolean(Utf8JsonWriter json, string name, string text)
    {
        if (Feature.TryParseBoolean(Encoding.UTF8.GetBytes(text), out var value)) json.WriteBoolean(name, value != 0);
        else json.WriteString(name, text);
    }

    internal void SetNumber(int feature, double value) => _numbers[feature] = value;

    internal void SetText(int feature, string value) => _texts[feature] = value;

    /// <summary>Makes a feature null.</summary>
    internal void Clear(int feature) => (_numbers[feature], _texts[feature]) = (double.NaN, null);

    /// <summary>Leaves a feature out of the event.</summary>
    internal void Drop(int feature) => (_dropped ??= []).Add(feature);
}

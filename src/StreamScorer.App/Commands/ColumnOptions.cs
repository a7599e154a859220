using System.CommandLine;
using StreamScorer.Training.Learning;

namespace StreamScorer.App.Commands;

/// <summary>The options by which <c>train</c> and <c>tune</c> are told what the columns of a table mean.</summary>
internal sealed class ColumnOptions
{
    private readonly Option<string?> _schema = Text("--schema", "FILE",
        "JSON file that names label, id and features. Without it the table says it itself (prepared files, the Kaggle columns) "
        + "or --label does.");

    private readonly Option<string?> _name = Text("--name", "NAME", "Name stored in the model; the schema's name by default.");

    private readonly Option<string?> _label = Text("--label", "COLUMN",
        "Column to predict. For any table: every other column becomes a feature, numeric when all its values are numbers.");

    private readonly Option<string?> _positive = Text("--positive", "VALUE",
        "Label value that means yes; 1, true and yes are known.");

    private readonly Option<string?> _id = Text("--id", "COLUMN", "Column that identifies a row; never a feature.");

    private readonly Option<string?> _order = Text("--order", "COLUMN", "Column that rises with time; never a feature.");

    private readonly Option<string?> _eventTime = Text("--event-time", "COLUMN",
        "Column with the event's own time (occurredAt): timestamp features of a schema count as their age then; "
        + "never a feature.");

    private readonly Option<string[]> _exclude = new("--exclude")
    {
        Description = "Columns or features to leave out, separated by commas.",
        HelpName = "A,B",
        AllowMultipleArgumentsPerToken = false,
    };

    public void AddTo(Command command)
    {
        Option[] options = [_schema, _name, _label, _positive, _id, _order, _eventTime, _exclude];
        foreach (var option in options) command.Options.Add(option);
    }

    public TrainingRequest Read(ParseResult parsed, TrainingRequest request) => request with
    {
        SchemaFile = parsed.GetValue(_schema),
        ModelName = parsed.GetValue(_name),
        Label = parsed.GetValue(_label),
        Positive = parsed.GetValue(_positive),
        Id = parsed.GetValue(_id),
        Order = parsed.GetValue(_order),
        EventTime = parsed.GetValue(_eventTime),
        Exclude = [.. (parsed.GetValue(_exclude) ?? []).SelectMany(
            list => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))],
    };

    private static Option<string?> Text(string name, string helpName, string description)
        => new(name) { Description = description, HelpName = helpName };
}

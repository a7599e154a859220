using System.Globalization;
using System.Text;
using StreamScorer.Training.LeadScoring;

namespace StreamScorer.Tests.Training.LeadScoring;

/// <summary>Writes small lead-scoring CSV texts; cells a test does not name hold something valid.</summary>
internal sealed class LeadCsvText
{
    private readonly StringBuilder _text = new();
    private readonly string[] _columns;
    private int _rows;

    public LeadCsvText(IEnumerable<string>? columns = null)
    {
        _columns = [.. columns ?? LeadScoringColumns.All.Select(column => column.Name)];
        _text.Append(string.Join(',', _columns)).Append("\r\n");
    }

    public LeadCsvText Row(params (string Column, string? Value)[] cells)
    {
        _rows++;
        var values = _columns.Select(name =>
        {
            var at = Array.FindIndex(cells, cell => cell.Column == name);
            return Quote(at >= 0 ? cells[at].Value : Default(name));
        });
        _text.Append(string.Join(',', values)).Append("\r\n");
        return this;
    }

    public override string ToString() => _text.ToString();

    private string Default(string name)
    {
        var number = (600_000 + _rows).ToString(CultureInfo.InvariantCulture);
        return LeadScoringColumns.All.FirstOrDefault(column => column.Name == name) switch
        {
            { Name: LeadScoringColumns.LeadId } => "lead-" + number,
            { Name: LeadScoringColumns.LeadNumber } => number,
            { Kind: CellKind.Label } => _rows % 2 == 0 ? "1" : "0",
            { Kind: CellKind.Number } => "1",
            { Kind: CellKind.YesNo } => "No",
            _ => "x",
        };
    }

    private static string Quote(string? value)
        => value is null ? "" : value.AsSpan().ContainsAny(',', '"')
            ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : value;
}

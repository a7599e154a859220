using System.Globalization;
using StreamScorer.Training.LeadScoring;

namespace StreamScorer.Training.Generation;

/// <summary>A made-up lead as it stands at one moment: the cells of one row of the lead-scoring CSV.</summary>
public sealed class SyntheticLead
{
    private readonly Dictionary<string, string?> _text;

    internal SyntheticLead(Guid id, long number, bool converted)
    {
        Id = id;
        Number = number;
        Converted = converted;
        _text = [];
    }

    private SyntheticLead(SyntheticLead other)
    {
        Id = other.Id;
        Number = other.Number;
        Converted = other.Converted;
        Visits = other.Visits;
        TimeOnSite = other.TimeOnSite;
        PagesPerVisit = other.PagesPerVisit;
        _text = new Dictionary<string, string?>(other._text);
    }

    public Guid Id { get; }

    /// <summary>Rising with time, unique.</summary>
    public long Number { get; }

    /// <summary>How the lead ends, whatever it looks like on the way.</summary>
    public bool Converted { get; }

    public int? Visits { get; internal set; }

    /// <summary>Seconds on the site in all.</summary>
    public int TimeOnSite { get; internal set; }

    /// <summary>Page views per visit, two decimals.</summary>
    public decimal? PagesPerVisit { get; internal set; }

    /// <summary>The cell of a CSV column as text; null for an empty one.</summary>
    public string? Cell(string column) => column switch
    {
        LeadScoringColumns.LeadId => Id.ToString("D"),
        LeadScoringColumns.LeadNumber => Number.ToString(CultureInfo.InvariantCulture),
        LeadScoringColumns.Label => Converted ? "1" : "0",
        LeadScoringColumns.TotalVisits => Visits?.ToString(CultureInfo.InvariantCulture),
        LeadScoringColumns.TotalTime => TimeOnSite.ToString(CultureInfo.InvariantCulture),
        LeadScoringColumns.PageViewsPerVisit => PagesPerVisit?.ToString("0.##", CultureInfo.InvariantCulture),
        _ => _text.GetValueOrDefault(column),
    };

    internal SyntheticLead Copy() => new(this);

    internal void Set(string column, string? value) => _text[column] = value;
}

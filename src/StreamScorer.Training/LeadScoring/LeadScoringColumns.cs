namespace StreamScorer.Training.LeadScoring;

/// <summary>What the cells of a column may hold. An empty cell is allowed everywhere but in the two key columns.</summary>
public enum CellKind
{
    /// <summary>Any text.</summary>
    Text,

    /// <summary><c>Yes</c> or <c>No</c>.</summary>
    YesNo,

    /// <summary>A whole number, not negative.</summary>
    WholeNumber,

    /// <summary>A decimal number, not negative, with a point.</summary>
    Number,

    /// <summary><c>1</c> or <c>0</c>; an empty cell is a row without a label.</summary>
    Label,
}

/// <summary>One column of the lead-scoring CSV file.</summary>
public sealed record LeadScoringColumn(string Name, CellKind Kind, bool Required = false);

/// <summary>
/// The 37 columns of the public lead-scoring table (Kaggle "Lead Scoring"), in file order. They are written out, not
/// inferred: a file that only looks similar is refused with the name of the column that differs.
/// </summary>
public static class LeadScoringColumns
{
    public const string LeadId = "Prospect ID";
    public const string LeadNumber = "Lead Number";
    public const string Label = "Converted";
    public const string LeadOrigin = "Lead Origin";
    public const string LeadSource = "Lead Source";
    public const string TotalVisits = "TotalVisits";
    public const string TotalTime = "Total Time Spent on Website";
    public const string PageViewsPerVisit = "Page Views Per Visit";
    public const string LastActivity = "Last Activity";
    public const string LastNotableActivity = "Last Notable Activity";
    public const string City = "City";
    public const string Country = "Country";
    public const string Tags = "Tags";

    public static IReadOnlyList<LeadScoringColumn> All { get; } =
    [
        new(LeadId, CellKind.Text, Required: true),
        new(LeadNumber, CellKind.WholeNumber, Required: true),
        new(LeadOrigin, CellKind.Text),
        new(LeadSource, CellKind.Text),
        new("Do Not Email", CellKind.YesNo),
        new("Do Not Call", CellKind.YesNo),
        new(Label, CellKind.Label),
        new(TotalVisits, CellKind.Number),
        new(TotalTime, CellKind.Number),
        new(PageViewsPerVisit, CellKind.Number),
        new(LastActivity, CellKind.Text),
        new(Country, CellKind.Text),
        new("Specialization", CellKind.Text),
        new("How did you hear about X Education", CellKind.Text),
        new("What is your current occupation", CellKind.Text),
        new("What matters most to you in choosing a course", CellKind.Text),
        new("Search", CellKind.YesNo),
        new("Magazine", CellKind.YesNo),
        new("Newspaper Article", CellKind.YesNo),
        new("X Education Forums", CellKind.YesNo),
        new("Newspaper", CellKind.YesNo),
        new("Digital Advertisement", CellKind.YesNo),
        new("Through Recommendations", CellKind.YesNo),
        new("Receive More Updates About Our Courses", CellKind.YesNo),
        new(Tags, CellKind.Text),
        new("Lead Quality", CellKind.Text),
        new("Update me on Supply Chain Content", CellKind.YesNo),
        new("Get updates on DM Content", CellKind.YesNo),
        new("Lead Profile", CellKind.Text),
        new(City, CellKind.Text),
        new("Asymmetrique Activity Index", CellKind.Text),
        new("Asymmetrique Profile Index", CellKind.Text),
        new("Asymmetrique Activity Score", CellKind.Number),
        new("Asymmetrique Profile Score", CellKind.Number),
        new("I agree to pay the amount through cheque", CellKind.YesNo),
        new("A free copy of Mastering The Interview", CellKind.YesNo),
        new(LastNotableActivity, CellKind.Text),
    ];
}

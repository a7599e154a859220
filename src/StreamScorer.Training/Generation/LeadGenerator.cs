using StreamScorer.Training.LeadScoring;

namespace StreamScorer.Training.Generation;

/// <summary>
/// Makes leads of the lead-scoring shape from aggregate facts: first whether the lead converts, then where it came from,
/// then what depends on these (source on origin, country and city on origin, last activity on source, last notable
/// activity on last activity, time on site on origin), each drawn for that outcome.
/// </summary>
/// <remarks>
/// Lead number i comes from a random sequence of its own, so asking for more leads leaves the first ones as they were.
/// </remarks>
public sealed class LeadGenerator(long seed)
{
    /// <summary>Share of leads that look like those of the other outcome: nobody's table is as clean as its averages.</summary>
    private const double AtypicalShare = 0.02;

    /// <summary>Share of leads whose tag says nothing about the outcome; sales staff fill it in by hand.</summary>
    private const double UninformativeTagShare = 0.1;

    /// <summary>Share of leads with no activity or profile index (all four columns are empty together).</summary>
    private const double NoIndexShare = 0.4565;

    /// <summary>Share of leads that gave a city but skipped the questionnaire.</summary>
    private const double NoSurveyShare = 0.162;

    /// <summary>How often page views follow visits, for a rank correlation near that of the facts.</summary>
    private const double PagesFollowVisits = 0.3;

    private const long FirstLeadNumber = 600_000;
    private const int NumbersPerLead = 9;

    private static readonly string[] IndexColumns =
    [
        "Asymmetrique Activity Index", "Asymmetrique Profile Index",
    ];

    private static readonly string[] ScoreColumns =
    [
        "Asymmetrique Activity Score", "Asymmetrique Profile Score",
    ];

    private readonly LeadFacts _facts = LeadFacts.Instance;

    /// <summary>The lead with this position in time, 0 the oldest.</summary>
    public SyntheticLead Create(int index)
    {
        var random = new SeededRandom(seed, index);
        var converted = random.Chance(_facts.Conversion);
        var number = FirstLeadNumber + (long)index * NumbersPerLead + random.Next(NumbersPerLead);
        var lead = new SyntheticLead(random.NextGuid(), number, converted);
        var looksConverted = converted ^ random.Chance(AtypicalShare);
        DrawOrigin(lead, looksConverted, random);
        DrawVisits(lead, looksConverted, random);
        DrawForm(lead, looksConverted, random);
        DrawSalesNotes(lead, looksConverted, random);
        return lead;
    }

    private void DrawOrigin(SyntheticLead lead, bool converted, SeededRandom random)
    {
        var origin = _facts.Values(LeadScoringColumns.LeadOrigin, converted).Draw(random);
        lead.Set(LeadScoringColumns.LeadOrigin, origin);
        foreach (var column in new[] { LeadScoringColumns.LeadSource, LeadScoringColumns.Country, LeadScoringColumns.City })
            lead.Set(column, _facts.ValuesGiven(column, LeadScoringColumns.LeadOrigin, origin, converted).Draw(random));
        var source = lead.Cell(LeadScoringColumns.LeadSource);
        var activity = _facts.ValuesGiven(
            LeadScoringColumns.LastActivity, LeadScoringColumns.LeadSource, source, converted).Draw(random);
        lead.Set(LeadScoringColumns.LastActivity, activity);
        lead.Set(LeadScoringColumns.LastNotableActivity, _facts.ValuesGiven(
            LeadScoringColumns.LastNotableActivity, LeadScoringColumns.LastActivity, activity, converted).Draw(random));
    }

    private void DrawVisits(SyntheticLead lead, bool converted, SeededRandom random)
    {
        if (random.Chance(_facts.ZeroTimeShare(lead.Cell(LeadScoringColumns.LeadOrigin))))
        {
            lead.Visits = 0;
            lead.PagesPerVisit = 0;
            return;
        }

        lead.TimeOnSite = Whole(_facts.Ranges(LeadScoringColumns.TotalTime, converted).Draw(random), random);
        if (random.Chance(_facts.NullShare(LeadScoringColumns.TotalVisits, converted))) return;
        var position = random.NextDouble();
        var visits = Whole(_facts.Ranges(LeadScoringColumns.TotalVisits, converted).At(position), random);
        if (!random.Chance(PagesFollowVisits)) position = random.NextDouble();
        var range = _facts.Ranges(LeadScoringColumns.PageViewsPerVisit, converted).At(position);
        var pages = Math.Max(visits, Math.Round((decimal)(range.High * visits)));
        lead.Visits = visits;
        lead.PagesPerVisit = Math.Round(pages / visits, 2);
    }

    private void DrawForm(SyntheticLead lead, bool converted, SeededRandom random)
    {
        var gaveUp = lead.Cell(LeadScoringColumns.City) is null;
        var surveyed = !gaveUp && !random.Chance(NoSurveyShare);
        lead.Set("Specialization", gaveUp ? null : Filled("Specialization", converted, random));
        foreach (var column in new[] { "What is your current occupation", "What matters most to you in choosing a course",
                     "Lead Profile", "How did you hear about X Education" })
            lead.Set(column, surveyed ? Filled(column, converted, random) : null);
        foreach (var column in LeadScoringColumns.All.Where(column => column.Kind == CellKind.YesNo))
            lead.Set(column.Name, _facts.Values(column.Name, converted).Draw(random));
    }

    private void DrawSalesNotes(SyntheticLead lead, bool converted, SeededRandom random)
    {
        var tagClass = random.Chance(UninformativeTagShare) ? random.Chance(_facts.Conversion) : converted;
        lead.Set(LeadScoringColumns.Tags, _facts.Values(LeadScoringColumns.Tags, tagClass).Draw(random));
        lead.Set("Lead Quality", _facts.Values("Lead Quality", converted).Draw(random));
        if (random.Chance(NoIndexShare)) return;
        foreach (var column in IndexColumns) lead.Set(column, Filled(column, converted, random));
        foreach (var column in ScoreColumns)
        {
            var score = Whole(_facts.Ranges(column, converted).Draw(random), random);
            lead.Set(column, score.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    /// <summary>A value of a form that was filled in: <c>Select</c> (an untouched drop-down) may be one, empty is not.</summary>
    private string? Filled(string column, bool converted, SeededRandom random)
    {
        string? value;
        do value = _facts.Values(column, converted).Draw(random);
        while (value is null);
        return value;
    }

    /// <summary>A whole number of the range, each as likely as the other.</summary>
    private static int Whole(ValueRange range, SeededRandom random)
    {
        var low = (int)Math.Floor(range.Low) + 1;
        var high = Math.Max(low, (int)Math.Floor(range.High));
        return range.Low == range.High ? (int)range.High : low + random.Next(high - low + 1);
    }
}

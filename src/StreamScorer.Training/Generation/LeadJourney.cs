using StreamScorer.Training.LeadScoring;

namespace StreamScorer.Training.Generation;

/// <summary>
/// How a lead goes on after its first snapshot. Visits and time on the site only grow; the last activity and the sales
/// tag change for better or worse, so that scores rise, fall, or rise and fall again.
/// </summary>
internal sealed class LeadJourney
{
    private enum Course { Warming, Cooling, Wavering }

    private static readonly string[] WarmTags =
    [
        "Will revert after reading the email", "Will revert after reading the email", "Busy",
    ];

    private static readonly string[] CoolTags =
    [
        "Ringing", "Interested in other courses", "switched off", "Not doing further education", "Already a student",
    ];

    private static readonly string[] CoolActivities =
    [
        "Email Bounced", "Unsubscribed", "Olark Chat Conversation", "Page Visited on Website",
    ];

    private readonly SeededRandom _random;
    private readonly Course _course;
    private SyntheticLead _lead;
    private int _steps;

    /// <param name="start">The lead as it was first seen; it is not changed.</param>
    /// <param name="seed">The generator's seed. The journey follows from it and the lead's number.</param>
    public LeadJourney(SyntheticLead start, long seed)
    {
        _lead = start;
        _random = new SeededRandom(seed, -start.Number);
        var draw = _random.NextDouble();
        _course = draw < 0.4 ? Course.Wavering : start.Converted ? Course.Warming : Course.Cooling;
    }

    /// <summary>The lead at its next event.</summary>
    public SyntheticLead Next()
    {
        _steps++;
        _lead = _lead.Copy();
        var warm = _course switch
        {
            Course.Warming => true,
            Course.Cooling => false,
            _ => _steps % 2 == 1,
        };
        if (warm) Warm();
        else Cool();
        return _lead;
    }

    private void Warm()
    {
        Visit(1 + _random.Next(3), 250 + _random.Next(500));
        _lead.Set(LeadScoringColumns.LastActivity, "SMS Sent");
        _lead.Set(LeadScoringColumns.LastNotableActivity, "SMS Sent");
        _lead.Set(LeadScoringColumns.Tags, WarmTags[_random.Next(WarmTags.Length)]);
    }

    private void Cool()
    {
        Visit(1, 5 + _random.Next(30));
        _lead.Set(LeadScoringColumns.LastActivity, CoolActivities[_random.Next(CoolActivities.Length)]);
        _lead.Set(LeadScoringColumns.LastNotableActivity, "Modified");
        _lead.Set(LeadScoringColumns.Tags, CoolTags[_random.Next(CoolTags.Length)]);
    }

    private void Visit(int visits, int seconds)
    {
        var before = _lead.Visits ?? 0;
        var pages = (_lead.PagesPerVisit ?? 0) * before + visits * (1 + _random.Next(4));
        _lead.Visits = before + visits;
        _lead.PagesPerVisit = Math.Round(pages / (before + visits), 2);
        _lead.TimeOnSite += seconds;
    }
}

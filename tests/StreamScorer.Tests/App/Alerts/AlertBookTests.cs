using StreamScorer.App.Alerts;
using StreamScorer.Telemetry;
using StreamScorer.Tests.Telemetry;
using Xunit;

namespace StreamScorer.Tests.App.Alerts;

/// <summary>Who is told what, and when: once it has lasted, once when it ends, and never twice the same.</summary>
public sealed class AlertBookTests
{
    private static readonly AlertRule Rule = AlertRules.All.Single(rule => rule.Name == "StreamScorerLagHigh");

    private readonly ManualClock _clock = new();
    private readonly AlertBook _book;

    public AlertBookTests() => _book = new AlertBook(new AlertOptions { RepeatInterval = TimeSpan.FromHours(4) }, _clock);

    [Fact]
    public void A_condition_is_told_when_it_has_lasted_and_once()
    {
        Assert.Empty(Look(200_000));
        _clock.Advance(TimeSpan.FromMinutes(9.9));
        Assert.Empty(Look(200_000));
        Assert.Empty(_book.Firing);
        _clock.Advance(TimeSpan.FromMinutes(0.2));
        var notice = Assert.Single(Look(200_000));
        Assert.Equal(("StreamScorerLagHigh", false, "200,000 records wait on the topic."), (notice.Rule.Name, notice.IsResolved, notice.Finding.Summary));
        _book.Told(notice);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Empty(Look(300_000));
        Assert.Single(_book.Firing);
    }

    [Fact]
    public void A_moment_tells_nobody()
    {
        Look(200_000);
        _clock.Advance(TimeSpan.FromMinutes(9));
        Assert.Empty(Look(0));
        _clock.Advance(TimeSpan.FromMinutes(9));
        Assert.Empty(Look(200_000));
        _clock.Advance(TimeSpan.FromMinutes(9));
        Assert.Empty(Look(200_000));
    }

    [Fact]
    public void The_end_is_told_once_to_those_who_were_told_of_the_beginning()
    {
        FireAndTell();
        var end = Assert.Single(Look(0));
        Assert.True(end.IsResolved);
        _book.Told(end);
        Assert.Empty(Look(0));
        Assert.Empty(_book.Firing);
    }

    [Fact]
    public void What_goes_on_is_told_again_after_the_interval()
    {
        FireAndTell();
        _clock.Advance(TimeSpan.FromHours(3.9));
        Assert.Empty(Look(200_000));
        _clock.Advance(TimeSpan.FromHours(0.2));
        Assert.False(Assert.Single(Look(200_000)).IsResolved);
    }

    [Fact]
    public void What_could_not_be_delivered_stays_due()
    {
        Look(200_000);
        _clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Single(Look(200_000));
        Assert.Single(Look(200_000));
        // It ended before anybody heard of it: nobody needs to hear of its end.
        Assert.Empty(Look(0));
        FireAndTell();
        Assert.Single(Look(0));
        Assert.Single(Look(0));
    }

    [Fact]
    public void Subjects_are_told_apart()
    {
        var book = new AlertBook(new AlertOptions { PatienceFactor = 0 }, _clock);
        var notices = book.Look(AlertRules.All, Figures(0) with
        {
            Dependencies = new Dictionary<string, DependencyStatus>
            {
                ["Kafka"] = new(false, "no broker answers", _clock.GetUtcNow()),
                ["PostgreSQL"] = new(false, "refused", _clock.GetUtcNow()),
                ["Model"] = new(true, "", _clock.GetUtcNow()),
            },
        });
        Assert.Equal(["Kafka", "PostgreSQL"], notices.Select(notice => notice.Finding.Subject).Order());
    }

    internal static AlertFigures Figures(long lag) => new()
    {
        Dependencies = new Dictionary<string, DependencyStatus>(),
        FailuresPerSecond = new Dictionary<string, double>(),
        OpenAge = TimeSpan.Zero,
        Lag = lag,
        DeadLetterShare = 0,
        Quality = [],
        Models = [],
        FreeShare = 0.5,
    };

    private IReadOnlyList<AlertNotice> Look(long lag) => _book.Look([Rule], Figures(lag));

    private void FireAndTell()
    {
        Look(200_000);
        _clock.Advance(TimeSpan.FromMinutes(11));
        foreach (var notice in Look(200_000))
            _book.Told(notice);
    }
}

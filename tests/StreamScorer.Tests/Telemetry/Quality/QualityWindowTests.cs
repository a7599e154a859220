using StreamScorer.Scoring;
using StreamScorer.Telemetry.Quality;
using Xunit;

namespace StreamScorer.Tests.Telemetry.Quality;

/// <summary>Windows follow the flow of events on the worker's clock.</summary>
public sealed class QualityWindowTests
{
    [Fact]
    public void The_hour_forgets_what_the_day_still_knows()
    {
        using var scene = new QualityScene();
        scene.Feed(1500, 1);
        scene.Clock.Advance(TimeSpan.FromMinutes(70));
        scene.Feed(1000, 2);
        Assert.Equal(1000, scene.Report()!.Rows);
        Assert.Equal(2500, scene.Report(QualityWindow.Day)!.Rows);
        scene.Clock.Advance(TimeSpan.FromHours(25));
        scene.Feed(1000, 3);
        Assert.Equal(1000, scene.Report(QualityWindow.Day)!.Rows);
    }

    [Fact]
    public void A_window_slides_in_steps()
    {
        using var scene = new QualityScene();
        for (var i = 0; i < 30; i++)
        {
            scene.Feed(500, i);
            scene.Clock.Advance(TimeSpan.FromMinutes(5));
        }

        // Twelve whole steps and the one under way.
        Assert.Equal(13 * 500, scene.Report()!.Rows);
    }

    [Fact]
    public void Figures_stay_while_nothing_flows()
    {
        using var scene = new QualityScene();
        scene.Feed(1500, 1);
        scene.Clock.Advance(TimeSpan.FromDays(3));
        Assert.Equal(1500, scene.Report()!.Rows);
    }

    [Fact]
    public async Task Readers_never_see_half_a_batch()
    {
        using var scene = new QualityScene();
        var counters = scene.Quality.Enter(scene.Model);
        var broken = 0L;
        using var stop = new CancellationTokenSource();
        var reading = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                var read = counters.Read(QualityWindow.Hour);
                long scores = 0, visits = 0;
                foreach (var count in read.AsSpan(counters.Layout.Scores, QualityLayout.ScoreBins))
                    scores += count;
                foreach (var count in counters.Layout.Feature(read, 0))
                    visits += count;
                if (scores != read[counters.Layout.Rows] || visits != scores)
                    broken++;
            }
        });
        for (var i = 0; i < 10; i++)
        {
            scene.Feed(1000, i);
            scene.Clock.Advance(TimeSpan.FromMinutes(4));
        }

        await stop.CancelAsync();
        await reading;
        Assert.Equal(0, broken);
    }

    [Fact]
    public void Swapped_models_are_counted_apart_and_the_oldest_go()
    {
        using var scene = new QualityScene();
        scene.Feed(1000, 1);
        for (var i = 0; i < 5; i++)
            scene.Quality.Enter(new ScoringModel($"other-{i}", QualityScene.Forest));
        Assert.Equal(4, scene.Quality.Models.Length);
        Assert.DoesNotContain(scene.Quality.Models, model => model.ModelName == "lead-scoring");
    }
}

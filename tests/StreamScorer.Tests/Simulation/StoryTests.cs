using Xunit;

namespace StreamScorer.Tests.Simulation;

/// <summary>
/// Single faults told as stories: the same world and the same oracle as the thousands of random histories, with one thing
/// going wrong at a place of the test's choosing, so that it is known to have happened.
/// </summary>
[Collection(SimulationAlone.Name)]
public sealed class StoryTests
{
    private static readonly TimeSpan Joined = TimeSpan.FromSeconds(4);

    [Fact]
    [Scenario(15, Means.Simulation, "a checkpoint that is registered after the revoke is not committed by its old owner; the new one begins behind it")]
    public void A_checkpoint_acknowledged_after_the_revoke_is_not_committed() => Tell(2, world =>
    {
        var former = HangRegistration(world);
        world.Group.MoveAll();
        world.RunFor(TimeSpan.FromSeconds(6));
        Assert.NotEqual(former, world.Group.Owners[0]!.Process.Name);
        Assert.Empty(world.Database.Files);

        world.RunFor(TimeSpan.FromSeconds(10));
        Assert.Single(world.Database.Files);
        Assert.DoesNotContain(world.Group.Commits, commit => commit.Process == former);
        Assert.Contains(world.Group.Commits, commit => commit is { Partition: 0, Offset: 5 });
    });

    [Fact]
    [Scenario(16, Means.Simulation, "the checkpoint of the old lease ends after the new one began: only the new one commits, from where the ledger is")]
    public void A_checkpoint_of_an_earlier_assignment_says_nothing_for_the_new_one() => Tell(1, world =>
    {
        HangRegistration(world);
        world.Group.MoveAll();
        world.RunFor(TimeSpan.FromSeconds(6));
        Assert.NotNull(world.Group.Owners[0]);
        Assert.Empty(world.Database.Files);

        world.RunFor(TimeSpan.FromSeconds(10));
        // Taken twice: the epoch of the first time registered the file, the second began behind it.
        Assert.Equal(2, world.Database.Progress[SimulatedTopic.Partition(0)].OwnerEpoch);
        Assert.Equal(1, Assert.Single(world.Database.Files).Checkpoint.Ranges[0].OwnerEpoch);
        world.Publish(0, 3);
        world.RunFor(TimeSpan.FromSeconds(4));
        Assert.Equal(8, world.Group.CommittedOffsets[0]);
    });

    [Fact]
    [Scenario(17, Means.Simulation, "300 checkpoints while partitions move a hundred times: what is committed is published, nothing is committed after a revoke")]
    public void Hundreds_of_checkpoints_race_a_hundred_revokes() => Tell(3, world =>
    {
        for (var round = 0; round < 100 || world.Database.Files.Count < 300; round++)
        {
            for (var partition = 0; partition < 4; partition++)
                world.Publish(partition, world.Scheduler.Random.Next(0, 12));
            world.Group.Shuffle();
            world.RunFor(world.Scheduler.Between(0.2, 1.8));
        }
    }, partitions: 4);

    [Fact]
    [Scenario(19, Means.Simulation, "commits refused for 20 s: records go on being scored and registered, and the group catches up by itself afterwards")]
    public void Commits_that_the_coordinator_refuses_hold_nothing_up() => Tell(1, world =>
    {
        world.RunFor(Joined);
        world.Group.RefusesCommitsUntil = world.Scheduler.Now + TimeSpan.FromSeconds(20).Ticks;
        for (var second = 0; second < 18; second++)
        {
            world.Publish(0, 3);
            world.RunFor(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(world.Database.Progress[SimulatedTopic.Partition(0)].NextOffset, 45, 54);
        Assert.True(world.Group.RefusedCommits > 3);
        Assert.Equal(-1, world.Group.CommittedOffsets[0]);
    });

    [Fact]
    [Scenario(19, Means.Simulation, "of an idle partition whose last commit was refused the next owner tells the group")]
    public void A_refused_commit_of_an_idle_partition_is_made_good_by_its_next_owner() => Tell(1, world =>
    {
        world.RunFor(Joined);
        world.Group.RefusesCommitsUntil = world.Scheduler.Now + TimeSpan.FromSeconds(8).Ticks;
        world.Publish(0, 5);
        world.RunFor(TimeSpan.FromSeconds(3));
        world.Worker(0).Process.Kill("killed");
        world.RunFor(TimeSpan.FromSeconds(7));
        Assert.Equal(5, world.Database.Progress[SimulatedTopic.Partition(0)].NextOffset);
    });

    [Fact]
    [Scenario(20, Means.Simulation, "a worker that did not poll for longer than the group waits: its partitions move, it notices, drops what it had, and rejoins by polling")]
    public void A_worker_that_does_not_poll_in_time_loses_its_partitions_and_rejoins() => Tell(2, world =>
    {
        var former = HangRegistration(world);
        var stalled = world.Worker(0).Process.Name == former ? world.Worker(0) : world.Worker(1);
        stalled.Process.Freeze(TimeSpan.FromSeconds(12));
        world.RunFor(TimeSpan.FromSeconds(11));
        Assert.NotEqual(former, world.Group.Owners[0]!.Process.Name);

        // It works again once the group gives it something.
        for (var round = 0; round < 3 && world.Group.Owners[0]?.Process.Name != former; round++)
        {
            world.RunFor(TimeSpan.FromSeconds(4));
            world.Group.MoveAll();
            world.Publish(0, 5);
            world.RunFor(TimeSpan.FromSeconds(4));
        }

        Assert.False(stalled.HasEnded);
        Assert.Equal(former, world.Group.Owners[0]!.Process.Name);
    });

    [Fact]
    [Scenario(45, Means.Simulation, "while dead letters are not acknowledged nothing is registered or committed past them; then it goes on by itself")]
    public void No_offset_moves_past_a_dead_letter_that_is_not_acknowledged() => Tell(1, world =>
    {
        world.RunFor(Joined);
        world.DeadLetterBroker.AwayUntil = world.Scheduler.Now + TimeSpan.FromSeconds(30).Ticks;
        world.Publish(0, 4);
        world.Publish(0, 1, RecordTruth.Bad);
        world.Publish(0, 4);
        world.RunFor(TimeSpan.FromSeconds(25));
        Assert.Equal(0, world.Database.Progress[SimulatedTopic.Partition(0)].NextOffset);
        Assert.Empty(world.Group.Commits);
        Assert.Empty(world.Topic.DeadLetters);

        world.RunFor(TimeSpan.FromSeconds(15));
        Assert.Equal(9, world.Group.CommittedOffsets[0]);
        Assert.Equal([(0, 4L)], world.Topic.DeadLetters);
    });

    [Fact]
    [Scenario(47, Means.Simulation, "found by scoring the batch's events one by one, dead-lettered; its neighbours are scored with the same bits")]
    public void A_record_that_makes_the_scorer_throw_is_dead_lettered_alone() => Tell(1, world =>
    {
        world.RunFor(Joined);
        world.Publish(0, 4);
        world.Publish(0, 1, RecordTruth.Poison);
        world.Publish(0, 3);
        world.Publish(0, 2, RecordTruth.Poison);
        world.Publish(0, 1);
        world.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal(11, world.Group.CommittedOffsets[0]);
        Assert.Equal([(0, 4L), (0, 8L), (0, 9L)], world.Topic.DeadLetters.Order());
        Assert.Equal(8, Assert.Single(world.Disks[0].VisibleFiles).Rows.Count);
    });

    [Fact]
    [Scenario(61, Means.Simulation, "what the database refused to take before the restart is scored again, once")]
    public void What_was_not_acknowledged_before_a_restart_comes_again() => Tell(1, world =>
    {
        world.RunFor(Joined);
        world.PostgreSql.AwayUntil = world.Scheduler.Now + TimeSpan.FromSeconds(12).Ticks;
        world.Publish(0, 20);
        world.RunFor(TimeSpan.FromSeconds(3));
        world.Worker(0).Stop();
        world.RunFor(TimeSpan.FromSeconds(8));
        Assert.Empty(world.Database.Files);
        Assert.Empty(world.Group.Commits);
    });

    [Fact]
    [Scenario(70, Means.Simulation, "power lost at each single step on the disk in turn: nothing registered is ever missing, nothing is there twice")]
    public void Power_lost_at_any_step_on_the_disk_takes_nothing_that_was_registered()
    {
        var (lostAt, taken) = (0, 1);
        while (taken > lostAt)
        {
            lostAt++;
            taken = 0;
            Tell(1, world =>
            {
                world.Disks[0].Stepping = _ =>
                {
                    if (++taken == lostAt)
                        world.LosePower(0);
                };
                world.Publish(0, 10);
                world.RunFor(Joined);
                world.Publish(1, 10);
                world.RunFor(TimeSpan.FromSeconds(4));
            }, partitions: 2);
        }

        // Start, two checkpoints and their settling: fewer steps would mean that the story is not told any more.
        Assert.InRange(lostAt, 20, 1000);
    }

    /// <summary>Five records are scored, and their registration hangs for ten seconds. Returns the owner's name.</summary>
    private static string HangRegistration(SimulatedWorld world)
    {
        world.RunFor(Joined);
        var owner = world.Group.Owners[0]!.Process.Name;
        world.Publish(0, 5);
        world.RunFor(TimeSpan.FromSeconds(0.5));
        world.PostgreSql.LockedUntil = world.Scheduler.Now + TimeSpan.FromSeconds(10).Ticks;
        world.RunFor(TimeSpan.FromSeconds(2));
        return owner;
    }

    [Fact]
    public void A_checkpoint_closes_by_its_bytes_long_before_its_rows_and_its_age() => Tell(1, world =>
    {
        (world.Options.Checkpoint.MaxRows, world.Options.Checkpoint.MaxAge) = (1_000_000, TimeSpan.FromHours(1));
        world.Options.Checkpoint.MaxBytes = 1;
        world.RunFor(Joined);
        world.Publish(0, 5);
        world.RunFor(TimeSpan.FromSeconds(2));
        Assert.NotEmpty(world.Database.Files);
    });

    private static void Tell(int workers, Action<SimulatedWorld> story, int partitions = 1) => SimulationRuns.OnThread(() =>
    {
        var world = SimulatedWorld.Quiet(partitions, workers);
        story(world);
        if (world.Scheduler.Violation is null)
            world.ComeToRest();
        Assert.True(world.Scheduler.Violation is null, $"{world.Scheduler.Violation}\n{string.Join('\n', world.Scheduler.Trace.TakeLast(200))}");
    });
}

using System.CommandLine;
using StreamScorer.Benchmarks.Stream;

namespace StreamScorer.Benchmarks.Viewers;

/// <summary>
/// <c>bench viewers</c>: one worker that works off a backlog, with nobody looking and with fifty pages open, turn by turn in the
/// same process, so that both meet the same machine. The pages' own cost is in it: they share the processors with the worker.
/// </summary>
internal static class ViewersBenchmark
{
    /// <summary>Runs the benchmark with its command line.</summary>
    public static Task<int> RunAsync(string[] args)
    {
        var viewers = new Option<int>("--viewers") { Description = "Open pages, half of agents and half of operators.", DefaultValueFactory = _ => 50 };
        var leads = new Option<int>("--hot-leads") { Description = "Hot leads in the table; four times as many leads send events.", DefaultValueFactory = _ => 10_000 };
        var events = new Option<int>("--events") { Description = "Events of the backlog; it must last for all turns.", DefaultValueFactory = _ => 9_000_000 };
        var rounds = new Option<int>("--rounds") { Description = "Turns of each.", DefaultValueFactory = _ => 3 };
        var seconds = new Option<int>("--seconds") { Description = "Seconds of a turn.", DefaultValueFactory = _ => 5 };
        var openLead = new Option<int>("--open-lead") { Description = "Seconds after which an agent opens another lead.", DefaultValueFactory = _ => 30 };
        var model = new Option<string?>("--model") { Description = "Model folder; else one is trained on the shipped leads." };
        var command = new RootCommand("Open pages beside a stream at full speed: throughput, CPU of a viewer, answer times.")
        {
            viewers, leads, events, rounds, seconds, openLead, model,
        };
        command.SetAction(async (parse, ct) =>
        {
            await using var services = await BenchServices.StartAsync(null);
            var shape = new WorkloadShape(parse.GetValue(events), parse.GetValue(leads) * 4);
            var run = new ViewersRun(services, parse.GetValue(model) ?? await BenchModel.TrainAsync(), shape)
            {
                Viewers = parse.GetValue(viewers),
                OpenLeadEvery = TimeSpan.FromSeconds(parse.GetValue(openLead)),
                Rounds = parse.GetValue(rounds),
                Turn = TimeSpan.FromSeconds(parse.GetValue(seconds)),
            };
            await run.RunAsync(ct);
            return 0;
        });
        return BenchmarkCommand.RunAsync(command, args);
    }
}

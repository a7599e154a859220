using System.CommandLine;
using System.Globalization;
using StreamScorer.Forests;

namespace StreamScorer.Benchmarks.Stream;

/// <summary>
/// <c>bench compare</c>: workers with one setting and workers with another, turn by turn, each working off the same topic. Whole
/// runs are slow to start and short, so the processor time of an event says more than events/s.
/// </summary>
internal static class CompareBenchmark
{
    private const int Partitions = 12;

    /// <summary>Runs the benchmark with its command line.</summary>
    public static Task<int> RunAsync(string[] args)
    {
        var first = Settings("--first", "Settings of the one, such as Quality:Enabled=false; none: the defaults.");
        var second = Settings("--second", "Settings of the other.");
        var events = new Option<int>("--events") { Description = "Events of each run.", DefaultValueFactory = _ => 1_000_000 };
        var runs = new Option<int>("--runs") { Description = "Runs of each.", DefaultValueFactory = _ => 4 };
        var model = new Option<string?>("--model") { Description = "Model folder; else one is trained on the shipped leads." };
        var command = new RootCommand("Two settings of the worker beside each other: events/s and CPU an event.") { first, second, events, runs, model };
        command.SetAction(async parse =>
        {
            await using var services = await BenchServices.StartAsync(null);
            var modelFolder = parse.GetValue(model) ?? await BenchModel.TrainAsync();
            var shape = new WorkloadShape(parse.GetValue(events));
            var topic = await StreamTopic.FillAsync(
                services, shape, ForestModel.Load(Path.Combine(modelFolder, "model.forest")), Partitions, "none");
            var sides = new[] { parse.GetValue(first)!, parse.GetValue(second)! };
            var figures = new List<StageFigures>[] { [], [] };
            for (var i = 0; i < parse.GetValue(runs) * 2; i++)
            {
                // First, second, second, first: what drifts meets both alike.
                var side = (i + 1) / 2 % 2;
                services.Settings = sides[side];
                var scope = await services.CreateScopeAsync(topic, "compare");
                figures[side].Add((await WorkerMeasurement.RunAsync(services, scope, modelFolder, shape.Events)).Figures);
                Write(sides[side], figures[side][^1]);
            }

            Console.Error.WriteLine("medians");
            var medians = figures.Select(Median).ToList();
            for (var side = 0; side < 2; side++)
                Write(sides[side], medians[side]);
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"second to first: events/s {medians[1].EventsPerSecond / medians[0].EventsPerSecond:P1}, CPU of the worker "
                + $"{medians[1].ProcessMicros / medians[0].ProcessMicros:P1}, of all {medians[1].TotalMicros / medians[0].TotalMicros:P1}"));
            return 0;
        });
        return BenchmarkCommand.RunAsync(command, args);
    }

    private static Option<string[]> Settings(string name, string description) => new(name)
    {
        Description = description,
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    // The database's own house-keeping falls on one run or the other.
    private static StageFigures Median(List<StageFigures> runs)
    {
        double Of(Func<StageFigures, double> figure)
        {
            var sorted = runs.Select(figure).Order().ToList();
            return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
        }

        return runs[0] with
        {
            Seconds = Of(run => run.Seconds),
            ProcessMicros = Of(run => run.ProcessMicros),
            BrokerMicros = Of(run => run.BrokerMicros),
            PostgresMicros = Of(run => run.PostgresMicros),
        };
    }

    private static void Write(string[] settings, StageFigures f) => Console.Error.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{(settings.Length == 0 ? "defaults" : string.Join(' ', settings)),-32}{f.EventsPerSecond,10:N0} events/s, us an event: worker "
        + $"{f.ProcessMicros:F2}, broker {f.BrokerMicros:F2}, PostgreSQL {f.PostgresMicros:F2}, sum {f.TotalMicros:F2}"));
}

using System.CommandLine;
using StreamScorer.App.Demo;

namespace StreamScorer.App.Commands;

/// <summary><c>demo</c>: the whole product doing its job, from an empty machine to an audited result.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var once = new Option<bool>("--once")
        {
            Description = "Stop when every event is accounted for; one JSON summary is the last line of stdout.",
        };
        var rate = new Option<double?>("--rate")
        {
            Description = "Events per second to publish; as fast as the broker takes them when left out.",
            HelpName = "EVENTS",
        };
        var command = new Command("demo",
            "Start Kafka and PostgreSQL, train a model if there is none, run the worker, replay 50 partitions of leads, audit the result.")
        {
            once, rate,
        };
        rate.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double?>() is <= 0)
                result.AddError("--rate must be above 0.");
        });
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(once), parsed.GetValue(rate), ct));
        return command;
    }

    private static async Task<int> RunAsync(bool once, double? rate, CancellationToken ct)
    {
        try
        {
            return await new DemoSession(once, rate).RunAsync(ct);
        }
        catch (DemoException failure)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return ExitCode.Failed;
        }
    }
}

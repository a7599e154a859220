using System.CommandLine;
using StreamScorer.App.LocalServices;

namespace StreamScorer.App.Commands;

/// <summary><c>env</c>: prints <c>export</c> lines with the addresses of what <c>up</c> started.</summary>
internal static class EnvCommand
{
    public static Command Create()
    {
        var command = new Command(
            "env", "Print the addresses of the local services as export lines: eval \"$(./streamscorer env)\".");
        command.SetAction(_ => Print());
        return command;
    }

    private static int Print()
    {
        var services = LocalServiceSet.TryAttach(LocalServiceSet.DefaultFolder)
            ?? throw new LocalServiceException("no local Kafka and PostgreSQL are running. Start them with: ./streamscorer up");
        foreach (var (name, value) in services.ToEnvironment())
            Console.Out.WriteLine($"export {name}={Quote(value)}");
        // For psql and its kin.
        Console.Out.WriteLine($"export PGHOST=127.0.0.1 PGPORT={services.Postgres.Port} PGUSER=streamscorer PGDATABASE=streamscorer");
        return 0;
    }

    private static string Quote(string value) => "'" + value.Replace("'", @"'\''", StringComparison.Ordinal) + "'";
}

using System.Diagnostics.CodeAnalysis;
using StreamScorer.App.LocalServices;

namespace StreamScorer.App.Hosting;

/// <summary>Binds the worker's settings for a verb, and tells every fault to the person who typed them.</summary>
internal static class WorkerSettings
{
    /// <summary>
    /// Settings from files in the current folder, from files that hold one secret each (<c>/run/secrets</c>, or the folder that
    /// <c>STREAMSCORER_SECRETS</c> names), the environment, and the command line, in this order.
    /// </summary>
    public static IConfigurationRoot Configuration(string[] arguments) => Configuration(arguments, null);

    /// <summary>
    /// The same for verbs of operators: whichever of Kafka and PostgreSQL has no address anywhere is the local one that
    /// <c>up</c> or <c>demo</c> started, if it runs.
    /// </summary>
    public static IConfigurationRoot ConfigurationOrLocal(string[] arguments)
    {
        var told = Configuration(arguments);
        var needsKafka = told["Kafka:BootstrapServers"] is null;
        var needsPostgres = told["ConnectionStrings:HotLeads"] is null;
        if (!(needsKafka || needsPostgres) || LocalServiceSet.TryAttach(LocalServiceSet.DefaultFolder) is not { } local)
            return told;
        var fallback = local.ToEnvironment()
            .Select(setting => KeyValuePair.Create(setting.Key.Replace("__", ":", StringComparison.Ordinal), (string?)setting.Value))
            .Where(setting => setting.Key.StartsWith("Kafka:", StringComparison.Ordinal) ? needsKafka
                : setting.Key.StartsWith("ConnectionStrings:", StringComparison.Ordinal) && needsPostgres);
        return Configuration(arguments, fallback);
    }

    private static IConfigurationRoot Configuration(string[] arguments, IEnumerable<KeyValuePair<string, string?>>? fallback)
    {
        var environment = Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? "Production";
        return new ConfigurationBuilder()
            .AddInMemoryCollection(fallback)
            .SetBasePath(Directory.GetCurrentDirectory())
            .AddJsonFile("appsettings.json", optional: true)
            .AddJsonFile($"appsettings.{environment}.json", optional: true)
            .AddKeyPerFile(Path.GetFullPath(Environment.GetEnvironmentVariable("STREAMSCORER_SECRETS") ?? "/run/secrets"), optional: true)
            .AddEnvironmentVariables()
            .AddCommandLine(arguments)
            .Build();
    }

    /// <summary>False: the faults were written to stderr; the verb ends with <see cref="ExitCode.BadUsage"/>.</summary>
    public static bool TryBind(IConfiguration configuration, [NotNullWhen(true)] out StreamScorerOptions? options)
    {
        try
        {
            options = SettingsBinder.Bind(configuration);
            return true;
        }
        catch (SettingsException exception)
        {
            Console.Error.WriteLine(exception.Message);
            options = null;
            return false;
        }
    }

    /// <summary>Without an address in the environment, the broker that <c>up</c> or <c>demo</c> started is meant.</summary>
    public static void UseLocalKafka(KafkaOptions kafka)
    {
        if (KafkaAddress.FromEnvironment() is not null || LocalServiceSet.TryAttach(LocalServiceSet.DefaultFolder) is not { } local)
            return;
        kafka.BootstrapServers = local.Kafka.BootstrapServers;
        foreach (var (name, value) in local.Kafka.Address.ClientProperties)
            kafka.Properties[name] = value;
    }
}

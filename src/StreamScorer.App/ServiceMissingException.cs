using Npgsql;

namespace StreamScorer.App;

/// <summary>
/// Kafka or PostgreSQL does not answer. The message names the address and the setting it comes from; the program
/// exits with <see cref="ExitCode.ServiceMissing"/>.
/// </summary>
internal sealed class ServiceMissingException(string message) : Exception(message)
{
    /// <summary>No broker answers.</summary>
    /// <param name="options">The settings in force.</param>
    /// <param name="reason">What the client said.</param>
    public static ServiceMissingException Kafka(KafkaOptions options, string reason) => new(
        $"Kafka does not answer at {options.BootstrapServers} ({reason.TrimEnd('.')}). "
        + "The address is the setting Kafka:BootstrapServers (environment: Kafka__BootstrapServers). "
        + $"For a local one: {CommandLineRun.LauncherName} up, then eval \"$({CommandLineRun.LauncherName} env)\".");

    /// <summary>Kafka answers and has no such topic.</summary>
    /// <param name="options">The settings in force.</param>
    /// <param name="topic">The topic.</param>
    public static ServiceMissingException NoTopic(KafkaOptions options, string topic) => new(
        $"Kafka at {options.BootstrapServers} has no topic {topic} (setting Kafka:Topic, environment: Kafka__Topic).");

    /// <summary>The database does not answer.</summary>
    /// <param name="options">The settings in force; the password stays untold.</param>
    /// <param name="reason">What the client said.</param>
    public static ServiceMissingException PostgreSql(ConnectionStringsOptions options, string reason)
    {
        var address = new NpgsqlConnectionStringBuilder(options.HotLeads);
        return new ServiceMissingException(
            $"PostgreSQL does not answer at {address.Host}:{address.Port}, database {address.Database}, user {address.Username} "
            + $"({reason.TrimEnd('.')}). The address is the setting ConnectionStrings:HotLeads (environment: "
            + $"ConnectionStrings__HotLeads). For a local one: {CommandLineRun.LauncherName} up, then "
            + $"eval \"$({CommandLineRun.LauncherName} env)\".");
    }
}

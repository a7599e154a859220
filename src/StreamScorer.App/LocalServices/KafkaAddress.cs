using System.Collections;
using Confluent.Kafka;

namespace StreamScorer.App.LocalServices;

/// <summary>What a client needs to reach a Kafka cluster and to make topics there.</summary>
/// <param name="BootstrapServers"><c>host:port</c>, several with commas.</param>
/// <param name="ClientProperties">Further librdkafka properties, names with dots.</param>
/// <param name="ZooKeeper">
/// <c>host:port</c> where brokers are too old to create topics on request (before 0.10.1); null everywhere else.
/// </param>
public sealed record KafkaAddress(
    string BootstrapServers, IReadOnlyDictionary<string, string> ClientProperties, string? ZooKeeper = null)
{
    internal const string PropertyPrefix = "Kafka__Properties__";

    /// <summary>
    /// The address in <c>Kafka__BootstrapServers</c>, <c>Kafka__Properties__…</c> and <c>STREAMSCORER_ZOOKEEPER</c>, as
    /// <c>./streamscorer env</c> prints them; null when the first is not set.
    /// </summary>
    public static KafkaAddress? FromEnvironment() => FromEnvironment(
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? ""));

    internal static KafkaAddress? FromEnvironment(IReadOnlyDictionary<string, string> variables)
    {
        if (!variables.TryGetValue("Kafka__BootstrapServers", out var servers) || string.IsNullOrWhiteSpace(servers))
            return null;
        // A shell accepts no dots in names: underscores stand for them.
        var properties = variables
            .Where(variable => variable.Key.StartsWith(PropertyPrefix, StringComparison.OrdinalIgnoreCase))
            .ToDictionary(variable => variable.Key[PropertyPrefix.Length..].Replace('_', '.'), variable => variable.Value);
        return new KafkaAddress(servers, properties, variables.GetValueOrDefault("STREAMSCORER_ZOOKEEPER"));
    }

    /// <summary>The same as variables of the environment, for a child process or a shell.</summary>
    public IEnumerable<KeyValuePair<string, string>> ToEnvironment()
    {
        yield return new("Kafka__BootstrapServers", BootstrapServers);
        foreach (var (name, value) in ClientProperties)
            yield return new(PropertyPrefix + name.Replace('.', '_'), value);
        if (ZooKeeper is not null)
            yield return new("STREAMSCORER_ZOOKEEPER", ZooKeeper);
    }

    /// <summary>Sets the servers and the further properties on a client's configuration, and returns it.</summary>
    public T Apply<T>(T config)
        where T : ClientConfig
    {
        config.BootstrapServers = BootstrapServers;
        foreach (var (name, value) in ClientProperties)
            config.Set(name, value);
        return config;
    }
}

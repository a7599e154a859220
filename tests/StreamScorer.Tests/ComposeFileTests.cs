using StreamScorer.App.LocalServices;
using StreamScorer.Tests.Repository;
using Xunit;

namespace StreamScorer.Tests;

/// <summary>
/// The compose file without Docker: that it has the shape of the Compose Specification and sets what <c>up</c> sets.
/// </summary>
public sealed class ComposeFileTests
{
    // Of the Compose Specification's keys, those that the file may use; a misspelt key is not among them.
    private static readonly string[] TopKeys = ["name", "services", "secrets", "volumes"];

    private static readonly string[] ServiceKeys =
    [
        "image", "build", "ports", "environment", "command", "volumes", "healthcheck", "depends_on", "restart", "profiles",
        "secrets", "stop_grace_period",
    ];

    private static readonly string[] HealthcheckKeys = ["test", "interval", "timeout", "retries"];

    private static readonly YamlNode File = YamlNode.Parse(
        System.IO.File.ReadAllText(Path.Combine(RepositoryFolder.Path, "docker-compose.kafka.yml")));

    private static IEnumerable<KeyValuePair<string, YamlNode>> Services => File["services"].Children;

    [Fact]
    public void Keys_are_those_of_the_specification()
    {
        Assert.All(File.Children, child => Assert.Contains(child.Key, TopKeys));
        Assert.All(Services.SelectMany(service => service.Value.Children), child => Assert.Contains(child.Key, ServiceKeys));
        Assert.All(Services, service => Assert.True(service.Value.Has("image") != service.Value.Has("build"), service.Key));
        foreach (var (_, service) in Services.Where(service => service.Value.Has("healthcheck")))
            Assert.Equal(HealthcheckKeys, service["healthcheck"].Children.Select(child => child.Key));
    }

    [Fact]
    public void Ports_are_open_to_this_machine_only()
    {
        var ports = Services.Where(service => service.Value.Has("ports")).SelectMany(service => service.Value["ports"].Items);
        Assert.All(ports, port => Assert.StartsWith("127.0.0.1:${", port, StringComparison.Ordinal));
    }

    [Fact]
    public void Named_volumes_and_services_exist()
    {
        var volumes = File["volumes"].Children.Select(volume => volume.Key).ToHashSet();
        foreach (var (_, service) in Services)
        {
            if (service.Has("volumes"))
                Assert.All(service["volumes"].Items, mount =>
                    Assert.True(mount.StartsWith('.') || volumes.Contains(mount.Split(':')[0]), mount));
            if (service.Has("depends_on"))
                Assert.All(service["depends_on"].Children, other => Assert.True(File["services"].Has(other.Key), other.Key));
        }
    }

    [Fact]
    public void Mounted_files_exist_and_secrets_stay_out_of_the_repository()
    {
        var mounts = Services.Where(service => service.Value.Has("volumes")).SelectMany(service => service.Value["volumes"].Items);
        Assert.All(
            mounts.Where(mount => mount.StartsWith("./src/", StringComparison.Ordinal)),
            mount => Assert.True(Path.Exists(Path.Combine(RepositoryFolder.Path, mount.Split(':')[0])), mount));
        var ignored = System.IO.File.ReadAllLines(Path.Combine(RepositoryFolder.Path, ".gitignore"));
        Assert.All(File["secrets"].Children, secret =>
        {
            Assert.StartsWith("./src/monitoring/secrets/", secret.Value["file"].Value, StringComparison.Ordinal);
            Assert.Contains("/src/monitoring/secrets/", ignored);
            Assert.Contains(secret.Key, File["services"]["alertmanager"]["secrets"].Items);
        });
    }

    [Theory]
    [InlineData("auto.create.topics.enable")]
    [InlineData("delete.topic.enable")]
    [InlineData("offsets.topic.num.partitions")]
    [InlineData("offsets.topic.replication.factor")]
    [InlineData("group.min.session.timeout.ms")]
    [InlineData("group.max.session.timeout.ms")]
    [InlineData("log.retention.hours")]
    public void The_broker_is_set_as_the_local_one(string setting)
    {
        var local = KafkaConfiguration.Broker("/", 1, 2, new Dictionary<string, string>()).Settings[setting];
        var variable = "KAFKA_" + setting.Replace('.', '_').ToUpperInvariant();
        Assert.Equal(local, File["services"]["kafka"]["environment"][variable].Value);
    }

    [Fact]
    public void The_topics_are_those_of_up()
    {
        var script = string.Join('\n', File["services"]["topics"]["command"].Items);
        foreach (var topic in KafkaTopics.ForSource("user-events", 4))
        {
            var settings = topic.Settings ?? new Dictionary<string, string>();
            var expected = string.Concat(
                $"--topic {topic.Name}", string.Concat(settings.Select(setting => $" --config {setting.Key}={setting.Value}")));
            Assert.Contains(expected + "\n", script + "\n", StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_images_files_exist()
    {
        var dockerfile = File["services"]["worker"]["build"]["dockerfile"].Value;
        var lines = System.IO.File.ReadAllLines(Path.Combine(RepositoryFolder.Path, dockerfile));
        var copied = lines
            .Where(line => line.StartsWith("COPY ", StringComparison.Ordinal))
            .Where(line => !line.Contains("--from", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ')[1..^1]);
        Assert.All(copied, path => Assert.True(Path.Exists(Path.Combine(RepositoryFolder.Path, path)), path));
        Assert.Contains(lines, line => line.StartsWith("USER ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("ENTRYPOINT [", StringComparison.Ordinal));
    }
}

using System.Diagnostics;
using System.Globalization;
using StreamScorer.App;
using StreamScorer.App.LocalServices;

namespace StreamScorer.IntegrationTests;

/// <summary>
/// The Kafka and the PostgreSQL that the tests share, started at the first test that asks: the addresses in the
/// environment if set (<c>eval "$(./streamscorer env)"</c>), else Docker compose if an engine answers, else local ones
/// in a temporary folder. Each test works in a <see cref="TestScope"/> of its own, so that they do not meet.
/// </summary>
internal sealed class Services
{
    private static readonly Lazy<Task<Services>> Shared = new(StartAsync);

    private Services(KafkaAddress kafka, string connectionString, string? folder = null)
    {
        Kafka = kafka;
        ConnectionString = connectionString;
        Folder = folder;
    }

    public KafkaAddress Kafka { get; }

    /// <summary>For Npgsql, without a schema of its own.</summary>
    public string ConnectionString { get; }

    /// <summary>The guarded folder of services that the tests started themselves; else null.</summary>
    public string? Folder { get; }

    /// <exception cref="LocalServiceException">They are not there and cannot be started.</exception>
    public static Task<Services> GetAsync() => Shared.Value;

    /// <summary>Why there can be no services here, in a sentence that names the remedy; null when there can.</summary>
    public static string? WhyMissing()
    {
        if (KafkaAddress.FromEnvironment() is not null || DockerAnswers.Value)
            return null;
        try
        {
            ServicePrograms.PostgresFolder();
            ServicePrograms.Java();
            ServicePrograms.KafkaLibraries();
            return null;
        }
        catch (LocalServiceException missing)
        {
            return missing.Message;
        }
    }

    private static async Task<Services> StartAsync()
    {
        if (KafkaAddress.FromEnvironment() is { } kafka)
        {
            var connectionString = Environment.GetEnvironmentVariable("ConnectionStrings__HotLeads");
            return new Services(kafka, connectionString ?? throw new LocalServiceException(
                "Kafka__BootstrapServers is set and ConnectionStrings__HotLeads is not: set both or neither."));
        }
        if (DockerAnswers.Value)
            return await StartComposeAsync();

        // Not disposed: the guard works when this process ends, which is when the last test has run.
        var own = await OwnServices.StartAsync();
        Environment.SetEnvironmentVariable(ExitGuard.MarkVariable, own.Folder);
        return new Services(own.Kafka.Address, own.Postgres.ConnectionString, own.Folder);
    }

    private static async Task<Services> StartComposeAsync()
    {
        var file = Path.Combine(InstallationFolder.Path, "docker-compose.kafka.yml");
        var project = "streamscorer-test-" + Guid.NewGuid().ToString("N")[..8];
        var kafkaPort = LoopbackPort.Find().ToString(CultureInfo.InvariantCulture);
        var postgresPort = LoopbackPort.Find().ToString(CultureInfo.InvariantCulture);
        _ = ExitGuard.ForCompose(file, project);
        var start = new ProcessStartInfo(
            "docker", ["compose", "-f", file, "-p", project, "up", "-d", "--wait", "kafka", "postgres"])
        {
            RedirectStandardError = true,
            Environment = { ["KAFKA_PORT"] = kafkaPort, ["POSTGRES_PORT"] = postgresPort },
        };
        using var docker = Process.Start(start)!;
        var messages = await docker.StandardError.ReadToEndAsync();
        await docker.WaitForExitAsync();
        if (docker.ExitCode != 0)
            throw new LocalServiceException($"docker compose -f {file} up ended with code {docker.ExitCode}:\n{messages}");
        return new Services(
            new KafkaAddress($"127.0.0.1:{kafkaPort}", new Dictionary<string, string>()),
            $"Host=127.0.0.1;Port={postgresPort};Username=streamscorer;Password=streamscorer;Database=streamscorer");
    }

    /// <summary>Whether there is an engine and the compose command; a client alone is not enough.</summary>
    private static readonly Lazy<bool> DockerAnswers =
        new(() => Succeeds("docker", "info") && Succeeds("docker", "compose", "version"));

    private static bool Succeeds(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            _ = process.StandardOutput.ReadToEndAsync();
            _ = process.StandardError.ReadToEndAsync();
            return process.WaitForExit(TimeSpan.FromSeconds(5)) && process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}

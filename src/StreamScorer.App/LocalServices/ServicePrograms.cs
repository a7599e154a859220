namespace StreamScorer.App.LocalServices;

/// <summary>Where the programs of the local services are installed. The launcher installs what is missing.</summary>
internal static class ServicePrograms
{
    private const string PostgresInstallations = "/usr/lib/postgresql";

    /// <summary>Folder of <c>postgres</c> and <c>initdb</c>: the newest that apt installed, else the one in PATH.</summary>
    /// <exception cref="LocalServiceException">There is none.</exception>
    public static string PostgresFolder()
    {
        var installed = Directory.Exists(PostgresInstallations)
            ? Directory.GetDirectories(PostgresInstallations)
                .Where(folder => File.Exists(Path.Combine(folder, "bin", "postgres")))
                .MaxBy(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
            : null;
        if (installed is not null)
            return Path.Combine(installed, "bin");
        return Path.GetDirectoryName(FindInPath("postgres")) ?? throw new LocalServiceException(
            "PostgreSQL's server programs are not installed. Run: apt-get install postgresql");
    }

    /// <exception cref="LocalServiceException">There is no Java runtime.</exception>
    public static string Java()
    {
        var home = Environment.GetEnvironmentVariable("JAVA_HOME");
        if (!string.IsNullOrEmpty(home) && File.Exists(Path.Combine(home, "bin", "java")))
            return Path.Combine(home, "bin", "java");
        return FindInPath("java") ?? throw new LocalServiceException(
            "Kafka needs a Java runtime. Run: apt-get install default-jre-headless");
    }

    /// <summary>Folder of the broker's jars: <c>STREAMSCORER_KAFKA_LIBS</c>, else <c>.local/kafka/libs</c>.</summary>
    /// <exception cref="LocalServiceException">It is not there yet.</exception>
    public static string KafkaLibraries()
    {
        var folder = Environment.GetEnvironmentVariable("STREAMSCORER_KAFKA_LIBS");
        if (string.IsNullOrEmpty(folder))
            folder = InstallationFolder.Local("kafka", "libs");
        if (!Directory.Exists(folder))
        {
            throw new LocalServiceException(
                $"Kafka is not installed in {folder}. Run: ./streamscorer up (it installs what is missing)");
        }
        return folder;
    }

    private static string? FindInPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
}

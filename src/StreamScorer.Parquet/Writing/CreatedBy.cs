using System.Reflection;

namespace StreamScorer.Parquet.Writing;

/// <summary>The footer's created_by, in the form readers parse to know which writers' faults to work round: "application version
/// number (build hash)".</summary>
internal static class CreatedBy
{
    public const string Application = "streamscorer-parquet";

    public static string Text { get; } = Make();

    private static string Make()
    {
        string version = typeof(CreatedBy).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
            .InformationalVersion;
        int plus = version.IndexOf('+', StringComparison.Ordinal);
        string number = plus < 0 ? version : version[..plus];
        string build = plus < 0 ? "unknown" : version[(plus + 1)..];
        return $"{Application} version {number} (build {build})";
    }
}

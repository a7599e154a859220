using Confluent.Kafka;

namespace StreamScorer.Sinks;

/// <summary>What became of a registration.</summary>
public enum RegistrationOutcome
{
    /// <summary>Progress has moved and the file is entered.</summary>
    Done,

    /// <summary>An earlier attempt with the same file id had succeeded; to be treated as <see cref="Done"/>.</summary>
    Already,

    /// <summary>Nothing has changed: an epoch was raised or progress moved by somebody else, or the database has crashed since the taking.</summary>
    Refused,
}

/// <summary>The answer to one registration attempt.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="RefusedPartitions">The partitions that did not match; empty unless refused. The others are still the caller's.</param>
public sealed record RegistrationResult(RegistrationOutcome Outcome, IReadOnlyList<TopicPartition> RefusedPartitions)
{
    /// <summary>The answer of a registration that moved progress.</summary>
    public static readonly RegistrationResult Done = new(RegistrationOutcome.Done, []);

    /// <summary>The answer to a repeated registration that had succeeded before.</summary>
    public static readonly RegistrationResult Already = new(RegistrationOutcome.Already, []);

    /// <summary>True when progress covers the checkpoint, by this attempt or an earlier one.</summary>
    public bool IsRegistered => Outcome != RegistrationOutcome.Refused;

    /// <summary>The answer that names the partitions which did not match.</summary>
    public static RegistrationResult Refused(IReadOnlyList<TopicPartition> partitions) =>
        new(RegistrationOutcome.Refused, partitions);
}

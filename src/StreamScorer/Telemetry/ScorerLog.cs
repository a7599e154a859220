using Microsoft.Extensions.Logging;

namespace StreamScorer.Telemetry;

/// <summary>
/// Every log message of the data path. Ids are grouped by area and never used again once retired:
/// 100 worker, 200 consumer, 300 scoring, 400 sinks and checkpoints, 500 dead letters, 600 dependencies,
/// 700 outcomes; alerts have 800, in the program.
/// No lead id and no value of an event ever stands in a message.
/// </summary>
internal static partial class ScorerLog
{
    [LoggerMessage(100, LogLevel.Information, "StreamScorer starts: topic {Topic}, group {Group}, brokers {Brokers}, model {Model} ({ModelId})")]
    public static partial void Starting(this ILogger log, string topic, string group, string brokers, string model, string modelId);

    [LoggerMessage(101, LogLevel.Information, "Stopping: finishing what is in flight, at most {Budget} s")]
    public static partial void Stopping(this ILogger log, double budget);

    [LoggerMessage(102, LogLevel.Information, "Stopped: {Records} records consumed, {Scored} scored, {DeadLetters} dead letters, {Checkpoints} checkpoints")]
    public static partial void Stopped(this ILogger log, long records, long scored, long deadLetters, long checkpoints);

    [LoggerMessage(200, LogLevel.Information, "Took {Count} partitions of {Topic}: {Partitions}")]
    public static partial void Took(this ILogger log, int count, string topic, string partitions);

    [LoggerMessage(201, LogLevel.Information, "Gave back {Count} partitions of {Topic} after {Milliseconds} ms: {Partitions}")]
    public static partial void GaveBack(this ILogger log, int count, string topic, long milliseconds, string partitions);

    [LoggerMessage(202, LogLevel.Warning, "Lost {Count} partitions of {Topic}: {Partitions}. Their unregistered rows are dropped and scored again by the new owner")]
    public static partial void Lost(this ILogger log, int count, string topic, string partitions);

    [LoggerMessage(203, LogLevel.Warning, "The drain budget of {Budget} s ran out; {Count} partitions are let go without commit, their new owner redoes the open range")]
    public static partial void DrainBudgetExceeded(this ILogger log, double budget, int count);

    [LoggerMessage(204, LogLevel.Warning, "Refused: partitions {Partitions} were taken by another worker, or the database has crashed since they were taken; their unregistered rows are dropped until membership is proved")]
    public static partial void Refused(this ILogger log, string partitions);

    [LoggerMessage(205, LogLevel.Information, "Membership proved, taking again: {Partition}")]
    public static partial void MembershipProved(this ILogger log, string partition);

    [LoggerMessage(206, LogLevel.Debug, "Commit of {Count} offsets to the group failed ({Reason}); harmless, repeated with the next checkpoint or settlement")]
    public static partial void CommitFailed(this ILogger log, int count, string reason);

    [LoggerMessage(207, LogLevel.Warning, "Kafka client: {Reason}")]
    public static partial void KafkaClientError(this ILogger log, string reason);

    [LoggerMessage(208, LogLevel.Warning, "{Count} records so far had no key; without one the events of a lead may land in different partitions, and their order is lost. Producers should key by lead id")]
    public static partial void RecordsWithoutKey(this ILogger log, long count);

    [LoggerMessage(209, LogLevel.Warning, "Offset gap on {Partition}: {Start} to {End} are gone from the topic; recorded, going on at {End}")]
    public static partial void OffsetGapRecorded(this ILogger log, string partition, long start, long end);

    [LoggerMessage(210, LogLevel.Warning, "Kafka client left the group after {Seconds} s without an answer from the brokers")]
    public static partial void CloseTimedOut(this ILogger log, double seconds);

    [LoggerMessage(300, LogLevel.Information, "Model {Model} swapped: {OldId} to {NewId}")]
    public static partial void ModelSwapped(this ILogger log, string model, string oldId, string newId);

    [LoggerMessage(301, LogLevel.Error, "Model {Model} was not reloaded, {OldId} goes on serving: {Reason}")]
    public static partial void ModelReloadFailed(this ILogger log, string model, string oldId, string reason);

    [LoggerMessage(400, LogLevel.Information,
        "Checkpoint {Checkpoint}: {Rows} rows, {Hot} hot events, {DeadLetters} dead letters, {Partitions} partitions, {Milliseconds} ms, lag {Lag}, {File}")]
    public static partial void CheckpointDone(
        this ILogger log, long checkpoint, long rows, long hot, long deadLetters, int partitions, long milliseconds, long lag, string file);

    [LoggerMessage(401, LogLevel.Error,
        "Registered checkpoint file {File} is neither published nor staged in {Root}: its rows are lost unless its disk comes back. 'streamscorer audit' names the offsets, 'streamscorer offsets reset' scores them again")]
    public static partial void RegisteredFileMissing(this ILogger log, string file, string root);

    [LoggerMessage(402, LogLevel.Warning,
        "The group has used other checkpoint folders before: {Roots}. With a disk per worker that is right; else check Checkpoint:Folder ({Root})")]
    public static partial void OtherArchiveRoots(this ILogger log, string roots, string root);

    [LoggerMessage(500, LogLevel.Warning, "{Count} dead letters in this micro-batch; first: {Partition} offset {Offset}, {Reason}")]
    public static partial void DeadLettersWritten(this ILogger log, int count, string partition, long offset, string reason);

    [LoggerMessage(600, LogLevel.Warning, "{Dependency} is not available ({Reason}); partitions are paused, retrying. {Remedy}")]
    public static partial void DependencyDown(this ILogger log, string dependency, string reason, string remedy);

    [LoggerMessage(601, LogLevel.Warning, "{Dependency} still not available after {Seconds} s, attempt {Attempt} ({Reason})")]
    public static partial void DependencyStillDown(this ILogger log, string dependency, long seconds, int attempt, string reason);

    [LoggerMessage(602, LogLevel.Information, "{Dependency} is back after {Seconds} s")]
    public static partial void DependencyBack(this ILogger log, string dependency, double seconds);

    [LoggerMessage(900, LogLevel.Information, "Topic {Topic} does not exist; outcomes are read as soon as it does")]
    public static partial void NoOutcomeTopic(this ILogger log, string topic);

    [LoggerMessage(901, LogLevel.Warning,
        "{Count} records of {Topic} are no outcomes and stand in table rejected_outcomes; first: partition {Partition} offset {Offset}, {Reason}")]
    public static partial void OutcomesRejected(this ILogger log, int count, string topic, int partition, long offset, string reason);

    [LoggerMessage(902, LogLevel.Error, "Scores could not be joined to outcomes, tried again in {Interval}: {Reason}")]
    public static partial void OutcomeMatchingFailed(this ILogger log, TimeSpan interval, string reason);

    [LoggerMessage(903, LogLevel.Warning, "Outcome consumer: {Reason}; going on")]
    public static partial void OutcomeConsumerTrouble(this ILogger log, string reason);

    [LoggerMessage(904, LogLevel.Critical, "Outcomes cannot be recorded any more, the worker stops: {Reason}")]
    public static partial void OutcomesStopped(this ILogger log, string reason);
}

namespace StreamScorer.App.Api;

/// <summary>Every log message of the HTTP surface, ids 700 to 799. No key, no lead id and no value of a request ever stands in one.</summary>
internal static partial class ApiLog
{
    [LoggerMessage(700, LogLevel.Information, "API listens at {Addresses}; metrics and health at {ManagementAddresses}")]
    public static partial void ApiListens(this ILogger log, string addresses, string managementAddresses);

    [LoggerMessage(701, LogLevel.Warning, "Refused: {Reason}; key {KeyId}, request {RequestId}; {Held} more like it were not logged")]
    public static partial void ApiKeyRefused(this ILogger log, string reason, string keyId, string requestId, long held);

    [LoggerMessage(702, LogLevel.Warning, "API keys cannot be read ({Reason}); the last known ones go on working")]
    public static partial void ApiKeysNotRead(this ILogger log, string reason);

    [LoggerMessage(703, LogLevel.Information, "API keys can be read again")]
    public static partial void ApiKeysBack(this ILogger log);

    [LoggerMessage(704, LogLevel.Error, "Request {RequestId} failed inside the service: {Failure}")]
    public static partial void ApiRequestFailed(this ILogger log, string requestId, string failure, Exception exception);

    [LoggerMessage(705, LogLevel.Warning, "Scores of the API cannot be written ({Reason}); {Rows} wait, trying again")]
    public static partial void ApiScoresNotWritten(this ILogger log, string reason, int rows);

    [LoggerMessage(706, LogLevel.Information, "{Rows} scores of the API written: {File}")]
    public static partial void ApiScoresWritten(this ILogger log, int rows, string file);

    [LoggerMessage(707, LogLevel.Error, "{Rows} scores of the API could not be written before the stop ({Reason})")]
    public static partial void ApiScoresLost(this ILogger log, int rows, string reason);

    [LoggerMessage(720, LogLevel.Warning, "The pages' list of hot leads cannot be read ({Reason}); trying again every second")]
    public static partial void LiveLeadsNotRead(this ILogger log, string reason);

    [LoggerMessage(708, LogLevel.Information, "Model {Model} ({ModelId}) serves too, from {Path}")]
    public static partial void ApiModelServes(this ILogger log, string model, string modelId, string path);

    [LoggerMessage(709, LogLevel.Warning, "Model in {Path} does not serve: {Reason}")]
    public static partial void ApiModelSkipped(this ILogger log, string path, string reason);
}

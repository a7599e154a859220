namespace StreamScorer.App.Alerts;

/// <summary>Every log message of the alerts, ids from 800. No lead id, no value of an event, no address of a webhook.</summary>
internal static partial class AlertLog
{
    [LoggerMessage(800, LogLevel.Warning, "Alert {Alert} ({Severity}) {Status}: {Summary}")]
    public static partial void AlertChanged(this ILogger log, string alert, string severity, string status, string summary);

    [LoggerMessage(801, LogLevel.Error, "Alert {Alert} could not be delivered to the webhook, tried again in {Interval}: {Reason}")]
    public static partial void AlertNotDelivered(this ILogger log, string alert, TimeSpan interval, string reason);
}

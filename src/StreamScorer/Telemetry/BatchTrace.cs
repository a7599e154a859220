using System.Diagnostics;
using System.Text;
using StreamScorer.Consumer;
using StreamScorer.Scoring;

namespace StreamScorer.Telemetry;

/// <summary>
/// One span per micro-batch, with OpenTelemetry's messaging names, linked to the producers' spans that its records name in
/// the header <c>traceparent</c> (where <see cref="KafkaOptions.ReadHeaders"/> is on). Without a listener nothing is made.
/// </summary>
internal static class BatchTrace
{
    /// <summary>The source's name, for exporters.</summary>
    public const string SourceName = "StreamScorer";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Begins the span of a batch; null where nobody listens.</summary>
    public static Activity? Start(MicroBatch batch, KafkaOptions kafka)
    {
        if (!Source.HasListeners())
            return null;
        var span = Source.StartActivity(
            "process " + kafka.Topic, ActivityKind.Consumer, parentContext: default, links: Links(batch), tags:
            [
                new("messaging.system", "kafka"),
                new("messaging.operation.type", "process"),
                new("messaging.operation.name", "process"),
                new("messaging.destination.name", kafka.Topic),
                new("messaging.consumer.group.name", kafka.GroupId),
                new("messaging.batch.message_count", batch.Count),
            ]);
        // The span goes on while the next batch is scored: it must not become that one's parent.
        if (span is not null)
            Activity.Current = span.Parent;
        return span;
    }

    /// <summary>
    /// From here to the end of the calling async method, spans below and log lines belong to the batch; null: to nobody.
    /// </summary>
    public static void Enter(Activity? span)
    {
        if (span is not null)
            Activity.Current = span;
    }

    /// <summary>Ends the span with what came of the batch.</summary>
    public static void End(Activity? span, ScoredBatch scored, ScoringModel model)
    {
        if (span is null)
            return;
        span.SetTag("streamscorer.events.scored", scored.Count);
        span.SetTag("streamscorer.dead_letters", scored.Bad.Count);
        span.SetTag("streamscorer.model", model.Name);
        span.SetTag("streamscorer.model.id", model.Id);
        span.Dispose();
    }

    private static List<ActivityLink> Links(MicroBatch batch)
    {
        var links = new List<ActivityLink>();
        foreach (var slice in batch.TraceParents)
            if (ActivityContext.TryParse(Encoding.ASCII.GetString(batch.Payload.Get(slice)), null, isRemote: true, out var context))
                links.Add(new ActivityLink(context));
        return links;
    }
}

using StreamScorer.Training.Preparation;

namespace StreamScorer.Training.Replay;

/// <summary>
/// Publishes a prepared dataset as a stream of events, one file after another: each file is confirmed by the broker
/// before the next one starts. The label never stands in an event.
/// </summary>
/// <param name="kafka">Where to.</param>
/// <param name="clock">Stamps events and paces them; null takes the system's.</param>
public sealed class DatasetReplayer(KafkaOptions kafka, TimeProvider? clock = null)
{
    // Often enough for a live view, seldom enough to cost nothing.
    private const int ProgressEvery = 500;

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    /// <summary>Publishes until the dataset is through or <paramref name="ct"/> asks to stop; a stop is not an error.</summary>
    /// <param name="dataset">What to publish.</param>
    /// <param name="options">Where, how fast, and which leads not.</param>
    /// <param name="progress">Told per file, and within long files.</param>
    /// <param name="ct">Stops after the current event; what is under way is given time to be confirmed.</param>
    /// <exception cref="ReplayException">No broker, no such topic, or a record was refused.</exception>
    /// <exception cref="FormatException">A change does not fit the dataset.</exception>
    public async Task<ReplaySummary> RunAsync(
        PreparedDataset dataset, ReplayOptions options, IProgress<ReplayProgress>? progress = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(options);
        using var producer = new ConfirmedProducer(kafka);
        using var messages = new ReplayMessages();
        await Task.Run(() => CheckTopics(producer, options), ct).ConfigureAwait(false);
        var run = new Run(dataset, options, producer, messages, _clock, progress);
        try
        {
            for (var file = 0; file < dataset.Files.Count; file++)
                await run.PublishFileAsync(file, ct).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            await run.SettleAsync().ConfigureAwait(false);
        }

        return run.Summarise();
    }

    private static void CheckTopics(ConfirmedProducer producer, ReplayOptions options)
    {
        producer.CheckTopic(options.Topic);
        if (options.OutcomeTopic is { } outcomes)
            producer.CheckTopic(outcomes);
    }

    /// <summary>One replay under way.</summary>
    private sealed class Run(
        PreparedDataset dataset, ReplayOptions options, ConfirmedProducer producer, ReplayMessages messages, TimeProvider clock,
        IProgress<ReplayProgress>? progress)
    {
        private readonly DeliveryCount _events = producer.NewCount();
        private readonly DeliveryCount _outcomes = producer.NewCount();
        private readonly long _started = clock.GetTimestamp();
        private readonly FeatureChanger? _changer = options.Changes.Count == 0 ? null : new FeatureChanger(dataset, options.Changes);
        private int _files;
        private long _skipped;

        public async Task PublishFileAsync(int index, CancellationToken ct)
        {
            var file = dataset.Files[index];
            var before = _events.Delivered;
            var skippedBefore = _skipped;
            var row = 0;
            foreach (var lead in file.ReadLeads())
            {
                ct.ThrowIfCancellationRequested();
                var eventId = ReplayMessages.EventId(file.Path, row++);
                if (options.SkipLeads?.Contains(lead.LeadId) == true)
                {
                    _skipped++;
                    continue;
                }

                await PaceAsync(ct).ConfigureAwait(false);
                lead.LeadId += options.LeadSuffix;
                _changer?.Apply(lead);
                var message = messages.Event(lead, eventId, clock.GetUtcNow());
                await producer.SendAsync(options.Topic, message, _events, ct).ConfigureAwait(false);
                if (row % ProgressEvery == 0)
                    Report(index, before, skippedBefore);
            }

            await producer.ConfirmAsync(options.Topic, _events, ct).ConfigureAwait(false);
            await PublishOutcomesAsync(file, ct).ConfigureAwait(false);
            _files++;
            Report(index, before, skippedBefore);
        }

        /// <summary>After a stop: waits for the confirmation of what is under way, but not for ever.</summary>
        public async Task SettleAsync()
        {
            using var patience = new CancellationTokenSource(options.StopPatience);
            try
            {
                await producer.ConfirmAsync(options.Topic, _events, patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The summary counts what was confirmed; the rest is told by its absence.
            }
        }

        public ReplaySummary Summarise() => new(
            options.Topic, _files, _events.Sent, _events.Delivered, _skipped, _outcomes.Delivered,
            _files == dataset.Files.Count && _events.Delivered == _events.Sent, clock.GetElapsedTime(_started).TotalSeconds);

        private async ValueTask PaceAsync(CancellationToken ct)
        {
            if (options.EventsPerSecond is not { } rate)
                return;
            var due = TimeSpan.FromSeconds(_events.Sent / rate);
            var ahead = due - clock.GetElapsedTime(_started);
            // Timers tick in milliseconds: a shorter lead is made up by sending a few events at once.
            if (ahead > TimeSpan.FromMilliseconds(2))
                await Task.Delay(ahead, clock, ct).ConfigureAwait(false);
        }

        private async Task PublishOutcomesAsync(PreparedFile file, CancellationToken ct)
        {
            if (options.OutcomeTopic is not { } topic)
                return;
            foreach (var lead in file.ReadLeads())
            {
                if (options.SkipLeads?.Contains(lead.LeadId) != true)
                    await producer.SendAsync(
                        topic, messages.Outcome(lead.LeadId + options.LeadSuffix, lead.Converted, clock.GetUtcNow()), _outcomes, ct).ConfigureAwait(false);
            }

            await producer.ConfirmAsync(topic, _outcomes, ct).ConfigureAwait(false);
        }

        private void Report(int index, long deliveredBefore, long skippedBefore)
        {
            var file = dataset.Files[index];
            var delivered = _events.Delivered;
            progress?.Report(new ReplayProgress(
                index, Path.GetFileName(file.Path), delivered - deliveredBefore, file.RowCount - (_skipped - skippedBefore),
                delivered, dataset.RowCount));
        }
    }
}

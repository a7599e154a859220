using Npgsql;
using StreamScorer.Sinks;

namespace StreamScorer.App.Alerts;

/// <summary>
/// Looks at the conditions on a timer, keeps which alerts are on for the pages, and posts what is due to the webhook,
/// where one is set and no other worker of the group does. A webhook that does not answer delays alerts and nothing else.
/// </summary>
internal sealed class AlertWorker(
    AlertFigureReader reader, StreamScorerOptions options, NpgsqlDataSource dataSource, TimeProvider clock, ILogger<AlertWorker> log)
    : BackgroundService
{
    private readonly AlertBook _book = new(options.Alerts, clock);
    private readonly AlertLedger _ledger = new(dataSource, options, WorkerName);
    private volatile IReadOnlyList<AlertNotice> _firing = [];

    /// <summary>Alerts that are on now, oldest first.</summary>
    public IReadOnlyList<AlertNotice> Firing => _firing;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var webhook = AlertWebhook.Open(options.Alerts, WorkerName, clock);
        try
        {
            while (true)
            {
                await Task.Delay(options.Alerts.Interval, clock, stoppingToken).ConfigureAwait(false);
                await LookAsync(webhook, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Alerts that are on stay on: the next start, or Prometheus, tells how they end.
        }
    }

    /// <summary>One look: notices that are due are delivered one by one; what fails stays due.</summary>
    internal async Task LookAsync(AlertWebhook? webhook, CancellationToken ct)
    {
        var due = _book.Look(AlertRules.All, reader.Read());
        _firing = _book.Firing;
        if (webhook is not null)
            await _ledger.HoldAsync(_firing, ct).ConfigureAwait(false);
        foreach (var notice in due)
        {
            if (webhook is not null && !await _ledger.DeliverAsync(notice, () => TrySendAsync(webhook, notice, ct), ct).ConfigureAwait(false))
                continue;
            log.AlertChanged(
                notice.Rule.Name, notice.Rule.Severity.ToString(), notice.IsResolved ? "resolved" : "firing", notice.Finding.Summary);
            _book.Told(notice);
        }
    }

    private async Task<bool> TrySendAsync(AlertWebhook webhook, AlertNotice notice, CancellationToken ct)
    {
        try
        {
            await webhook.SendAsync(notice, ct).ConfigureAwait(false);
            return true;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException && !ct.IsCancellationRequested)
        {
            log.AlertNotDelivered(notice.Rule.Name, options.Alerts.Interval, SinkErrors.Describe(failure));
            return false;
        }
    }

    internal static string WorkerName => FormattableString.Invariant($"{Environment.MachineName}:{Environment.ProcessId}");
}

using StreamScorer.App.Alerts;
using StreamScorer.App.Api.OpenApi;
using StreamScorer.App.Api.Problems;
using StreamScorer.App.Quality;
using StreamScorer.Telemetry.Outcomes;
using StreamScorer.Telemetry.Quality;

namespace StreamScorer.App.Api.Quality;

/// <summary>
/// What the Model and Stream pages show: <c>GET /api/v1/quality/data?window=1h|24h</c> (drift, nulls, scores of this worker),
/// <c>GET /api/v1/quality/models</c> (outcomes against scores), <c>GET /api/v1/alerts</c> (what is on now).
/// </summary>
internal sealed class QualityEndpoints(DataQuality quality, OutcomeMetrics outcomes, AlertWorker alerts)
{
    private static readonly string[] Windows = ["1h", "24h"];

    /// <summary>Maps the endpoints.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation("GET", "/api/v1/quality/data", DataAsync, ApiOperations.DataQuality);
        routes.MapOperation("GET", "/api/v1/quality/models", ModelsAsync, ApiOperations.ModelQuality);
        routes.MapOperation("GET", "/api/v1/alerts", AlertsAsync, ApiOperations.Alerts);
    }

    private async Task DataAsync(HttpContext context)
    {
        var query = new QueryReading(context.Request.Query);
        var window = query.OneOf("window", Windows) ?? Windows[0];
        if (query.Faults.Count > 0)
        {
            await Problem.WriteAsync(context, ProblemKind.InvalidValues, "Parameters of the query are not allowed.", query.Faults).ConfigureAwait(false);
            return;
        }

        var reports = quality.Reports(window == Windows[0] ? QualityWindow.Hour : QualityWindow.Day);
        await QualityJson.WriteAsync(context, new DataQualityAnswer(window, DataQualityReport.LeastRows, reports)).ConfigureAwait(false);
    }

    private Task ModelsAsync(HttpContext context) => QualityJson.WriteAsync(
        context, new ModelQualityAnswer(OutcomeMetrics.LeastOutcomes, [.. outcomes.Models.Select(ModelLine.Of)]));

    private Task AlertsAsync(HttpContext context) => QualityJson.WriteAsync(
        context,
        new AlertsAnswer([.. alerts.Firing.Select(notice => new AlertLine(
            notice.Rule.Name, notice.Rule.Severity.ToString().ToLowerInvariant(), notice.Finding.Subject, notice.Finding.Summary, notice.Since,
            notice.Rule.Runbook))]));
}

/// <summary>Models without a report have seen fewer than <c>least_rows</c> records in the window.</summary>
internal sealed record DataQualityAnswer(string Window, long LeastRows, IReadOnlyList<DataQualityReport> Models);

/// <summary>Figures of models with fewer than <c>least_outcomes</c> outcomes say little.</summary>
internal sealed record ModelQualityAnswer(int LeastOutcomes, IReadOnlyList<ModelLine> Models);

/// <summary>The alerts that are on.</summary>
internal sealed record AlertsAnswer(IReadOnlyList<AlertLine> Alerts);

/// <summary>An alert that is on.</summary>
/// <param name="Severity">warning or critical.</param>
/// <param name="Subject">What it is about, such as a dependency or a model.</param>
/// <param name="Runbook">Where the operating guide says what to do.</param>
internal sealed record AlertLine(string Name, string Severity, string Subject, string Summary, DateTimeOffset Since, string Runbook);

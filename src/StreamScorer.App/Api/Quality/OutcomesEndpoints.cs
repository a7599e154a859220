using System.Text.Json;
using Npgsql;
using StreamScorer.App.Api.OpenApi;
using StreamScorer.App.Api.Problems;
using StreamScorer.Features;
using StreamScorer.Telemetry.Outcomes;

namespace StreamScorer.App.Api.Quality;

/// <summary>
/// <c>POST /api/v1/outcomes</c>: how leads ended, one outcome or <c>{"outcomes":[…]}</c>. All of a request is recorded or, with
/// any fault in it, nothing. Sending it again changes nothing.
/// </summary>
internal sealed class OutcomesEndpoints(NpgsqlDataSource dataSource, OutcomeMetrics metrics, StreamScorerOptions options, TimeProvider clock)
{
    /// <summary>Maps the endpoint.</summary>
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapOperation("POST", "/api/v1/outcomes", RecordAsync, ApiOperations.RecordOutcomes);

    private async Task RecordAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            await Problem.WriteAsync(context, ProblemKind.WrongMediaType, "Send the outcomes as application/json.").ConfigureAwait(false);
            return;
        }

        var batch = new OutcomeBatch();
        var faults = new List<RequestFault>();
        try
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted).ConfigureAwait(false);
            Read(body.RootElement, batch, faults);
        }
        catch (JsonException)
        {
            await Problem.WriteAsync(context, ProblemKind.Malformed, "The body is not JSON.").ConfigureAwait(false);
            return;
        }

        if (faults.Count > 0)
        {
            await Problem.WriteAsync(context, ProblemKind.InvalidValues, "Nothing was recorded: the request has faults.", faults).ConfigureAwait(false);
            return;
        }

        var changed = await new OutcomeStore(dataSource, clock).RecordAsync(batch, context.RequestAborted).ConfigureAwait(false);
        metrics.Recorded(batch);
        await QualityJson.WriteAsync(context, new RecordedOutcomes(batch.Records, changed)).ConfigureAwait(false);
    }

    private void Read(JsonElement body, OutcomeBatch batch, List<RequestFault> faults)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            faults.Add(Fault("$", "wrong_type", "Takes an outcome, or an object with outcomes."));
            return;
        }

        if (!body.TryGetProperty("outcomes", out var outcomes))
        {
            ReadOne(body, "$", batch, faults);
            return;
        }

        if (outcomes.ValueKind != JsonValueKind.Array)
        {
            faults.Add(Fault("$.outcomes", "wrong_type", "Takes an array of outcomes."));
            return;
        }

        if (outcomes.GetArrayLength() > options.Api.MaxLeads)
        {
            faults.Add(Fault("$.outcomes", "too_many", $"Takes at most {options.Api.MaxLeads} outcomes in one request."));
            return;
        }

        var index = 0;
        foreach (var outcome in outcomes.EnumerateArray())
            ReadOne(outcome, FormattableString.Invariant($"$.outcomes[{index++}]"), batch, faults);
    }

    private void ReadOne(JsonElement json, string path, OutcomeBatch batch, List<RequestFault> faults)
    {
        var now = clock.GetUtcNow();
        if (json.ValueKind != JsonValueKind.Object)
            faults.Add(Fault(path, "wrong_type", "Takes an outcome: lead_id, converted, occurred_at."));
        else if (LeadOutcome.TryRead(json, "", now, now, out var outcome, out var fault))
            batch.Add(outcome!);
        else
            faults.Add(Fault(path, "invalid_outcome", fault));
    }

    private static RequestFault Fault(string path, string code, string detail) => new(RequestFaultKind.Value, path, code, detail);
}

/// <summary>What became of a request's outcomes.</summary>
/// <param name="Received">Outcomes in the request.</param>
/// <param name="Changed">Those that were not recorded before, or differently.</param>
internal sealed record RecordedOutcomes(int Received, int Changed);

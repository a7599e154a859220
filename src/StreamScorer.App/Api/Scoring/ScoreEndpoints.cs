using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using StreamScorer.App.Api.OpenApi;
using StreamScorer.App.Api.Problems;
using StreamScorer.Features;

namespace StreamScorer.App.Api.Scoring;

/// <summary>
/// <c>POST /api/v1/score</c> and <c>POST /api/v1/score-lead</c>: bytes in, decoder and scorer of the stream, bytes out.
/// </summary>
internal sealed class ScoreEndpoints(ServedModels models, ApiScoreSink sink, ApiMetrics metrics, StreamScorerOptions options, TimeProvider clock)
{
    /// <summary>Maps the endpoints.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation("POST", "/api/v1/score", ScoreAsync, ApiOperations.Score);
        routes.MapOperation("POST", "/api/v1/scoring/score", ScoreAsync, ApiOperations.ScoreAlias);
        routes.MapOperation("POST", "/api/v1/score-lead", ScoreLeadAsync, ApiOperations.ScoreLead);
    }

    private Task ScoreAsync(HttpContext context) => AnswerAsync(context, single: false, models.DefaultName, withReasons: false);

    private Task ScoreLeadAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var faults = new List<RequestFault>();
        var reasons = query["reasons"].ToString();
        if (reasons is not ("" or "true" or "false"))
            faults.Add(new RequestFault(RequestFaultKind.Value, "?reasons", "wrong_type", "Takes true or false."));
        var model = query["model"].ToString();
        return faults.Count > 0
            ? Problem.WriteAsync(context, ProblemKind.InvalidValues, "Parameters of the query are not allowed.", faults)
            : AnswerAsync(context, single: true, model.Length == 0 ? models.DefaultName : model, reasons == "true");
    }

    private async Task AnswerAsync(HttpContext context, bool single, string model, bool withReasons)
    {
        var began = clock.GetTimestamp();
        if (!IsJson(context.Request.ContentType))
        {
            await Problem.WriteAsync(context, ProblemKind.WrongMediaType, "Send the leads as application/json.").ConfigureAwait(false);
            return;
        }

        if (context.Request.ContentLength > options.Api.MaxBodyBytes)
        {
            await Problem.WriteAsync(context, ProblemKind.TooLarge, TooLarge).ConfigureAwait(false);
            return;
        }

        if (!models.TryRent(model, out var scorer))
        {
            await NoModelAsync(context, model, single ? "?model" : "$.options.model").ConfigureAwait(false);
            return;
        }

        var rented = scorer;
        try
        {
            scorer = await DecodeAsync(context, scorer, single).ConfigureAwait(false);
            if (scorer is not null)
                await ScoreAsync(context, scorer, single, withReasons, began).ConfigureAwait(false);
        }
        finally
        {
            models.Return(rented);
            if (scorer is not null && scorer != rented)
                models.Return(scorer);
        }
    }

    private string TooLarge => FormattableString.Invariant($"A body has at most {options.Api.MaxBodyBytes} bytes.");

    // The body is decoded where it lies when it has arrived in one piece, which is nearly always. Null: answered already.
    private async ValueTask<RequestScorer?> DecodeAsync(HttpContext context, RequestScorer scorer, bool single)
    {
        var reader = context.Request.BodyReader;
        if (!reader.TryRead(out var read))
            return await DecodeInPiecesAsync(context, scorer, single).ConfigureAwait(false);
        if (!read.IsCompleted || !read.Buffer.IsSingleSegment)
        {
            reader.AdvanceTo(read.Buffer.Start);
            return await DecodeInPiecesAsync(context, scorer, single).ConfigureAwait(false);
        }

        var decoded = TryDecode(scorer, read.Buffer.FirstSpan, single, out var next, out var refusal);
        reader.AdvanceTo(read.Buffer.End);
        if (decoded)
            return next;
        await refusal!.WriteAsync(context).ConfigureAwait(false);
        return null;
    }

    // Kestrel drops a client below 240 bytes a second; the timeout ends one that stays just above.
    private async ValueTask<RequestScorer?> DecodeInPiecesAsync(HttpContext context, RequestScorer scorer, bool single)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(options.Api.RequestTimeout);
        scorer.Body.ResetWrittenCount();
        var reader = context.Request.BodyReader;
        using var wake = patience.Token.Register(static state => ((PipeReader)state!).CancelPendingRead(), reader);
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted).ConfigureAwait(false);
            if (read.IsCanceled)
            {
                context.Response.Headers.Connection = "close";
                await Problem.WriteAsync(context, ProblemKind.Timeout, "The body did not arrive in time.").ConfigureAwait(false);
                return null;
            }

            if (scorer.Body.WrittenCount + read.Buffer.Length > options.Api.MaxBodyBytes)
            {
                await Problem.WriteAsync(context, ProblemKind.TooLarge, TooLarge).ConfigureAwait(false);
                return null;
            }

            foreach (var part in read.Buffer)
                scorer.Body.Write(part.Span);
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                break;
        }

        if (TryDecode(scorer, scorer.Body.WrittenSpan, single, out var next, out var refusal))
            return next;
        await refusal!.WriteAsync(context).ConfigureAwait(false);
        return null;
    }

    /// <summary>
    /// Reads the body with the default model's schema first, which is right for nearly all requests. A body that names
    /// another model, or that is faulty and may name one, is read again with that model's.
    /// </summary>
    private bool TryDecode(RequestScorer scorer, ReadOnlySpan<byte> body, bool single, out RequestScorer? next, out Refusal? refusal)
    {
        next = scorer;
        refusal = null;
        var decoder = scorer.Decoder;
        if (single ? decoder.TryDecodeLead(body) : decoder.TryDecode(body))
        {
            if (decoder.ModelName.IsNull || decoder.Texts.Get(decoder.ModelName).SequenceEqual(scorer.Utf8Name))
                return true;
        }

        var named = single ? null : decoder.FindModelName(body);
        if (named is not null && named != scorer.Model.Name)
        {
            if (!models.TryRent(named, out next))
            {
                refusal = new Refusal(ProblemKind.InvalidValues, "There is no such model.", [NoModel("$.options.model")]);
                return false;
            }

            if (next.Decoder.TryDecode(body))
                return true;
        }

        refusal = Refusal.Of(next!.Decoder.FindFaults(body, single));
        if (next != scorer)
            models.Return(next);
        return false;
    }

    private async Task ScoreAsync(HttpContext context, RequestScorer scorer, bool single, bool withReasons, long began)
    {
        var scoringBegan = clock.GetTimestamp();
        scorer.Score(withReasons || scorer.Decoder.WantsReasons);
        var scoring = clock.GetElapsedTime(scoringBegan);
        var now = clock.GetUtcNow();
        if (!sink.TryAppend(scorer, context, now))
        {
            await Problem.WriteAsync(
                context, ProblemKind.NotReady, "Scores wait to be written and there is no room for more. Nothing was scored; send the request again.",
                null, ApiScoreSink.RetryAfter).ConfigureAwait(false);
            return;
        }

        var elapsed = clock.GetElapsedTime(began);
        metrics.Scored(scorer.Model.Name, scorer.Decoder.Count, elapsed.TotalSeconds);
        if (single)
            ScoreAnswer.WriteSingle(scorer, context, now, elapsed, scoring);
        else
            ScoreAnswer.Write(scorer, context, now, elapsed, scoring);
        var response = context.Response;
        response.ContentType = "application/json";
        response.ContentLength = scorer.Answer.WrittenCount;
        response.BodyWriter.Write(scorer.Answer.WrittenSpan);
        await response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    private static Task NoModelAsync(HttpContext context, string name, string path)
    {
        Debug.Assert(name.Length > 0, "The default model is always there.");
        return Problem.WriteAsync(context, ProblemKind.InvalidValues, "There is no such model.", [NoModel(path)]);
    }

    private static RequestFault NoModel(string path) =>
        new(RequestFaultKind.Value, path, "no_such_model", "GET /api/v1/models lists the models.");

    private static bool IsJson(string? contentType) =>
        contentType is not null
        && (contentType.StartsWith("application/json", StringComparison.OrdinalIgnoreCase)
            ? contentType.Length == 16 || contentType[16] is ';' or ' '
            : contentType.Split(';')[0].TrimEnd().EndsWith("+json", StringComparison.OrdinalIgnoreCase));

    /// <summary>A decoded refusal, to be written after the body's buffer has been let go.</summary>
    private sealed record Refusal(ProblemKind Kind, string Detail, IReadOnlyList<RequestFault> Faults)
    {
        public static Refusal Of(IReadOnlyList<RequestFault> faults)
        {
            var kind = faults.Any(fault => fault.Kind == RequestFaultKind.Malformed) ? ProblemKind.Malformed
                : faults.Any(fault => fault.Kind == RequestFaultKind.TooManyLeads) ? ProblemKind.TooLarge
                : ProblemKind.InvalidValues;
            var detail = faults.Count == 1 ? "The request has a fault." : FormattableString.Invariant($"The request has {faults.Count} faults.");
            return new Refusal(kind, detail, faults);
        }

        public Task WriteAsync(HttpContext context) => Problem.WriteAsync(context, Kind, Detail, Faults);
    }
}

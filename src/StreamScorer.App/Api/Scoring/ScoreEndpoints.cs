using System.Buffers;
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
    // Shorter ones are over before they could be in each other's way.
    private const int LongBodyBytes = 4096;

    // The pool has more threads than there are processors, because some wait for disks. If they all scored at once, each would
    // hold a request half done while the others have their time slices: the slowest of a hundred then take three times as long.
    private static readonly SemaphoreSlim Turns = new(Environment.ProcessorCount);

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
        var call = new ScoreCall(single, model, withReasons, clock.GetTimestamp());
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

        if (!models.TryGet(model, out _))
        {
            await NoModel(call).WriteAsync(context).ConfigureAwait(false);
            return;
        }

        // The body is decoded where it lies when it has arrived in one piece, which is nearly always.
        var reader = context.Request.BodyReader;
        if (!reader.TryRead(out var read))
        {
            await AnswerInPiecesAsync(context, call).ConfigureAwait(false);
        }
        else if (!read.IsCompleted || !read.Buffer.IsSingleSegment)
        {
            reader.AdvanceTo(read.Buffer.Start);
            await AnswerInPiecesAsync(context, call).ConfigureAwait(false);
        }
        else
        {
            Refusal? refusal;
            try
            {
                refusal = await AnswerInTurnAsync(context, read.Buffer.First, call).ConfigureAwait(false);
            }
            finally
            {
                reader.AdvanceTo(read.Buffer.End);
            }

            await SendAsync(context, refusal).ConfigureAwait(false);
        }
    }

    // A turn is for what needs a processor alone: a caller that reads slowly holds none.
    private static async Task SendAsync(HttpContext context, Refusal? refusal)
    {
        if (refusal is null)
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        else
            await refusal.WriteAsync(context).ConfigureAwait(false);
    }

    private async Task AnswerInPiecesAsync(HttpContext context, ScoreCall call)
    {
        if (!models.TryRent(call.Model, out var keeper))
        {
            await NoModel(call).WriteAsync(context).ConfigureAwait(false);
            return;
        }

        try
        {
            if (await TryReceiveAsync(context, keeper.Body).ConfigureAwait(false))
                await SendAsync(context, await AnswerInTurnAsync(context, keeper.Body.WrittenMemory, call).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            models.Return(keeper);
        }
    }

    private async ValueTask<Refusal?> AnswerInTurnAsync(HttpContext context, ReadOnlyMemory<byte> body, ScoreCall call)
    {
        if (body.Length < LongBodyBytes)
            return Answer(context, body.Span, call);
        await Turns.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        try
        {
            return Answer(context, body.Span, call);
        }
        finally
        {
            Turns.Release();
        }
    }

    private string TooLarge => FormattableString.Invariant($"A body has at most {options.Api.MaxBodyBytes} bytes.");

    // Kestrel drops a client below 240 bytes a second; the timeout ends one that stays just above.
    private async ValueTask<bool> TryReceiveAsync(HttpContext context, ArrayBufferWriter<byte> body)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(options.Api.RequestTimeout);
        body.ResetWrittenCount();
        var reader = context.Request.BodyReader;
        using var wake = patience.Token.Register(static state => ((PipeReader)state!).CancelPendingRead(), reader);
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted).ConfigureAwait(false);
            if (read.IsCanceled)
            {
                context.Response.Headers.Connection = "close";
                await Problem.WriteAsync(context, ProblemKind.Timeout, "The body did not arrive in time.").ConfigureAwait(false);
                return false;
            }

            if (body.WrittenCount + read.Buffer.Length > options.Api.MaxBodyBytes)
            {
                await Problem.WriteAsync(context, ProblemKind.TooLarge, TooLarge).ConfigureAwait(false);
                return false;
            }

            foreach (var part in read.Buffer)
                body.Write(part.Span);
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return true;
        }
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
                refusal = NoModel("$.options.model");
                return false;
            }

            if (next.Decoder.TryDecode(body))
                return true;
        }

        refusal = Refusal.Of(next!.Decoder.FindFaults(body, single));
        return false;
    }

    /// <summary>Decodes, scores and writes the answer, which is then to be sent; where it is refused, why.</summary>
    private Refusal? Answer(HttpContext context, ReadOnlySpan<byte> body, ScoreCall call)
    {
        if (!models.TryRent(call.Model, out var rented))
            return NoModel(call);
        var scorer = rented;
        try
        {
            return TryDecode(rented, body, call.Single, out scorer, out var refusal) ? Score(context, scorer!, call) : refusal;
        }
        finally
        {
            models.Return(rented);
            if (scorer is not null && scorer != rented)
                models.Return(scorer);
        }
    }

    private Refusal? Score(HttpContext context, RequestScorer scorer, ScoreCall call)
    {
        var scoringBegan = clock.GetTimestamp();
        scorer.Score(call.WithReasons || scorer.Decoder.WantsReasons);
        var scoring = clock.GetElapsedTime(scoringBegan);
        var now = clock.GetUtcNow();
        if (!sink.TryAppend(scorer, context, now))
        {
            return new Refusal(
                ProblemKind.NotReady, "Scores wait to be written and there is no room for more. Nothing was scored; send the request again.",
                [], ApiScoreSink.RetryAfter);
        }

        var elapsed = clock.GetElapsedTime(call.Began);
        metrics.Scored(scorer.Model.Name, scorer.Decoder.Count, elapsed.TotalSeconds);
        if (call.Single)
            ScoreAnswer.WriteSingle(scorer, context, now, elapsed, scoring);
        else
            ScoreAnswer.Write(scorer, context, now, elapsed, scoring);
        var response = context.Response;
        response.ContentType = "application/json";
        response.ContentLength = scorer.Answer.WrittenCount;
        response.BodyWriter.Write(scorer.Answer.WrittenSpan);
        return null;
    }

    private static Refusal NoModel(ScoreCall call) => NoModel(call.Single ? "?model" : "$.options.model");

    private static Refusal NoModel(string path) => new(
        ProblemKind.InvalidValues, "There is no such model.",
        [new RequestFault(RequestFaultKind.Value, path, "no_such_model", "GET /api/v1/models lists the models.")]);

    private static bool IsJson(string? contentType) =>
        contentType is not null
        && (contentType.StartsWith("application/json", StringComparison.OrdinalIgnoreCase)
            ? contentType.Length == 16 || contentType[16] is ';' or ' '
            : contentType.Split(';')[0].TrimEnd().EndsWith("+json", StringComparison.OrdinalIgnoreCase));

    /// <summary>What is asked for, beside the leads.</summary>
    private readonly record struct ScoreCall(bool Single, string Model, bool WithReasons, long Began);

    /// <summary>A decoded refusal, to be written after the body's buffer has been let go.</summary>
    private sealed record Refusal(ProblemKind Kind, string Detail, IReadOnlyList<RequestFault> Faults, TimeSpan? RetryAfter = null)
    {
        public static Refusal Of(IReadOnlyList<RequestFault> faults)
        {
            var kind = faults.Any(fault => fault.Kind == RequestFaultKind.Malformed) ? ProblemKind.Malformed
                : faults.Any(fault => fault.Kind == RequestFaultKind.TooManyLeads) ? ProblemKind.TooLarge
                : ProblemKind.InvalidValues;
            var detail = faults.Count == 1 ? "The request has a fault." : FormattableString.Invariant($"The request has {faults.Count} faults.");
            return new Refusal(kind, detail, faults);
        }

        public Task WriteAsync(HttpContext context) => Problem.WriteAsync(context, Kind, Detail, Faults, RetryAfter);
    }
}

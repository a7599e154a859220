using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using StreamScorer.Features;
using StreamScorer.Sinks;

namespace StreamScorer.App.Api.Scoring;

/// <summary>
/// Writes the answer to a scoring request as UTF-8. Numbers are written in their shortest form that reads back as the same
/// 64 bits. Nothing is allocated per lead.
/// </summary>
internal static class ScoreAnswer
{
    private const int LongestNumber = 32;

    // Five numbers and the names around them.
    private const int LongestScore = (5 * LongestNumber) + 128;

    /// <summary>Writes the answer to a request of many leads.</summary>
    /// <param name="scorer">Has scored the request; receives the answer.</param>
    /// <param name="context">Names requests that have no id of their own.</param>
    /// <param name="at">The time of the answer, UTC.</param>
    /// <param name="elapsed">Since the request began.</param>
    /// <param name="scoring">The part of it that scoring took.</param>
    public static void Write(RequestScorer scorer, HttpContext context, DateTimeOffset at, TimeSpan elapsed, TimeSpan scoring)
    {
        var output = scorer.Answer;
        output.ResetWrittenCount();
        output.Write("{"u8);
        WriteHead(output, scorer, context, at, elapsed);
        output.Write(",\"total_leads\":"u8);
        WriteNumber(output, scorer.Decoder.Count);
        output.Write(",\"scores\":["u8);
        Span<byte> perLead = stackalloc byte[LongestNumber];
        perLead = Format(Math.Round(scoring.TotalMilliseconds / Math.Max(1, scorer.Decoder.Count), 6), perLead);
        for (var i = 0; i < scorer.Decoder.Count; i++)
        {
            output.Write(i == 0 ? "{"u8 : ",{"u8);
            WriteLead(output, scorer, i, perLead);
            output.Write("}"u8);
        }

        output.Write("]}"u8);
    }

    /// <summary>Writes the answer to a request of one lead: the lead's fields stand beside the request's.</summary>
    /// <inheritdoc cref="Write"/>
    public static void WriteSingle(RequestScorer scorer, HttpContext context, DateTimeOffset at, TimeSpan elapsed, TimeSpan scoring)
    {
        var output = scorer.Answer;
        output.ResetWrittenCount();
        output.Write("{"u8);
        WriteHead(output, scorer, context, at, elapsed);
        output.Write(","u8);
        Span<byte> milliseconds = stackalloc byte[LongestNumber];
        WriteLead(output, scorer, 0, Format(Math.Round(scoring.TotalMilliseconds, 6), milliseconds));
        output.Write("}"u8);
    }

    private static void WriteHead(ArrayBufferWriter<byte> output, RequestScorer scorer, HttpContext context, DateTimeOffset at, TimeSpan elapsed)
    {
        output.Write("\"request_id\":"u8);
        if (scorer.Decoder.RequestId.IsNull)
            WriteText(output, context.TraceIdentifier);
        else
            WriteText(output, scorer.Decoder.Texts.Get(scorer.Decoder.RequestId));
        output.Write(",\"timestamp\":\""u8);
        at.UtcDateTime.TryFormat(output.GetSpan(40), out var written, "O", CultureInfo.InvariantCulture);
        output.Advance(written);
        output.Write("\",\"status\":\"success\",\"model\":"u8);
        output.Write(scorer.JsonName);
        output.Write(",\"model_version\":\""u8);
        WriteAscii(output, scorer.Model.Id);
        output.Write("\",\"processing_time_ms\":"u8);
        WriteNumber(output, Math.Round(elapsed.TotalMilliseconds, 4));
    }

    private static void WriteLead(ArrayBufferWriter<byte> output, RequestScorer scorer, int lead, ReadOnlySpan<byte> milliseconds)
    {
        ref readonly var attributes = ref scorer.Decoder.Leads[lead];
        ref readonly var scored = ref scorer.Events[lead];
        output.Write("\"lead_id\":"u8);
        if (attributes.LeadId.IsNull)
            output.Write("null"u8);
        else
            WriteText(output, scorer.Decoder.Texts.Get(attributes.LeadId));
        output.Advance(FormatScore(output.GetSpan(LongestScore), scored, attributes.FeaturesUsed, milliseconds));
        var reasons = scorer.Reasons(lead);
        if (reasons.IsEmpty)
            return;
        output.Write(",\"reasons\":"u8);
        output.Write(reasons);
    }

    // In one span: fifty leads' fields written one by one to a growing buffer cost as much as their numbers.
    private static int FormatScore(Span<byte> output, in ScoredEvent scored, int featuresUsed, ReadOnlySpan<byte> milliseconds)
    {
        var rest = output;
        Add(ref rest, ",\"probability\":"u8);
        // Numbers in their shortest form are the dear part of an answer: what two fields have in common is written once.
        ReadOnlySpan<byte> probability = Format(scored.Probability, rest);
        rest = rest[probability.Length..];
        Add(ref rest, ",\"score\":"u8);
        Add(ref rest, scored.Bucket);
        Add(ref rest, ",\"tier\":\""u8);
        Add(ref rest, [(byte)scored.Tier]);
        Add(ref rest, scored.Hot ? "\",\"hot\":true,\"confidence\":"u8 : "\",\"hot\":false,\"confidence\":"u8);
        if (scored.Probability >= 0.5)
            Add(ref rest, probability);
        else
            rest = rest[Format(1 - scored.Probability, rest).Length..];
        Add(ref rest, ",\"features_used\":"u8);
        Add(ref rest, featuresUsed);
        Add(ref rest, ",\"prediction_time_ms\":"u8);
        Add(ref rest, milliseconds);
        return output.Length - rest.Length;
    }

    private static void Add(ref Span<byte> rest, scoped ReadOnlySpan<byte> text)
    {
        text.CopyTo(rest);
        rest = rest[text.Length..];
    }

    private static void Add(ref Span<byte> rest, int value)
    {
        value.TryFormat(rest, out var written, default, CultureInfo.InvariantCulture);
        rest = rest[written..];
    }

    private static Span<byte> Format(double value, Span<byte> number)
    {
        value.TryFormat(number, out var written, default, CultureInfo.InvariantCulture);
        return number[..written];
    }

    private static void WriteNumber(ArrayBufferWriter<byte> output, double value)
    {
        value.TryFormat(output.GetSpan(LongestNumber), out var written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    private static void WriteNumber(ArrayBufferWriter<byte> output, int value)
    {
        value.TryFormat(output.GetSpan(16), out var written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    private static void WriteAscii(ArrayBufferWriter<byte> output, string text) =>
        output.Advance(Encoding.ASCII.GetBytes(text, output.GetSpan(text.Length)));

    private static void WriteText(ArrayBufferWriter<byte> output, string text) =>
        output.Write(Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\""));

    private static void WriteText(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        output.Write("\""u8);
        if (NeedsEscapes(text))
            output.Write(JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
        else
            output.Write(text);
        output.Write("\""u8);
    }

    private static bool NeedsEscapes(ReadOnlySpan<byte> text) =>
        text.IndexOfAny((byte)'"', (byte)'\\') >= 0 || text.IndexOfAnyInRange((byte)0, (byte)0x1F) >= 0;
}

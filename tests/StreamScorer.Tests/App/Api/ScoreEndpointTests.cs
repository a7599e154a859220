using System.Net;
using System.Text;
using StreamScorer.Features;
using StreamScorer.Parquet;
using Xunit;

namespace StreamScorer.Tests.App.Api;

/// <summary>The scoring endpoints over real HTTP.</summary>
public class ScoreEndpointTests
{
    private const string Lead = """{"lead_id":"a\"1","total_visits":3.5,"last_action":"Email Opened","city":"Zürich"}""";

    // Mutation: a rounded number in the answer, another summation order, a decoder of its own.
    [Theory]
    [InlineData("/api/v1/score")]
    [InlineData("/api/v1/scoring/score")]
    public async Task TheAnswerHasTheBitsOfTheModel(string path)
    {
        await using var service = await ApiService.StartAsync();
        var random = new Random(7);
        var leads = Enumerable.Range(0, 50).Select(i =>
            $$"""{"lead_id":"{{i}}","total_visits":{{random.NextDouble() * 10}},"spend":{{random.Next(5)}},"last_action":"SMS Sent"}""").ToArray();
        var body = Encoding.UTF8.GetBytes($$"""{"request_id":"r-1","leads":[{{string.Join(',', leads)}}]}""");
        var decoder = new LeadRequestDecoder(service.Model.Schema);
        Assert.True(decoder.TryDecode(body));
        var (raw, expected) = (new double[50], new double[50]);
        service.Model.CreateScorer().Score(decoder.Rows, raw, expected);

        var answer = await service.PostAsync(path, body);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(("r-1", 50, "success", service.Model.Id), (
            (string)answer.Json["request_id"]!, (int)answer.Json["total_leads"]!, (string)answer.Json["status"]!, (string)answer.Json["model_version"]!));
        var scores = answer.Json["scores"]!.AsArray();
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(BitConverter.DoubleToInt64Bits(expected[i]), BitConverter.DoubleToInt64Bits((double)scores[i]!["probability"]!));
            Assert.Equal(service.Model.BucketOf(expected[i]), (int)scores[i]!["score"]!);
            Assert.Equal(Math.Max(expected[i], 1 - expected[i]), (double)scores[i]!["confidence"]!);
            Assert.Equal(i.ToString(System.Globalization.CultureInfo.InvariantCulture), (string)scores[i]!["lead_id"]!);
            Assert.Equal(3, (int)scores[i]!["features_used"]!);
        }
    }

    [Fact]
    public async Task OneLeadIsScoredAndExplained()
    {
        await using var service = await ApiService.StartAsync();
        var answer = await service.PostAsync("/api/v1/score-lead?reasons=true", Encoding.UTF8.GetBytes(Lead));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("a\"1", (string)answer.Json["lead_id"]!);
        Assert.NotEmpty(answer.Json["reasons"]!.AsArray());
        Assert.InRange((double)answer.Json["probability"]!, 0, 1);
    }

    [Theory]
    [InlineData("application/json", """{"leads":[""", HttpStatusCode.BadRequest, "malformed")]
    [InlineData("application/json", """{"leads":[{"total_visits":"x","last_action":null}]}""", HttpStatusCode.UnprocessableEntity, "invalid-values")]
    [InlineData("application/json", """{"leads":[],"options":{"model":"nobody"}}""", HttpStatusCode.UnprocessableEntity, "invalid-values")]
    [InlineData("text/plain", """{"leads":[]}""", HttpStatusCode.UnsupportedMediaType, "wrong-media-type")]
    [InlineData("application/json", "", HttpStatusCode.BadRequest, "malformed")]
    public async Task AFaultyRequestGetsAProblem(string mediaType, string body, HttpStatusCode status, string code)
    {
        await using var service = await ApiService.StartAsync();
        var answer = await service.PostAsync("/api/v1/score", Encoding.UTF8.GetBytes(body), mediaType: mediaType);
        Assert.Equal((status, "application/problem+json"), (answer.Status, answer.MediaType));
        Assert.Equal("urn:streamscorer:problem:" + code, (string)answer.Json["type"]!);
    }

    [Fact]
    public async Task FiveHundredLeadsPassAndOneMoreIsTooMany()
    {
        await using var service = await ApiService.StartAsync();
        byte[] Body(int leads) => Encoding.UTF8.GetBytes($$"""{"leads":[{{string.Join(',', Enumerable.Repeat(Lead, leads))}}]}""");
        Assert.Equal(HttpStatusCode.OK, (await service.PostAsync("/api/v1/score", Body(500))).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await service.PostAsync("/api/v1/score", Body(501))).Status);
    }

    [Fact]
    public async Task ALargeBodyIsRefusedWithAndWithoutItsLength()
    {
        await using var service = await ApiService.StartAsync(options => options.Api.MaxBodyBytes = 2048);
        var body = Encoding.UTF8.GetBytes(new string(' ', 4096));
        // With Expect the body is only sent when it is wanted; without it the service may close while it is being sent.
        using var told = new HttpRequestMessage(HttpMethod.Post, "/api/v1/score") { Content = new ByteArrayContent(body) };
        told.Content.Headers.ContentType = new("application/json");
        told.Headers.ExpectContinue = true;
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await service.SendAsync(told, service.Key)).Status);
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/api/v1/score") { Content = new StreamContent(new MemoryStream(body)) };
        chunked.Content.Headers.ContentType = new("application/json");
        chunked.Headers.TransferEncodingChunked = true;
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await service.SendAsync(chunked, service.Key)).Status);
    }

    // Mutation: the buffer drops rows, or the stop forgets them, or a full one takes more.
    [Fact]
    public async Task AFullBufferRefusesAndWhatWasAnsweredIsInParquetAfterTheStop()
    {
        await using var service = await ApiService.StartAsync(options =>
        {
            options.Api.ScoreBufferRows = 700;
            options.Api.ScoreMaxAge = TimeSpan.FromMilliseconds(50);
        });
        // A file where the folder should be: like a disk that is away, it can come back.
        File.WriteAllText(service.ScoreFolder, "");
        var body = Encoding.UTF8.GetBytes($$"""{"request_id":"r-9","leads":[{{string.Join(',', Enumerable.Repeat(Lead, 300))}}]}""");
        Assert.Equal(HttpStatusCode.OK, (await service.PostAsync("/api/v1/score", body)).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.PostAsync("/api/v1/score", body)).Status);
        var refused = await service.PostAsync("/api/v1/score", body);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "1"), (refused.Status, refused.Headers["Retry-After"]));
        File.Delete(service.ScoreFolder);
        await service.StopAsync();

        Assert.Equal(600, Offsets(service).Count);
    }

    // Mutation: a part of a file is forgotten when the file is begun again, or a part that waits is not in the last file.
    [Fact]
    public async Task ManyPartsReachTheirFilesOnceEach()
    {
        await using var service = await ApiService.StartAsync(options => options.Api.ScoreMaxAge = TimeSpan.FromMilliseconds(50));
        File.WriteAllText(service.ScoreFolder, "");
        var body = Encoding.UTF8.GetBytes($$"""{"leads":[{{string.Join(',', Enumerable.Repeat(Lead, 500))}}]}""");
        for (var i = 0; i < 120; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await service.PostAsync("/api/v1/score", body)).Status);
            if (i == 80)
                File.Delete(service.ScoreFolder);
        }

        await service.StopAsync();

        var offsets = Offsets(service);
        Assert.Equal(60_000, offsets.Count);
        Assert.Equal(60_000, offsets.Distinct().Count());
    }

    private static List<long> Offsets(ApiService service)
    {
        var offsets = new List<long>();
        var values = new ColumnValues();
        foreach (var path in Directory.EnumerateFiles(service.ScoreFolder, "*.parquet", SearchOption.AllDirectories))
        {
            using var file = ParquetFileReader.Open(path);
            for (var group = 0; group < file.RowGroupCount; group++)
            {
                file.ReadColumn(group, file.Schema.IndexOf("kafka_offset"), values);
                offsets.AddRange(Enumerable.Range(0, values.Count).Select(values.GetInt64));
            }
        }

        return offsets;
    }
}

using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace StreamScorer.Benchmarks.Http;

/// <summary>The ceiling: Kestrel reading the same bodies and looking at every token, with no routing, key, score or answer to write.</summary>
internal static class BareKestrel
{
    private static readonly byte[] Answer = """{"tokens":0}"""u8.ToArray();

    public static async Task<int> RunAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port));
        var app = builder.Build();
        app.Run(TokeniseAsync);
        await app.RunAsync();
        return 0;
    }

    private static async Task TokeniseAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync();
            if (read.IsCompleted)
            {
                Tokenise(read.Buffer);
                reader.AdvanceTo(read.Buffer.End);
                break;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Answer.Length;
        context.Response.BodyWriter.Write(Answer);
        await context.Response.BodyWriter.FlushAsync();
    }

    private static void Tokenise(ReadOnlySequence<byte> body)
    {
        var json = new Utf8JsonReader(body);
        while (json.Read())
        {
        }
    }
}

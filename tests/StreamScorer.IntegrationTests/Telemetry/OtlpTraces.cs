using System.Globalization;
using System.Text;

namespace StreamScorer.IntegrationTests.Telemetry;

/// <summary>
/// Reads the part of an OTLP trace export (opentelemetry.proto.collector.trace.v1, protobuf) that tests look at: spans by
/// name, ids, attributes and links. The numbers are the proto's field numbers.
/// </summary>
internal static class OtlpTraces
{
    public static IEnumerable<ReceivedSpan> Read(byte[] export) =>
        from resource in Fields(export).Where(field => field.Number == 1)
        from scope in Fields(resource.Bytes).Where(field => field.Number == 2)
        from span in Fields(scope.Bytes).Where(field => field.Number == 2)
        select Span(Fields(span.Bytes));

    private static ReceivedSpan Span(List<Field> fields) => new(
        Encoding.UTF8.GetString(Bytes(fields, 5)), Hex(fields, 1), Hex(fields, 2), Hex(fields, 4),
        [.. fields.Where(field => field.Number == 13).Select(link => Hex(Fields(link.Bytes), 1))],
        fields.Where(field => field.Number == 9).Select(attribute => Fields(attribute.Bytes))
            .ToDictionary(pair => Encoding.UTF8.GetString(Bytes(pair, 1)), pair => Value(Fields(Bytes(pair, 2)))));

    private static string Value(List<Field> any) => any.FirstOrDefault() switch
    {
        { Number: 1 } text => Encoding.UTF8.GetString(text.Bytes),
        { Number: 3 } number => ((long)number.Varint).ToString(CultureInfo.InvariantCulture),
        _ => "",
    };

    private static string Hex(List<Field> fields, int number) => Convert.ToHexStringLower(Bytes(fields, number));

    private static byte[] Bytes(List<Field> fields, int number) => fields.FirstOrDefault(field => field.Number == number)?.Bytes ?? [];

    private static List<Field> Fields(byte[] message)
    {
        var fields = new List<Field>();
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            var number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    fields.Add(new Field(number, [], Varint(message, ref at)));
                    break;
                case 1:
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint(message, ref at);
                    fields.Add(new Field(number, message[at..(at + length)], 0));
                    at += length;
                    break;
                default:
                    at += 4;
                    break;
            }
        }

        return fields;
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }
    }

    private sealed record Field(int Number, byte[] Bytes, ulong Varint);
}

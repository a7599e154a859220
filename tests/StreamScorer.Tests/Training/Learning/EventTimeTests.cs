using System.Buffers;
using System.Globalization;
using System.Text;
using StreamScorer.App.Leads;
using StreamScorer.Features;
using StreamScorer.Forests;
using StreamScorer.Scoring;
using StreamScorer.Tests.Features;
using StreamScorer.Training.Generation;
using StreamScorer.Training.Learning;
using StreamScorer.Training.Tables;
using Xunit;

namespace StreamScorer.Tests.Training.Learning;

/// <summary>Tables whose rows happened at a time: features that are times count as their age then, as in the stream.</summary>
public sealed class EventTimeTests : IDisposable
{
    private const string Schema =
        """
        { "name": "ageing", "label": "sold", "eventTime": "seen at",
          "features": [ { "name": "SignedUp", "kind": "timestamp" }, { "name": "Visits", "kind": "numeric" } ] }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Young_accounts_are_told_from_old_ones_whatever_the_calendar_says()
    {
        var report = Train(Table(600), Schema);
        Assert.True(report.Validation.AucRoc > 0.95, $"AUC {report.Validation.AucRoc}");
        Assert.Equal("SignedUp", report.Importance[0].Feature);
        Assert.Equal("seen at", ModelFolder.Load(_folder["model"]).Schema.EventTimeColumn);

        var scored = BatchScoring.Run(_folder["model"], _folder.Write("new.csv", Table(50, seed: 3)), _folder["s.csv"]);
        Assert.Equal(50, scored.Rows);
        Assert.True(ModelEvaluation.Run(_folder["model"], _folder["new.csv"]).Metrics.AucRoc > 0.95);
    }

    [Fact]
    public void The_stream_and_leads_explain_give_a_row_the_bits_that_the_table_gave_it()
    {
        Train(Table(600), Schema);
        var model = ModelFolder.Load(_folder["model"]);
        string?[] signedUp = ["2024-03-01T08:00:00.5+01:00", "2026-01-31", "1709251199123", null, "2024-03-01", "2024-03-01"];
        string?[] seenAt = ["2026-02-03T10:11:12.123456Z", "1770000000123", "2026-02-03T10:11:12Z", "2026-02-03T10:11:12Z", null,
            "1999-12-31T23:59:59Z"];
        var csv = string.Concat(Enumerable.Range(0, signedUp.Length).Select(row => $"{signedUp[row]},{row},{seenAt[row]}\n"));
        BatchScoring.Run(_folder["model"], _folder.Write("t.csv", "SignedUp,Visits,seen at\n" + csv), _folder["s.csv"]);
        var table = TextTable.Read(_folder["s.csv"]).Cells;

        var engine = new PredictionEngine(new ScoringModel("ageing", model), new HotThreshold(0.7));
        var decoding = new EventDecoding(model.Schema);
        var (raw, probability) = (new double[1], new double[1]);
        for (var row = 0; row < signedUp.Length; row++)
        {
            var json = $$"""{"signedUp":{{Json(signedUp[row])}},"visits":{{row}},"occurredAt":{{Json(seenAt[row])}}}""";
            Assert.Equal(RecordKind.Event, decoding.Decode(json));
            engine.Predict(decoding.Row, raw, probability);
            Assert.Equal(Number(table.Column("raw_score")[row]), raw[0]);
            Assert.Equal(Number(table.Column("probability")[row]), probability[0]);

            DateTime? time = decoding.Result.OccurredAtMicros == DecodedEvent.NoTime
                ? null
                : DateTime.UnixEpoch.AddTicks(decoding.Result.OccurredAtMicros * TimeSpan.TicksPerMicrosecond);
            var explained = LeadExplanation.Of("x", decoding.FeaturesJson(json), time, engine.Model, new HotThreshold(0.7));
            Assert.Equal((raw[0], probability[0]), (explained.RawScore, explained.Probability));
            // Reasons are rounded to four decimals each.
            Assert.Equal(raw[0] - explained.Baseline, explained.Reasons.Sum(reason => reason.Contribution), 2e-4);
            var buffer = new ArrayBufferWriter<byte>();
            engine.AppendReasonsJson(decoding.Row, model.Schema.Count, buffer);
            var streamed = Encoding.UTF8.GetString(buffer.WrittenSpan);
            Assert.All(explained.Reasons, reason => Assert.Contains(
                reason.Text[..reason.Text.LastIndexOf(',')], streamed, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_event_time_orders_the_rows_where_nothing_else_does()
    {
        var request = Request(Table(100, descending: true), Schema);
        var split = LabelledTable.Read(request, null, default).Split(SplitKind.Time, 1);
        Assert.Equal(Enumerable.Range(0, 20), split.Validation);
    }

    [Fact]
    public void A_column_can_be_named_on_the_command_line_and_is_then_no_feature()
    {
        var request = Request(Table(100), null) with { Label = "sold", EventTime = "seen at" };
        Assert.Equal(["SignedUp", "Visits"], LabelledTable.Read(request, null, default).Schema.Features.Select(f => f.Name));
    }

    [Fact]
    public void A_table_to_score_may_call_it_as_events_do()
    {
        Train(Table(300), Schema);
        var data = _folder.Write("t.csv", "signedUp,visits,occurredAt\n2026-01-01,1,2026-01-02\n");
        Assert.Equal(1, BatchScoring.Run(_folder["model"], data, _folder["s.csv"]).Rows);
    }

    [Fact]
    public void What_is_missing_or_no_time_is_named_with_file_line_and_column()
    {
        var table = Table(40);
        Fault(table, Schema.Replace("\"eventTime\": \"seen at\",", "", StringComparison.Ordinal), "'SignedUp' is a timestamp", "--event-time");
        Fault(table, Schema.Replace("seen at", "when", StringComparison.Ordinal), "no column 'when' with the time of the event", "'seen at'");
        var lines = table.Split('\n');
        Fault(string.Join('\n', [.. lines[..12], "2026-01-01,1,yesterday,1", .. lines[12..]]), Schema,
            "t.csv, line 13, column 3 (seen at): 'yesterday' is not a time", "RFC 3339");
        Fault(string.Join('\n', [.. lines[..12], "soon,1,2026-01-01,1", .. lines[12..]]), Schema,
            "t.csv, line 13, column 1 (SignedUp): 'soon' is not a timestamp value");
        Fault(string.Join('\n', [.. lines[..12], "2026-01-01,many,2026-01-01,1", .. lines[12..]]), Schema,
            "t.csv, line 13, column 2 (Visits): 'many' is not a numeric value");

        Train(Table(300), Schema);
        var data = _folder.Write("t.csv", "SignedUp,Visits\n2026-01-01,1\n");
        var fault = Assert.Throws<DataFileException>(() => BatchScoring.Run(_folder["model"], data, _folder["s.csv"]));
        Assert.Contains("no column 'seen at' with the time of the event", fault.Message, StringComparison.Ordinal);
        data = _folder.Write("t.csv", "SignedUp,Visits,seen at\n2026-01-01,1,2026-01-02\n\n2026-01-01,x,2026-01-02\n");
        fault = Assert.Throws<DataFileException>(() => BatchScoring.Run(_folder["model"], data, _folder["s.csv"]));
        Assert.Contains("line 4, column 2 (Visits): 'x'", fault.Message, StringComparison.Ordinal);
    }

    private static double Number(string? cell) => double.Parse(cell!, CultureInfo.InvariantCulture);

    private static string Json(string? cell)
        => cell is null ? "null" : cell.All(char.IsAsciiDigit) ? cell : $"\"{cell}\"";

    /// <summary>Who signed up within the last 30 days buys; the calendar alone tells nothing, for events span years.</summary>
    private static string Table(int rows, int seed = 11, bool descending = false)
    {
        var random = new SeededRandom(seed);
        var csv = new StringBuilder("SignedUp,Visits,seen at,sold\n");
        for (var row = 0; row < rows; row++)
        {
            var seen = new DateTime(2022, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddHours(11L * (descending ? rows - row : row));
            var days = random.Next(60);
            csv.Append(CultureInfo.InvariantCulture, $"{seen.AddDays(-days):O},{random.Next(9)},{seen:O},{(days < 30 ? 1 : 0)}\n");
        }

        return csv.ToString();
    }

    private void Fault(string table, string schema, params string[] parts)
    {
        var fault = Assert.Throws<DataFileException>(() => Train(table, schema));
        Assert.All(parts, part => Assert.Contains(part, fault.Message, StringComparison.Ordinal));
    }

    private ModelReport Train(string table, string schema) => ModelTraining.Run(Request(table, schema));

    private TrainingRequest Request(string table, string? schema) => new()
    {
        Data = _folder.Write("t.csv", table),
        Output = _folder["model"],
        SchemaFile = schema is null ? null : _folder.Write("schema.json", schema),
        Settings = LearningTables.SmallForest,
        Charts = false,
    };
}

using StreamScorer.App.Api.Keys;
using StreamScorer.App.Api.Quality;
using StreamScorer.App.Api.Sessions;

namespace StreamScorer.App.Api.OpenApi;

/// <summary>Every operation of the API.</summary>
internal static class ApiOperations
{
    private static readonly ApiParameter Id = new("id", "string", "The lead's id.") { InPath = true };
    private static readonly ApiParameter ModelName = new("name", "string", "The model's name.") { InPath = true };

    private static readonly int[] NoContent = [StatusCodes.Status204NoContent];

    // Whoever may read leads or models may see how the stream does: there is nobody's data in it.
    private const ApiScope StreamReaders = ApiScope.LeadsRead | ApiScope.ModelsRead;

    public static readonly ApiOperation Score = new("score", "Scores 1 to 500 leads.", "Scoring", ApiScope.Score)
    {
        Request = typeof(ScoreRequest),
        Answer = typeof(ScoreResponse),
        Problems = [400, 408, 413, 415, 422],
        KeepsItsOwnTime = true,
    };

    public static readonly ApiOperation ScoreAlias = Score with { Id = "scoring_score", Summary = "The same as /api/v1/score." };

    public static readonly ApiOperation ScoreLead = new("score_lead", "Scores one lead, which is the body itself.", "Scoring", ApiScope.Score)
    {
        Request = typeof(LeadToScore),
        Answer = typeof(LeadScoreResponse),
        Parameters =
        [
            new ApiParameter("model", "string", "The model that scores; without it, the stream's."),
            new ApiParameter("reasons", "boolean", "Whether exact reasons (TreeSHAP) are wanted.") { Words = ["true", "false"] },
        ],
        Problems = [400, 408, 413, 415, 422],
        KeepsItsOwnTime = true,
    };

    public static readonly ApiOperation HotLeads = new(
        "hot_leads", "Leads to call next, and why, page by page. Any feature filters too: feature.NAME=VALUE.", "Leads", ApiScope.LeadsRead)
    {
        Answer = typeof(HotLeadsPage),
        MediaTypes = ["application/json", "text/csv"],
        Parameters =
        [
            new ApiParameter("limit", "integer", "How many leads at most; 100 without it.") { Range = (1, 1000) },
            new ApiParameter("min_probability", "number", "Least probability.") { Range = (0, 1) },
            new ApiParameter("tier", "string", "Only leads of this tier.") { Words = ["A", "B", "C", "D", "E"] },
            new ApiParameter("sort", "string", "What comes first; probability without it.") { Words = ["probability", "newest", "scored", "lead"] },
            new ApiParameter("include_cooled", "boolean", "Leads that have cooled too.") { Words = ["true", "false"] },
            new ApiParameter("text", "string", "Only leads with this text in their id or in a feature."),
            new ApiParameter("format", "string", "json or csv; without it, by the header Accept.") { Words = ["json", "csv"] },
            new ApiParameter("cursor", "string", "next_cursor of the page before, with the same sort."),
        ],
        Problems = [422],
    };

    public static readonly ApiOperation Lead = new(
        "lead", "A lead that is or was hot: its newest score, reasons and features.", "Leads", ApiScope.LeadsRead)
    {
        Answer = typeof(LeadDocument),
        Parameters = [Id],
        Problems = [404],
    };

    public static readonly ApiOperation LeadScore = new(
        "lead_score", "A lead's current score, exact reasons where the model still serves, and earlier scores.", "Leads", ApiScope.LeadsRead)
    {
        Answer = typeof(LeadScoreHistory),
        Parameters = [Id],
        Problems = [404],
    };

    public static readonly ApiOperation Models = new("models", "The models that serve.", "Models", ApiScope.ModelsRead)
    {
        Answer = typeof(ModelList),
    };

    public static readonly ApiOperation Model = new("model", "A model and the features that it wants.", "Models", ApiScope.ModelsRead)
    {
        Answer = typeof(ModelDocument),
        Parameters = [ModelName],
        Problems = [404],
    };

    public static readonly ApiOperation ReloadModel = new("reload_model", "Loads a model's file again now.", "Models", ApiScope.ModelsWrite)
    {
        Answer = typeof(ModelReloaded),
        Parameters = [ModelName],
        Problems = [404, 409],
    };

    public static readonly ApiOperation ModelReport = new(
        "model_report", "What training wrote beside the model that serves: its metrics and its card.", "Models", ApiScope.ModelsRead)
    {
        Answer = typeof(ModelReport),
        Parameters = [ModelName],
        Problems = [404],
    };

    public static readonly ApiOperation Stream = new(
        "stream", "Throughput, lag, latency, errors, checkpoints and readiness of this worker, with the last 15 minutes.", "Stream", StreamReaders)
    {
        Answer = typeof(StreamDocument),
    };

    public static readonly ApiOperation Live = new(
        "live", "Server-sent events, once a second: beat always, leads when some turned hot or cooled, totals of the leads every "
        + "five seconds, stream with the state of the stream as /api/v1/stream tells it. Leads need the scope leads:read.", "Stream", StreamReaders)
    {
        Answer = typeof(string),
        MediaTypes = ["text/event-stream"],
        Parameters = [new ApiParameter("topics", "string", "What to tell of.") { IsRequired = true, Words = ["leads", "stream", "leads,stream"] }],
        Problems = [422],
        KeepsItsOwnTime = true,
    };

    public static readonly ApiOperation RecordOutcomes = new(
        "record_outcomes", "Records how leads ended: one outcome, or many as outcomes. All of a request or nothing; sending it again changes nothing.",
        "Quality", ApiScope.Score)
    {
        Request = typeof(OutcomesToRecord),
        Answer = typeof(RecordedOutcomes),
        Problems = [400, 408, 413, 415, 422],
    };

    public static readonly ApiOperation DataQuality = new(
        "data_quality", "Drift, missing values and scores of what this worker has scored, model by model.", "Quality", ApiScope.ModelsRead)
    {
        Answer = typeof(DataQualityAnswer),
        Parameters = [new ApiParameter("window", "string", "The span of event flow; 1h without it.") { Words = ["1h", "24h"] }],
        Problems = [422],
    };

    public static readonly ApiOperation ModelQuality = new(
        "model_quality", "Outcomes against the scores that were acted on, model by model.", "Quality", ApiScope.ModelsRead)
    {
        Answer = typeof(ModelQualityAnswer),
    };

    public static readonly ApiOperation Alerts = new("alerts", "The alerts that are on now.", "Quality", ApiScope.ModelsRead)
    {
        Answer = typeof(AlertsAnswer),
    };

    public static readonly ApiOperation Session = new(
        "session", "Who is logged in with this browser's session; nobody is an answer too.", "Sessions", ApiScope.None)
    {
        Answer = typeof(SessionAnswer),
        Problems = [503],
    };

    public static readonly ApiOperation OpenSession = new(
        "open_session", "Logs a browser in with an API key or the token of a one-time link, from the service's own pages.", "Sessions", ApiScope.None)
    {
        Request = typeof(Credentials),
        Answer = typeof(void),
        Statuses = NoContent,
        Problems = [400, 401, 403, 413, 415, 503],
    };

    public static readonly ApiOperation CloseSession = new("close_session", "Logs a browser out.", "Sessions", ApiScope.None)
    {
        Answer = typeof(void),
        Statuses = NoContent,
        Problems = [403, 503],
    };

    /// <summary>One of the health questions, whose answer 503 has the same form.</summary>
    public static ApiOperation Health(string path, string question) => new(
        path.Trim('/').Replace('/', '_'), $"Whether the service is {Meaning(question)}.", "Health", ApiScope.None)
    {
        Answer = typeof(HealthDocument),
        Statuses = [StatusCodes.Status200OK, StatusCodes.Status503ServiceUnavailable],
    };

    private static string Meaning(string question) => question switch
    {
        "startup" => "through with its start",
        "live" => "making progress, or waiting for a dependency that is away",
        "ready" => "ready: Kafka, PostgreSQL, the model and the checkpoint folder are up",
        _ => "live and ready",
    };
}

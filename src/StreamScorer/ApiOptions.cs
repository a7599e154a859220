using System.ComponentModel.DataAnnotations;

namespace StreamScorer;

/// <summary>The HTTP surface: where it listens, whom it lets in, and what a request may cost.</summary>
public sealed class ApiOptions
{
    /// <summary>Whether the worker listens at all. Without it there is neither API nor metrics nor health.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Where the API listens, for people and programs with a key: <c>http://127.0.0.1:8080</c>, several with semicolons,
    /// <c>https://…</c> with <see cref="CertificatePath"/>. Port 0 takes a free one and says which.
    /// </summary>
    [Required(AllowEmptyStrings = false)]
    public string Urls { get; set; } = "http://127.0.0.1:8080";

    /// <summary>Where metrics and detailed health listen, without keys: keep it where only operators come. Empty: nowhere.</summary>
    public string ManagementUrls { get; set; } = "http://127.0.0.1:9464";

    /// <summary>A PEM certificate (with chain) or a PKCS#12 file for https addresses.</summary>
    public string CertificatePath { get; set; } = "";

    /// <summary>The PEM file of the certificate's private key; empty where <see cref="CertificatePath"/> holds it too.</summary>
    public string CertificateKeyPath { get; set; } = "";

    /// <summary>The password of the private key or of the PKCS#12 file. A secret: better from a file than from a variable.</summary>
    public string CertificatePassword { get; set; } = "";

    /// <summary>Origins of browser pages that may call the API, separated by semicolons. Empty: none (CORS is off).</summary>
    public string CorsOrigins { get; set; } = "";

    /// <summary>Largest body of a request in bytes.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaxBodyBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Most leads in one scoring request.</summary>
    [Range(1, 10_000)]
    public int MaxLeads { get; set; } = 500;

    /// <summary>How long a request may take, its body's arrival included.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Most connections to the API at once; further ones are closed.</summary>
    [Range(1, 100_000)]
    public int MaxConnections { get; set; } = 2_000;

    /// <summary>Most requests of one key per second; a key may have a limit of its own (<c>keys create --rate</c>).</summary>
    [Range(1, 10_000_000)]
    public int RequestsPerSecond { get; set; } = 5_000;

    /// <summary>How long a revoked or new key may go unnoticed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan KeyRefresh { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Every folder in here with a model in it serves under its folder's name, beside <c>Scoring:ModelName</c>.</summary>
    public string ModelsFolder { get; set; } = "models";

    /// <summary>How many of the newest checkpoint files are looked through for a lead's earlier scores.</summary>
    [Range(0, 10_000)]
    public int HistoryFiles { get; set; } = 32;

    /// <summary>Where the scores of the API become Parquet files, in a dataset of their own. Empty: they are not kept.</summary>
    public string ScoreFolder { get; set; } = "data/api-scores";

    /// <summary>Most scores that wait to be written; a request that finds no room is answered with 503.</summary>
    [Range(500, 10_000_000)]
    public int ScoreBufferRows { get; set; } = 250_000;

    /// <summary>A score is in a file at the latest this long after its answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan ScoreMaxAge { get; set; } = TimeSpan.FromSeconds(60);
}

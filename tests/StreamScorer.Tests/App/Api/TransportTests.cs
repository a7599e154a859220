using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StreamScorer.App.Api;
using Xunit;

namespace StreamScorer.Tests.App.Api;

/// <summary>What the settings say about how the service is reached: TLS, other sites' pages, taken ports.</summary>
public class TransportTests
{
    private static readonly byte[] Body = """{"leads":[{"total_visits":1,"last_action":null}]}"""u8.ToArray();

    // Mutation: the certificate of the settings is not used, or its password is not.
    [Theory]
    [InlineData("pem")]
    [InlineData("pem with its key in it")]
    [InlineData("pem with an encrypted key")]
    [InlineData("pfx")]
    public async Task TlsIsServedWithTheCertificateOfTheSettings(string form)
    {
        using var folder = new TemporaryFolder();
        using var certificate = SelfSigned();
        await using var service = await ApiService.StartAsync(options =>
        {
            options.Api.Urls = "https://127.0.0.1:0";
            Save(certificate, form, folder.Path, options.Api);
        });
        using var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown?.Thumbprint == certificate.Thumbprint,
        };
        using var client = new HttpClient(handler) { BaseAddress = service.Address };

        Assert.Equal("https", service.Address.Scheme);
        Assert.Equal("""{"status":"unavailable"}""", await (await client.GetAsync(new Uri("/health", UriKind.Relative))).Content.ReadAsStringAsync());
        // No plain HTTP on the same port.
        using var plain = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => plain.GetAsync(new UriBuilder(service.Address) { Scheme = "http" }.Uri));
    }

    [Theory]
    [InlineData("", "needs Api:CertificatePath")]
    [InlineData("/nowhere/at/all.pem", "Api:CertificatePath: /nowhere/at/all.pem cannot be used")]
    public async Task AnHttpsAddressWithoutItsCertificateIsToldInOneSentence(string path, string expected)
    {
        var exception = await Assert.ThrowsAsync<ListenException>(() => ApiService.StartAsync(options =>
        {
            options.Api.Urls = "https://127.0.0.1:0";
            options.Api.CertificatePath = path;
        }));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    // Mutation: CORS for everybody, or for nobody.
    [Theory]
    [InlineData("", "https://crm.example.com", false)]
    [InlineData("https://crm.example.com;https://other.example.com", "https://crm.example.com", true)]
    [InlineData("https://crm.example.com", "https://evil.example.com", false)]
    public async Task PagesOfOtherSitesMayCallOnlyWhereTheSettingsNameThem(string origins, string origin, bool allowed)
    {
        await using var service = await ApiService.StartAsync(options => options.Api.CorsOrigins = origins);
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/api/v1/score");
        preflight.Headers.Add("Origin", origin);
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        preflight.Headers.Add("Access-Control-Request-Headers", "x-api-key");
        var asked = await service.SendAsync(preflight, "");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/score") { Content = new ByteArrayContent(Body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add("Origin", origin);
        var answer = await service.SendAsync(request, service.Key);

        Assert.Equal(allowed ? origin : null, asked.Headers.GetValueOrDefault("Access-Control-Allow-Origin"));
        Assert.Equal(allowed ? origin : null, answer.Headers.GetValueOrDefault("Access-Control-Allow-Origin"));
        // A cookie is never for other sites.
        Assert.DoesNotContain("Access-Control-Allow-Credentials", answer.Headers.Keys);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    // Mutation: only the first taken address is told, or none before the worker joins the group.
    [Fact]
    public void TakenAddressesAreToldTogetherWithWhatToDo()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        var api = new ApiOptions { Urls = $"http://127.0.0.1:0;http://{first.LocalEndpoint}", ManagementUrls = $"http://{second.LocalEndpoint}" };
        var exception = Assert.Throws<ListenException>(() => ApiListeners.RequireFree(api));
        Assert.Equal(
            $"Api:Urls=http://{first.LocalEndpoint} and Api:ManagementUrls=http://{second.LocalEndpoint} are in use, perhaps by another worker on "
            + "this machine. Choose other addresses, or let the system choose free ports (the log says which): --Api:Urls=http://127.0.0.1:0 "
            + "--Api:ManagementUrls=http://127.0.0.1:0. Or run without the API: --Api:Enabled=false", exception.Message);
        second.Stop();
        Assert.DoesNotContain("ManagementUrls", Assert.Throws<ListenException>(() => ApiListeners.RequireFree(api)).Message, StringComparison.Ordinal);
        first.Stop();
        ApiListeners.RequireFree(api);
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=streamscorer.test", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
    }

    private static void Save(X509Certificate2 certificate, string form, string folder, ApiOptions api)
    {
        const string Password = "only for this test";
        using var key = certificate.GetECDsaPrivateKey()!;
        var keyFile = Path.Combine(folder, "key.pem");
        api.CertificatePath = Path.Combine(folder, form == "pfx" ? "certificate.pfx" : "certificate.pem");
        switch (form)
        {
            case "pem":
                File.WriteAllText(api.CertificatePath, certificate.ExportCertificatePem());
                File.WriteAllText(api.CertificateKeyPath = keyFile, key.ExportPkcs8PrivateKeyPem());
                break;
            case "pem with its key in it":
                File.WriteAllText(api.CertificatePath, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
                break;
            case "pem with an encrypted key":
                File.WriteAllText(api.CertificatePath, certificate.ExportCertificatePem());
                File.WriteAllText(api.CertificateKeyPath = keyFile, key.ExportEncryptedPkcs8PrivateKeyPem(
                    Password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
                api.CertificatePassword = Password;
                break;
            default:
                File.WriteAllBytes(api.CertificatePath, certificate.Export(X509ContentType.Pfx, Password));
                api.CertificatePassword = Password;
                break;
        }
    }
}

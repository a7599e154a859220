using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace StreamScorer.App.Api;

/// <summary>An address of the settings that the API cannot listen at; the message names the setting.</summary>
internal sealed class ListenException(string message) : Exception(message);

/// <summary>Where Kestrel listens: the public addresses and the management ones, with TLS where an address asks for it.</summary>
internal static class ApiListeners
{
    /// <summary>Opens the listeners of the settings.</summary>
    /// <exception cref="ListenException">An address or the certificate is of no use.</exception>
    public static void Configure(KestrelServerOptions kestrel, ApiOptions api)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = api.MaxBodyBytes;
        kestrel.Limits.MaxConcurrentConnections = api.MaxConnections;
        kestrel.Limits.RequestHeadersTimeout = api.RequestTimeout;
        var certificate = new Lazy<X509Certificate2Collection>(() => Certificate(api));
        foreach (var address in Addresses("Api:Urls", api.Urls))
            Listen(kestrel, address, certificate, isManagement: false);
        foreach (var address in Addresses("Api:ManagementUrls", api.ManagementUrls))
            Listen(kestrel, address, certificate, isManagement: true);
    }

    /// <summary>The addresses of a setting.</summary>
    /// <exception cref="ListenException">One is no http or https address with a port.</exception>
    public static IReadOnlyList<BindingAddress> Addresses(string setting, string urls)
    {
        var addresses = new List<BindingAddress>();
        foreach (var url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            try
            {
                var address = BindingAddress.Parse(url);
                if (address.Scheme is not ("http" or "https") || address.PathBase.Length > 0 || address.IsUnixPipe)
                    throw new FormatException();
                addresses.Add(address);
            }
            catch (FormatException)
            {
                throw new ListenException($"{setting}: '{url}' is no address to listen at; one looks like http://127.0.0.1:8080.");
            }
        }

        return addresses;
    }

    /// <summary>
    /// Asks before the start whether the addresses are free: a second worker on a machine must not join the group, take
    /// partitions and stop again because it cannot listen.
    /// </summary>
    /// <exception cref="ListenException">Some are taken; the message names the settings of all of them.</exception>
    public static void RequireFree(ApiOptions api)
    {
        (string Setting, BindingAddress Address)[] taken =
        [
            .. Addresses("Api:Urls", api.Urls).Where(IsTaken).Select(address => ("Api:Urls", address)),
            .. Addresses("Api:ManagementUrls", api.ManagementUrls).Where(IsTaken).Select(address => ("Api:ManagementUrls", address)),
        ];
        if (taken.Length == 0)
            return;
        var which = string.Join(" and ", taken.Select(one => $"{one.Setting}={one.Address}"));
        var remedy = string.Join(" ", taken.Select(one => $"--{one.Setting}={one.Address.Scheme}://{one.Address.Host}:0").Distinct());
        throw new ListenException(
            $"{which} {(taken.Length == 1 ? "is" : "are")} in use, perhaps by another worker on this machine. Choose other addresses, "
            + $"or let the system choose free ports (the log says which): {remedy}. Or run without the API: --Api:Enabled=false");
    }

    private static bool IsTaken(BindingAddress address)
    {
        if (address.Port == 0)
            return false;
        try
        {
            // A name other than localhost stands for all of the machine's addresses, as Kestrel has it.
            var ip = IPAddress.TryParse(address.Host.Trim('[', ']'), out var own) ? own : IsLocalhost(address) ? IPAddress.Loopback : IPAddress.Any;
            using var listener = new TcpListener(ip, address.Port);
            listener.Start();
            return false;
        }
        catch (SocketException exception)
        {
            // Whatever else may be wrong with an address, Kestrel says it better.
            return exception.SocketErrorCode == SocketError.AddressAlreadyInUse;
        }
    }

    private static bool IsLocalhost(BindingAddress address) => address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    private static void Listen(
        KestrelServerOptions kestrel, BindingAddress address, Lazy<X509Certificate2Collection> certificate, bool isManagement)
    {
        void Set(ListenOptions listen)
        {
            listen.Use(next => connection =>
            {
                connection.Features.Set(new ApiConnection(isManagement));
                return next(connection);
            });
            if (address.Scheme == "https")
            {
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = certificate.Value[0];
                    https.ServerCertificateChain = certificate.Value;
                });
            }
        }

        if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip))
            kestrel.Listen(ip, address.Port, Set);
        else if (IsLocalhost(address))
            kestrel.ListenLocalhost(address.Port, Set);
        else
            kestrel.ListenAnyIP(address.Port, Set);
    }

    private static X509Certificate2Collection Certificate(ApiOptions api)
    {
        if (api.CertificatePath.Length == 0)
            throw new ListenException("An https address needs Api:CertificatePath: a PEM certificate with its key, or a PKCS#12 file.");
        try
        {
            if (Path.GetExtension(api.CertificatePath) is ".pfx" or ".p12")
                return X509CertificateLoader.LoadPkcs12CollectionFromFile(api.CertificatePath, api.CertificatePassword);
            var key = api.CertificateKeyPath.Length == 0 ? api.CertificatePath : api.CertificateKeyPath;
            var own = api.CertificatePassword.Length == 0
                ? X509Certificate2.CreateFromPemFile(api.CertificatePath, key)
                : X509Certificate2.CreateFromEncryptedPemFile(api.CertificatePath, api.CertificatePassword, key);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(api.CertificatePath);
            if (chain.Count > 0)
                chain[0] = own;
            return chain;
        }
        catch (Exception exception) when (exception is System.Security.Cryptography.CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ListenException($"Api:CertificatePath: {api.CertificatePath} cannot be used: {exception.Message}");
        }
    }
}

using Npgsql;
using StreamScorer.App.Soak;

namespace StreamScorer.IntegrationTests.Faults;

/// <summary>A proxy in front of the PostgreSQL of a connection string, so that one test can cut what others use.</summary>
internal static class ProxiedPostgres
{
    public static TcpProxy Start(string connectionString, Func<ProxyConnection, ClientBytes>? clientBytes = null) =>
        TcpProxy.Start(new NpgsqlConnectionStringBuilder(connectionString).Port, clientBytes: clientBytes);

    /// <summary>The connection string with the proxy's address; it is given up on after a few seconds of silence.</summary>
    public static string Through(TcpProxy proxy, string connectionString) => new NpgsqlConnectionStringBuilder(connectionString)
    {
        Host = "127.0.0.1",
        Port = proxy.Port,
        Timeout = 3,
        CommandTimeout = 8,
    }.ConnectionString;
}

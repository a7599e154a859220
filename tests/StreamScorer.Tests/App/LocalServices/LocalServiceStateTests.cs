using System.Net;
using System.Net.Sockets;
using StreamScorer.App.LocalServices;
using Xunit;

namespace StreamScorer.Tests.App.LocalServices;

public sealed class LocalServiceStateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streamscorer-state-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_state_whose_process_is_gone_is_stale_and_stops_nobody()
    {
        var own = ProcessIdentity.Of(Environment.ProcessId)!;
        var stranger = own with { StartTicks = own.StartTicks - 1 };
        new ServiceFolder<PostgresState>(_folder).WriteState(new PostgresState("/nowhere", 1, stranger));

        Assert.Null(LocalPostgres.TryAttach(_folder));
        Assert.False(await LocalPostgres.StopInAsync(_folder, CancellationToken.None));
        Assert.True(own.IsAlive);
    }

    [Fact]
    public void A_state_survives_writing_and_reading()
    {
        var state = new KafkaState(20_001, 20_002, ProcessIdentity.Of(Environment.ProcessId), null);
        var folder = new ServiceFolder<KafkaState>(_folder);

        folder.WriteState(state);

        Assert.Equal(state, folder.ReadState());
    }

    [Fact]
    public void A_copied_folder_does_not_take_the_originals_processes_for_its_own()
    {
        var original = new ServiceFolder<KafkaState>(Path.Combine(_folder, "original"));
        var copy = new ServiceFolder<KafkaState>(Path.Combine(_folder, "copy"));
        Directory.CreateDirectory(original.Path);
        Directory.CreateDirectory(copy.Path);
        original.WriteState(new KafkaState(20_001, 20_002, ProcessIdentity.Of(Environment.ProcessId), null));

        File.Copy(original.File("state.json"), copy.File("state.json"));

        Assert.Null(copy.ReadState());
    }

    [Fact]
    public void A_state_that_nobody_can_read_counts_as_none()
    {
        File.WriteAllText(Path.Combine(_folder, "state.json"), "{ half");

        Assert.Null(new ServiceFolder<KafkaState>(_folder).ReadState());
        Assert.Null(LocalKafka.TryAttach(_folder));
    }

    [Fact]
    public void A_port_somebody_listens_on_is_not_free_and_its_owner_is_known()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var own = ProcessIdentity.Of(Environment.ProcessId)!;

        Assert.False(LoopbackPort.IsFree(port));
        Assert.True(LoopbackPort.IsListening(port));
        Assert.True(LoopbackPort.IsListenedBy(port, own));
        Assert.NotEqual(port, LoopbackPort.Find(preferred: port));
        Assert.False(LoopbackPort.IsListenedBy(LoopbackPort.Find(), own));
    }

    [Fact]
    public void An_error_shows_the_end_of_the_log()
    {
        var log = Path.Combine(_folder, "log");
        File.WriteAllLines(log, Enumerable.Range(1, 40).Select(line => $"line {line}"));

        var message = LocalServiceException.WithLog("It did not start.", log).Message;

        Assert.StartsWith("It did not start.\n", message, StringComparison.Ordinal);
        Assert.Contains("line 26\n", message, StringComparison.Ordinal);
        Assert.EndsWith("line 40", message, StringComparison.Ordinal);
        Assert.DoesNotContain("line 25", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_survives_the_environment()
    {
        var address = new KafkaAddress("127.0.0.1:1,127.0.0.1:2", LocalKafka.ClientProperties, "127.0.0.1:3");
        var environment = address.ToEnvironment().ToDictionary();

        Assert.Equal("0.9.0.1", environment["Kafka__Properties__broker_version_fallback"]);
        var back = KafkaAddress.FromEnvironment(environment)!;
        Assert.Equal(address.BootstrapServers, back.BootstrapServers);
        Assert.Equal(address.ZooKeeper, back.ZooKeeper);
        Assert.Equal(address.ClientProperties.ToHashSet(), back.ClientProperties.ToHashSet());
        Assert.Null(KafkaAddress.FromEnvironment(new Dictionary<string, string>()));
    }
}

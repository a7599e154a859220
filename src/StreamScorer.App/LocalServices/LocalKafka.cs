using System.Diagnostics;
using System.Globalization;

namespace StreamScorer.App.LocalServices;

/// <summary>
/// A real Apache Kafka broker and its ZooKeeper on 127.0.0.1, with data, logs and state in one folder. They outlive the
/// program that starts them; a later program finds them with <see cref="TryAttach"/>. The broker is of the 0.9 series,
/// the one that can be had without Docker: see <see cref="ClientProperties"/>. Not safe for use by several threads.
/// </summary>
public sealed class LocalKafka
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);

    private readonly ServiceFolder<KafkaState> _folder;
    private readonly IReadOnlyDictionary<string, string> _brokerSettings;
    private KafkaState _state;

    private LocalKafka(ServiceFolder<KafkaState> folder, KafkaState state, IReadOnlyDictionary<string, string>? brokerSettings)
    {
        _folder = folder;
        _state = state;
        _brokerSettings = brokerSettings ?? new Dictionary<string, string>();
    }

    /// <summary>
    /// What librdkafka must be told for a broker that cannot say which requests it understands. With these, headers and
    /// record timestamps vanish silently and there is no idempotent producer; never set them for a current broker.
    /// </summary>
    public static IReadOnlyDictionary<string, string> ClientProperties { get; } = new Dictionary<string, string>
    {
        ["api.version.request"] = "false",
        ["broker.version.fallback"] = "0.9.0.1",
    };

    public string Folder => _folder.Path;

    /// <summary>The broker's own messages.</summary>
    public string LogPath => _folder.File("broker.log");

    public string BootstrapServers => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_state.Port}");

    public string ZooKeeper => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_state.ZooKeeperPort}");

    /// <summary>All that a client needs.</summary>
    public KafkaAddress Address => new(BootstrapServers, ClientProperties, ZooKeeper);

    /// <summary>The broker's process; null while it is stopped.</summary>
    public ProcessIdentity? Broker => _state.Broker is { IsAlive: true } broker ? broker : null;

    /// <summary>ZooKeeper's process; null while it is stopped.</summary>
    public ProcessIdentity? Keeper => _state.ZooKeeper is { IsAlive: true } keeper ? keeper : null;

    /// <summary>
    /// Starts ZooKeeper and the broker and returns once a metadata request answers and consumer groups can form. What
    /// already runs in this folder is taken as it is.
    /// </summary>
    /// <param name="folder">Created when absent. Data of an earlier start is kept and used.</param>
    /// <param name="port">Where the broker listens; null: the port of the last start when free, else any free one.</param>
    /// <param name="zooKeeperPort">The same for ZooKeeper.</param>
    /// <param name="brokerSettings">Further settings for <c>server.properties</c>; they override ours.</param>
    /// <exception cref="LocalServiceException">Java or Kafka is not installed, or one of the two does not start.</exception>
    public static async Task<LocalKafka> StartAsync(
        string folder,
        int? port = null,
        int? zooKeeperPort = null,
        IReadOnlyDictionary<string, string>? brokerSettings = null,
        CancellationToken cancellationToken = default)
    {
        var files = new ServiceFolder<KafkaState>(folder);
        using var held = await files.LockAsync(cancellationToken);
        var state = files.ReadState() ?? new KafkaState(0, 0, null, null);
        for (var attempt = 1; ; attempt++)
        {
            var kafka = new LocalKafka(files, state, brokerSettings);
            if (kafka.Keeper is null)
                kafka._state = kafka._state with { ZooKeeperPort = zooKeeperPort ?? FindPort(attempt, state.ZooKeeperPort) };
            if (kafka.Broker is null)
                kafka._state = kafka._state with { Port = port ?? FindPort(attempt, state.Port) };
            try
            {
                await kafka.LaunchMissingAsync(cancellationToken);
                return kafka;
            }
            catch (LocalServiceException) when (port is null && attempt < 3 && kafka.PortIsTaken())
            {
                // Somebody else took a port between the look and the start: try others.
                state = kafka._state;
            }
        }
    }

    /// <summary>The broker that runs in this folder; null when ZooKeeper or the broker does not run.</summary>
    public static LocalKafka? TryAttach(string folder) =>
        TryFind(folder) is { Broker: not null, Keeper: not null } kafka ? kafka : null;

    /// <summary>
    /// Stops what runs in this folder, the broker or ZooKeeper alone too, after a start under way there. False when
    /// nothing runs.
    /// </summary>
    internal static async Task<bool> StopInAsync(string folder, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
            return false;
        using var held = await new ServiceFolder<KafkaState>(folder).LockAsync(cancellationToken);
        if (TryFind(folder) is not { } running)
            return false;
        await running.StopAsync(cancellationToken);
        return true;
    }

    private static LocalKafka? TryFind(string folder)
    {
        var files = new ServiceFolder<KafkaState>(folder);
        return files.ReadState() is { } state && (state.Broker is { IsAlive: true } || state.ZooKeeper is { IsAlive: true })
            ? new LocalKafka(files, state, null)
            : null;
    }

    /// <summary>True when a metadata request answers within two seconds.</summary>
    public bool Answers() => Broker is not null && KafkaTopics.Answers(Address, TimeSpan.FromSeconds(2));

    /// <summary>Stops broker and ZooKeeper in order.</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        await StopBrokerAsync(cancellationToken);
        if (_state.ZooKeeper is { } keeper)
            await keeper.EndAsync(UnixSignal.Terminate, StopPatience, cancellationToken);
        Record(_state with { ZooKeeper = null });
    }

    /// <summary>Stops the broker alone, in order.</summary>
    public async Task StopBrokerAsync(CancellationToken cancellationToken = default)
    {
        // A broker that cannot reach ZooKeeper never ends its orderly shutdown; EndAsync then kills it.
        if (_state.Broker is { } broker)
            await broker.EndAsync(UnixSignal.Terminate, StopPatience, cancellationToken);
        Record(_state with { Broker = null });
    }

    /// <summary>Kills the broker with SIGKILL and returns once it is gone. Its data stays.</summary>
    public async Task KillBrokerAsync()
    {
        if (_state.Broker is not { } broker)
            return;
        broker.Send(UnixSignal.Kill);
        await broker.WaitForExitAsync(StopPatience);
        Record(_state with { Broker = null });
    }

    /// <summary>Kills broker and ZooKeeper with SIGKILL.</summary>
    public async Task KillAsync()
    {
        await KillBrokerAsync();
        if (_state.ZooKeeper is not { } keeper)
            return;
        keeper.Send(UnixSignal.Kill);
        await keeper.WaitForExitAsync(StopPatience);
        Record(_state with { ZooKeeper = null });
    }

    /// <summary>Holds the broker still (SIGSTOP): connections stay open and nothing answers.</summary>
    public void PauseBroker() => Broker?.Send(UnixSignal.Stop);

    /// <summary>Ends <see cref="PauseBroker"/>.</summary>
    public void ResumeBroker() => Broker?.Send(UnixSignal.Continue);

    /// <summary>Starts again what was stopped or killed, on the same data and ports.</summary>
    /// <exception cref="LocalServiceException">It does not start.</exception>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        using var held = await _folder.LockAsync(cancellationToken);
        await LaunchMissingAsync(cancellationToken);
    }

    /// <summary>Removes the data of the stopped broker and ZooKeeper.</summary>
    public static void Wipe(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private static int FindPort(int attempt, int lastPort) =>
        LoopbackPort.Find(attempt == 1 && lastPort > 0 ? lastPort : null);

    private bool PortIsTaken() =>
        (Broker is null && LoopbackPort.IsListening(_state.Port))
        || (Keeper is null && LoopbackPort.IsListening(_state.ZooKeeperPort));

    private async Task LaunchMissingAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (Keeper is null)
            {
                Launch(
                    KafkaConfiguration.ZooKeeper(Folder, _state.ZooKeeperPort),
                    started => _state with { ZooKeeper = started });
            }
            await WaitAsync("ZooKeeper", () => Keeper, _state.ZooKeeperPort, _folder.File("zookeeper.log"), cancellationToken);
            if (Broker is null)
            {
                await ForgetDeadBrokerAsync(cancellationToken);
                Launch(
                    KafkaConfiguration.Broker(Folder, _state.Port, _state.ZooKeeperPort, _brokerSettings),
                    started => _state with { Broker = started });
            }
            await WaitAsync("Kafka", () => Broker, _state.Port, LogPath, cancellationToken);
            await WaitForMetadataAsync(cancellationToken);
            await KafkaTopics.CreateAsync(Address, [KafkaConfiguration.OffsetsTopic], cancellationToken);
        }
        catch
        {
            await KillAsync();
            throw;
        }
    }

    private void Launch(KafkaConfiguration program, Func<ProcessIdentity, KafkaState> recorded)
    {
        program.Write();
        Record(recorded(DetachedProcess.Start(program.Command(), program.LogPath, Folder)));
    }

    /// <summary>
    /// Removes what a killed broker left registered in ZooKeeper until its session times out; a broker that starts
    /// before that would take its own ghost for another broker of the same id and give up.
    /// </summary>
    private async Task ForgetDeadBrokerAsync(CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var client = ZooKeeperClient.Connect(ZooKeeper);
                client.Delete("/brokers/ids/0");
                client.Delete("/controller");
                return;
            }
            catch (LocalServiceException) when (Keeper is not null && waited.Elapsed < StartPatience)
            {
                // It listens before it has read its data and hangs up meanwhile.
                await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
            }
        }
    }

    private static async Task WaitAsync(
        string name, Func<ProcessIdentity?> process, int port, string logPath, CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            var running = process() ?? throw LocalServiceException.WithLog($"{name} did not start.", logPath);
            if (LoopbackPort.IsListenedBy(port, running))
                return;
            if (waited.Elapsed > StartPatience)
                throw LocalServiceException.WithLog($"{name} does not listen after {StartPatience.TotalSeconds} s.", logPath);
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        }
    }

    private async Task WaitForMetadataAsync(CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        while (!KafkaTopics.Answers(Address, TimeSpan.FromSeconds(1)))
        {
            if (Broker is null)
                throw LocalServiceException.WithLog("Kafka ended while it started.", LogPath);
            if (waited.Elapsed > StartPatience)
                throw LocalServiceException.WithLog($"Kafka did not answer within {StartPatience.TotalSeconds} s.", LogPath);
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        }
    }

    private void Record(KafkaState next)
    {
        _state = next;
        _folder.WriteState(next);
    }
}

/// <summary>What <c>state.json</c> of a Kafka folder holds: ports on 127.0.0.1 and the running processes.</summary>
internal sealed record KafkaState(int Port, int ZooKeeperPort, ProcessIdentity? Broker, ProcessIdentity? ZooKeeper);

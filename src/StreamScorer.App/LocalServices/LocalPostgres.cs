using System.Globalization;
using Npgsql;

namespace StreamScorer.App.LocalServices;

/// <summary>
/// A real PostgreSQL server of our own on 127.0.0.1, with its data, log and state in one folder. It outlives the
/// program that starts it; a later program finds it with <see cref="TryAttach"/>. Not safe for use by several threads.
/// </summary>
public sealed class LocalPostgres
{
    internal const string Role = "streamscorer";
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);

    private readonly ServiceFolder<PostgresState> _folder;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private PostgresState _state;

    private LocalPostgres(
        ServiceFolder<PostgresState> folder, PostgresState state, IReadOnlyDictionary<string, string> settings)
    {
        _folder = folder;
        _state = state;
        _settings = settings;
    }

    public string Folder => _folder.Path;

    /// <summary>The server's own messages.</summary>
    public string LogPath => _folder.File("postgres.log");

    /// <summary>Where the data lies: mostly inside <see cref="Folder"/>.</summary>
    public string DataFolder => _state.DataFolder;

    public int Port => _state.Port;

    /// <summary>The server's first process; null while it is stopped.</summary>
    public ProcessIdentity? Process => _state.Server is { IsAlive: true } server ? server : null;

    /// <summary>For Npgsql; the database and the role are both called streamscorer.</summary>
    public string ConnectionString => ConnectionStringFor(Role);

    /// <summary>
    /// Starts the server, making its data folder on the first start, and returns once a query answers. A server that
    /// already runs in this folder is taken as it is.
    /// </summary>
    /// <param name="folder">Created when absent. Data of an earlier start is kept and used.</param>
    /// <param name="port">Where to listen; null: the port of the last start when it is free, else any free one.</param>
    /// <param name="settings">Further server settings, as in <c>postgresql.conf</c>.</param>
    /// <exception cref="LocalServiceException">PostgreSQL is not installed or does not start.</exception>
    public static async Task<LocalPostgres> StartAsync(
        string folder,
        int? port = null,
        IReadOnlyDictionary<string, string>? settings = null,
        CancellationToken cancellationToken = default)
    {
        var files = new ServiceFolder<PostgresState>(folder);
        using var held = await files.LockAsync(cancellationToken);
        var state = files.ReadState();
        if (state?.Server is { IsAlive: true })
        {
            var running = new LocalPostgres(files, state, settings ?? new Dictionary<string, string>());
            await running.WaitUntilReadyAsync(cancellationToken);
            return running;
        }

        var data = Directory.Exists(state?.DataFolder) ? state.DataFolder : PostgresOwner.PlaceData(files.File("data"));
        // Not yet in the state: an initdb that is interrupted must be done again from the start.
        if (!File.Exists(Path.Combine(data, "initialised")))
            await PostgresOwner.InitialiseAsync(data, files.File("postgres.log"), cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            var free = port ?? LoopbackPort.Find(attempt == 1 ? state?.Port : null);
            var server = new LocalPostgres(
                files, new PostgresState(data, free, null), settings ?? new Dictionary<string, string>());
            try
            {
                await server.LaunchAsync(cancellationToken);
                return server;
            }
            catch (LocalServiceException) when (port is null && attempt < 3 && LoopbackPort.IsListening(free))
            {
                // Somebody else took the port between the look and the start: try another.
            }
        }
    }

    /// <summary>The server that runs in this folder; null when none does.</summary>
    public static LocalPostgres? TryAttach(string folder)
    {
        var files = new ServiceFolder<PostgresState>(folder);
        return files.ReadState() is { Server.IsAlive: true } state
            ? new LocalPostgres(files, state, new Dictionary<string, string>())
            : null;
    }

    /// <summary>Stops the server that runs in this folder, after a start under way there. False when there is none.</summary>
    internal static async Task<bool> StopInAsync(string folder, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
            return false;
        using var held = await new ServiceFolder<PostgresState>(folder).LockAsync(cancellationToken);
        if (TryAttach(folder) is not { } running)
            return false;
        await running.StopAsync(cancellationToken);
        return true;
    }

    /// <summary>True when a query answers now.</summary>
    public async Task<bool> AnswersAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await ExecuteAsync("SELECT 1", Role, cancellationToken);
            return true;
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Stops the server in order: open transactions are rolled back, data is flushed.</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        // SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for clients to leave.
        if (_state.Server is { } server)
            await server.EndAsync(UnixSignal.Interrupt, StopPatience, cancellationToken);
        Forget();
    }

    /// <summary>Kills the server and its sessions with SIGKILL, as a power cut would, and returns once they are gone.</summary>
    public async Task KillAsync()
    {
        if (_state.Server is not { } server)
            return;
        var sessions = server.Children();
        server.KillWithChildren();
        await server.WaitForExitAsync(StopPatience);
        // The next start refuses the data folder while a session of the old server holds the shared memory.
        foreach (var session in sessions)
            await session.WaitForExitAsync(StopPatience);
        Forget();
    }

    /// <summary>Holds the server still (SIGSTOP): its connections stay open and nothing answers.</summary>
    public void Pause() => SendToAll(UnixSignal.Stop);

    /// <summary>Ends <see cref="Pause"/>.</summary>
    public void Resume() => SendToAll(UnixSignal.Continue);

    /// <summary>Starts the stopped or killed server again on the same data and port.</summary>
    /// <exception cref="LocalServiceException">It does not start.</exception>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        using var held = await _folder.LockAsync(cancellationToken);
        if (Process is null)
            await LaunchAsync(cancellationToken);
    }

    /// <summary>Removes the data of the stopped server.</summary>
    public static void Wipe(string folder)
    {
        var files = new ServiceFolder<PostgresState>(folder);
        // The data may lie elsewhere, see PostgresOwner.PlaceData.
        if (files.ReadState() is { } state && Directory.Exists(state.DataFolder))
            Directory.Delete(state.DataFolder, recursive: true);
        if (Directory.Exists(files.Path))
            Directory.Delete(files.Path, recursive: true);
    }

    private async Task LaunchAsync(CancellationToken cancellationToken)
    {
        List<string> command = [Path.Combine(ServicePrograms.PostgresFolder(), "postgres"), "-D", _state.DataFolder];
        var values = new Dictionary<string, string>
        {
            ["port"] = Port.ToString(CultureInfo.InvariantCulture),
            ["listen_addresses"] = "127.0.0.1",
            // A socket file needs a short path and a folder that the server's user may write.
            ["unix_socket_directories"] = "",
            ["max_connections"] = "200",
            ["timezone"] = "UTC",
        };
        foreach (var (name, value) in _settings)
            values[name] = value;
        foreach (var (name, value) in values)
            command.AddRange(["-c", $"{name}={value}"]);

        _state = _state with { Server = DetachedProcess.Start(PostgresOwner.AsOwner(command), LogPath, _state.DataFolder) };
        _folder.WriteState(_state);
        try
        {
            await WaitUntilReadyAsync(cancellationToken);
        }
        catch
        {
            _state.Server?.KillWithChildren();
            throw;
        }
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        var waited = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            if (Process is null)
                throw LocalServiceException.WithLog("PostgreSQL did not start.", LogPath);
            if (LoopbackPort.IsListening(Port) && await TryPrepareDatabaseAsync(cancellationToken))
                return;
            if (waited.Elapsed > StartPatience)
                throw LocalServiceException.WithLog($"PostgreSQL did not answer within {StartPatience.TotalSeconds} s.", LogPath);
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        }
    }

    private async Task<bool> TryPrepareDatabaseAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Two starts at once may have picked one port; the other server answers too, but from other data.
            var answering = await ExecuteAsync("SHOW data_directory", Role, cancellationToken);
            return answering as string == _state.DataFolder;
        }
        catch (PostgresException absent) when (absent.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            await ExecuteAsync($"CREATE DATABASE {Role}", "postgres", cancellationToken);
            return false;
        }
        catch (NpgsqlException)
        {
            // Starting up or recovering: SQLSTATE 57P03, or the connection is refused.
            return false;
        }
    }

    private async Task<object?> ExecuteAsync(string sql, string database, CancellationToken cancellationToken)
    {
        var text = new NpgsqlConnectionStringBuilder(ConnectionStringFor(database)) { Pooling = false, Timeout = 2 };
        await using var connection = new NpgsqlConnection(text.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 10 };
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private string ConnectionStringFor(string database) =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Username={Role};Database={database}");

    private void SendToAll(UnixSignal signal)
    {
        if (Process is not { } server)
            return;
        foreach (var session in server.Children())
            session.Send(signal);
        server.Send(signal);
    }

    private void Forget()
    {
        _state = _state with { Server = null };
        _folder.WriteState(_state);
    }
}

/// <summary>What <c>state.json</c> of a PostgreSQL folder holds.</summary>
/// <param name="DataFolder">Full path of the data; usually <c>data</c> in the same folder.</param>
/// <param name="Port">Port on 127.0.0.1 of the last start.</param>
/// <param name="Server">The server's first process; null after an orderly stop.</param>
internal sealed record PostgresState(string DataFolder, int Port, ProcessIdentity? Server);

using System.Text.Json;

namespace StreamScorer.App.LocalServices;

/// <summary>
/// The folder of one local service: its data, its log, and <c>state.json</c>, which says where the service listens and
/// which processes it is. The state survives the starter; whoever reads it must check that the processes still live.
/// </summary>
internal sealed class ServiceFolder<TState>(string path)
    where TState : class
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>
    /// Null when there is no state, or one that nobody can read, or that of the folder this one was copied from:
    /// a service that counts as never started.
    /// </summary>
    public TState? ReadState()
    {
        try
        {
            var written = JsonSerializer.Deserialize<Written>(System.IO.File.ReadAllText(File("state.json")));
            return written?.Folder == Path ? written.State : null;
        }
        catch (Exception failure) when (failure is IOException or JsonException)
        {
            return null;
        }
    }

    public void WriteState(TState state)
    {
        // Written beside and renamed: a program that reads at the same time sees the old state or the new one.
        var staged = File("state.json.new");
        System.IO.File.WriteAllText(staged, JsonSerializer.Serialize(new Written(Path, state), Format));
        System.IO.File.Move(staged, File("state.json"), overwrite: true);
    }

    /// <summary>
    /// Holds the folder until the result is disposed, so that two starts at once do not both start the service.
    /// </summary>
    public async Task<IDisposable> LockAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path);
        while (true)
        {
            try
            {
                return new FileStream(File("lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            }
        }
    }

    private sealed record Written(string Folder, TState State);
}

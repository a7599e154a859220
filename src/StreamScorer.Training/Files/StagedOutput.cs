using System.Diagnostics;
using System.Globalization;

namespace StreamScorer.Training.Files;

/// <summary>
/// Output built out of sight and put in place at the end: a hidden folder inside the target folder takes the new files and
/// folders, <see cref="Publish"/> renames them over the old ones. Until then nothing that stood there changes, and a
/// failure leaves everything as it was.
/// </summary>
/// <remarks>
/// Each rename is atomic, the sequence of them is not: a process killed between two leaves the first ones new. Publish
/// the file that readers trust most last.
/// </remarks>
public sealed class StagedOutput : IDisposable
{
    private const string Prefix = ".staging-";

    private readonly List<string> _names = [];
    private readonly string _root;
    private readonly string _staging;
    private readonly bool _rootIsNew;

    /// <param name="root">The folder to write into; made when absent, and removed again when nothing was published.</param>
    public StagedOutput(string root)
    {
        _root = root;
        _rootIsNew = !Directory.Exists(root);
        Directory.CreateDirectory(root);
        SweepAbandoned();
        var name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{Guid.NewGuid():N}");
        _staging = Path.Combine(root, name);
        Directory.CreateDirectory(_staging);
    }

    /// <summary>Where to write a file that shall stand at this place; its folder exists.</summary>
    /// <param name="name">Path relative to the root, with '/'.</param>
    public string StageFile(string name)
    {
        var path = Stage(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>A new, empty folder that shall replace the one at this place, with all that is in it.</summary>
    /// <param name="name">Path relative to the root, with '/'.</param>
    public string StageFolder(string name)
    {
        var path = Stage(name);
        Directory.CreateDirectory(path);
        return path;
    }

    /// <summary>Moves everything staged into place, in the order of staging. On an error all of it is taken back.</summary>
    public void Publish()
    {
        var done = new Stack<(string Name, bool HadOld)>();
        try
        {
            foreach (var name in _names) done.Push((name, Swap(name)));
        }
        catch
        {
            foreach (var (name, hadOld) in done) TakeBack(name, hadOld);
            throw;
        }

        _names.Clear();
    }

    /// <summary>Removes what was staged and not published.</summary>
    public void Dispose()
    {
        Directory.Delete(_staging, recursive: true);
        if (_rootIsNew && !Directory.EnumerateFileSystemEntries(_root).Any()) Directory.Delete(_root);
    }

    private string Stage(string name)
    {
        _names.Add(name);
        return Path.Combine(_staging, "new", name);
    }

    /// <summary>True when something stood there before; it lies under <c>old</c> until disposal.</summary>
    private bool Swap(string name)
    {
        var target = Path.Combine(_root, name);
        var old = OldPath(name);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var staged = Path.Combine(_staging, "new", name);
        if (File.Exists(staged) && !Directory.Exists(target))
        {
            // A file replaces a file in one step, so that a reader always finds the one or the other.
            var hadOld = File.Exists(target);
            if (hadOld)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(old)!);
                File.Copy(target, old, overwrite: true);
            }

            File.Move(staged, target, overwrite: true);
            return hadOld;
        }

        var replaced = MoveAside(target, old);
        try
        {
            Move(staged, target);
        }
        catch when (replaced)
        {
            Move(old, target);
            throw;
        }

        return replaced;
    }

    private static bool MoveAside(string target, string old)
    {
        if (!Directory.Exists(target) && !File.Exists(target)) return false;
        Directory.CreateDirectory(Path.GetDirectoryName(old)!);
        Move(target, old);
        return true;
    }

    private void TakeBack(string name, bool hadOld)
    {
        var target = Path.Combine(_root, name);
        Move(target, Path.Combine(_staging, "new", name));
        if (hadOld) Move(OldPath(name), target);
    }

    private string OldPath(string name) => Path.Combine(_staging, "old", name);

    private static void Move(string from, string to)
    {
        if (Directory.Exists(from)) Directory.Move(from, to);
        else File.Move(from, to);
    }

    /// <summary>Removes staging folders of processes that were killed; those of living ones are left alone.</summary>
    private void SweepAbandoned()
    {
        foreach (var folder in Directory.EnumerateDirectories(_root, Prefix + "*"))
        {
            var parts = Path.GetFileName(folder)[Prefix.Length..].Split('-');
            if (parts.Length == 2 && int.TryParse(parts[0], CultureInfo.InvariantCulture, out var id) && !IsAlive(id))
                Directory.Delete(folder, recursive: true);
        }
    }

    private static bool IsAlive(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}

using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace StreamScorer.App.Soak;

/// <summary>
/// A small file system of its own (tmpfs), to be filled to the last byte and freed again. Only root may mount one.
/// </summary>
internal sealed class SmallDisk : IDisposable
{
    private const string BallastName = ".ballast";

    private SmallDisk(string folder) => Folder = folder;

    /// <summary>Where it is mounted.</summary>
    public string Folder { get; }

    private string Ballast => Path.Combine(Folder, BallastName);

    /// <summary>Mounts a file system of this size on the folder; null where that is not allowed.</summary>
    public static SmallDisk? TryMount(string folder, long sizeBytes)
    {
        Directory.CreateDirectory(folder);
        return Run("mount", "-t", "tmpfs", "-o", "size=" + sizeBytes.ToString(CultureInfo.InvariantCulture), "tmpfs", folder)
            ? new SmallDisk(folder)
            : null;
    }

    /// <summary>Unmounts what a program that was killed left mounted on the folder.</summary>
    public static void Clear(string folder)
    {
        if (File.ReadLines("/proc/mounts").Any(line => line.Split(' ') is [_, var place, ..] && place == folder))
            Run("umount", "--lazy", folder);
    }

    /// <summary>Takes every free byte. A worker's next write fails with ENOSPC.</summary>
    public void Fill()
    {
        using var file = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        // Ever smaller pieces: the last page too is taken.
        for (var piece = new byte[1 << 20]; piece.Length > 0;)
        {
            try
            {
                file.Write(piece);
            }
            catch (IOException)
            {
                piece = new byte[piece.Length / 2];
            }
        }
    }

    /// <summary>Gives the space back.</summary>
    public void Free() => File.Delete(Ballast);

    /// <inheritdoc/>
    public void Dispose() => Run("umount", "--lazy", Folder);

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}

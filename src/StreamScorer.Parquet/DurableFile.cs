using System.ComponentModel;
using System.Runtime.InteropServices;

namespace StreamScorer.Parquet;

/// <summary>The file-system steps that make a file appear whole and stay after a power cut. Linux and macOS; the folder of a new
/// name must be synced too, or the name may vanish although the bytes stand.</summary>
public static partial class DurableFile
{
    private const int ReadOnly = 0;
    private const int ErrorInterrupted = 4;
    private const int ErrorExists = 17;
    private const int ErrorInvalid = 22;
    private const int ErrorNoSuchCall = 38;
    private const int WorkingDirectory = -100;
    private const uint Exchange = 2;

    /// <summary>Flushes a file's bytes and length to the disk (fsync).</summary>
    /// <exception cref="IOException">The disk refused; the message names the path and the system's reason.</exception>
    public static void SyncFile(string path) => Sync(path);

    /// <summary>Flushes a folder's entries to the disk (fsync).</summary>
    /// <exception cref="IOException">The disk refused; the message names the path and the system's reason.</exception>
    public static void SyncDirectory(string path) => Sync(path);

    /// <summary>Renames a file, replacing what stands under the new name, and syncs the target's folder. Source and target must
    /// lie on one file system.</summary>
    /// <exception cref="IOException">The rename or the sync failed.</exception>
    public static void Rename(string from, string to)
    {
        if (RenameFile(from, to) != 0)
            throw Failure($"Cannot rename {from} to {to}");
        SyncDirectory(FolderOf(to));
    }

    /// <summary>Gives a staged file its final name unless that name is taken, syncs the final folder, then drops the staging name.
    /// </summary>
    /// <returns>True when the file now stands under <paramref name="final"/>; false when another file stood there already, which
    /// is left alone, as is the staged one.</returns>
    /// <exception cref="IOException">The link or the sync failed.</exception>
    public static bool PutIfAbsent(string staged, string final)
    {
        // link() fails where the target exists, atomically; rename() would replace it.
        if (Link(staged, final) != 0)
        {
            if (Marshal.GetLastPInvokeError() == ErrorExists)
                return false;
            throw Failure($"Cannot link {staged} to {final}");
        }
        SyncDirectory(FolderOf(final));
        File.Delete(staged);
        return true;
    }

    /// <summary>Lets two folders change names in one step (renameat2 with RENAME_EXCHANGE, Linux), then syncs the folders they lie in:
    /// whoever opens one of the paths gets the one folder or the other, never neither. Both must lie on one file system.</summary>
    /// <exception cref="IOException">A folder is missing, or the file system cannot exchange; nothing has changed then. Or the sync
    /// failed.</exception>
    public static void ExchangeFolders(string one, string other)
    {
        if (RenameAt(WorkingDirectory, one, WorkingDirectory, other, Exchange) != 0)
        {
            string remedy = Marshal.GetLastPInvokeError() is ErrorInvalid or ErrorNoSuchCall
                ? " (their file system must know RENAME_EXCHANGE, as ext4, xfs, btrfs and tmpfs do)"
                : "";
            throw Failure($"Cannot exchange {one} and {other}{remedy}");
        }
        SyncDirectory(FolderOf(one));
        SyncDirectory(FolderOf(other));
    }

    /// <summary>The folder a path lies in, as a path that can be opened.</summary>
    internal static string FolderOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";

    private static void Sync(string path)
    {
        int descriptor = Open(path, ReadOnly);
        if (descriptor < 0)
            throw Failure($"Cannot open {path} to sync it");
        try
        {
            while (Fsync(descriptor) != 0)
            {
                if (Marshal.GetLastPInvokeError() != ErrorInterrupted)
                    throw Failure($"Cannot sync {path} to disk");
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failure(string what)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{what}: {Marshal.GetPInvokeErrorMessage(error)}.", new Win32Exception(error));
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string added);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt(int folder, string from, int otherFolder, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameFile(string from, string to);
}

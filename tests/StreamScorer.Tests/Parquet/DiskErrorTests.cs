using StreamScorer.Parquet;
using StreamScorer.Parquet.Compression;
using Xunit;

namespace StreamScorer.Tests.Parquet;

/// <summary>A disk that refuses, and a library that is not there: one error that says which and why, and no file left.</summary>
public sealed class DiskErrorTests : IDisposable
{
    private static readonly ParquetSchema OneColumn = new(new ParquetColumn("n", ParquetType.Int64));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_full_disk_is_one_error_with_the_path_and_leaves_nothing()
    {
        // Linux's always full device, behind a staging name.
        File.CreateSymbolicLink(_folder["x.staging"], "/dev/full");

        var e = Assert.Throws<IOException>(() => Write(_folder["x.staging"]));

        Assert.Contains("x.staging", e.Message, StringComparison.Ordinal);
        Assert.Contains("No space left on device", e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void An_error_while_tidying_up_does_not_hide_the_first()
    {
        Directory.CreateDirectory(_folder["gone"]);
        File.WriteAllText(_folder["taken.parquet"], "taken");
        ParquetFileWriter failed = ParquetFileWriter.Create(_folder["gone/x.staging"], OneColumn);
        Assert.Throws<IOException>(() => failed.CompleteAs(_folder["taken.parquet"]));
        ParquetFileWriter unfinished = ParquetFileWriter.Create(_folder["gone/y.staging"], OneColumn);
        Directory.Move(_folder["gone"], _folder["elsewhere"]);

        failed.Dispose();

        // Where nothing has failed before, what cannot be deleted is told.
        Assert.Throws<DirectoryNotFoundException>(unfinished.Dispose);
    }

    [Fact]
    public void After_a_failed_write_nothing_completes_the_file()
    {
        File.CreateSymbolicLink(_folder["x.staging"], "/dev/full");
        Assert.Throws<IOException>(() => ParquetFileWriter.Create(_folder["x.staging"], OneColumn));
        File.WriteAllText(_folder["taken.parquet"], "taken");
        using ParquetFileWriter writer = ParquetFileWriter.Create(_folder["y.staging"], OneColumn);
        Assert.Throws<IOException>(() => writer.CompleteAs(_folder["taken.parquet"]));

        Assert.Throws<InvalidOperationException>(writer.Complete);
    }

    [Fact]
    public void A_folder_that_takes_no_files_is_an_error_with_the_path()
    {
        // Nobody, root included, makes a file in /proc.
        var e = Assert.ThrowsAny<Exception>(() => ParquetFileWriter.Create("/proc/x.staging", OneColumn));

        Assert.True(e is IOException or UnauthorizedAccessException, e.GetType().Name);
        Assert.Contains("/proc/x.staging", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_that_cannot_be_read_is_an_error_and_no_parquet_fault()
    {
        // Reading a process's memory at 0, which is never mapped, is EIO.
        using (Microsoft.Win32.SafeHandles.SafeFileHandle handle = File.OpenHandle("/proc/self/mem"))
        {
            var e = Assert.Throws<IOException>(() => RandomAccess.Read(handle, new byte[4], 0));
            Assert.Contains("Input/output error", e.Message, StringComparison.Ordinal);
        }
        Assert.Throws<FileNotFoundException>(() => ParquetFileReader.Open(_folder["nothing.parquet"]));
    }

    [Fact]
    public void Without_libzstd_the_error_says_how_to_get_it()
    {
        var e = Assert.Throws<ParquetException>(() => ZstdLibrary.From(["libno-such-library.so.1"]));

        Assert.Contains("apt-get install libzstd1", e.Message, StringComparison.Ordinal);
    }

    private static void Write(string path)
    {
        using ParquetFileWriter writer = ParquetFileWriter.Create(path, OneColumn, new ParquetWriterOptions { RowGroupRows = 1_000 });
        for (long i = 0; i < 5_000; i++)
        {
            writer.Column(0).Append(i);
            writer.EndRow();
        }
        writer.Complete();
    }
}

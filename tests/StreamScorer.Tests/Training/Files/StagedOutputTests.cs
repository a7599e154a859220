using StreamScorer.Training.Files;
using Xunit;

namespace StreamScorer.Tests.Training.Files;

public sealed class StagedOutputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Nothing_changes_before_publishing_and_everything_after()
    {
        Directory.CreateDirectory(_folder["parts"]);
        File.WriteAllText(_folder["parts/old.txt"], "old");
        File.WriteAllText(_folder["one.txt"], "old");
        using (var staged = new StagedOutput(_folder.Path))
        {
            File.WriteAllText(staged.StageFile("one.txt"), "new");
            File.WriteAllText(staged.StageFile("deep/two.txt"), "new");
            File.WriteAllText(Path.Combine(staged.StageFolder("parts"), "new.txt"), "new");
            Assert.Equal("old", File.ReadAllText(_folder["one.txt"]));
            Assert.False(Directory.Exists(_folder["deep"]));
            staged.Publish();
        }

        Assert.Equal("new", File.ReadAllText(_folder["one.txt"]));
        Assert.Equal("new", File.ReadAllText(_folder["deep/two.txt"]));
        Assert.Equal(["new.txt"], Directory.GetFiles(_folder["parts"]).Select(Path.GetFileName));
        Assert.Equal(["deep", "one.txt", "parts"], Names());
    }

    [Fact]
    public void A_failure_before_publishing_leaves_no_trace()
    {
        using (var staged = new StagedOutput(_folder["new"])) File.WriteAllText(staged.StageFile("a.txt"), "half");
        Assert.False(Directory.Exists(_folder["new"]));
    }

    [Fact]
    public void A_failure_while_publishing_takes_everything_back()
    {
        File.WriteAllText(_folder["a.txt"], "old");
        using (var staged = new StagedOutput(_folder.Path))
        {
            File.WriteAllText(staged.StageFile("a.txt"), "new");
            File.WriteAllText(staged.StageFile("b.txt"), "new");
            staged.StageFile("never-written.txt");
            Assert.ThrowsAny<IOException>(staged.Publish);
        }

        Assert.Equal("old", File.ReadAllText(_folder["a.txt"]));
        Assert.Equal(["a.txt"], Names());
    }

    [Fact]
    public void What_a_killed_process_left_is_swept_and_what_a_living_one_writes_is_not()
    {
        Directory.CreateDirectory(_folder[$".staging-{int.MaxValue}-0"]);
        using var other = new StagedOutput(_folder.Path);
        var written = other.StageFile("a.txt");
        File.WriteAllText(written, "");
        using (new StagedOutput(_folder.Path))
        {
            Assert.False(Directory.Exists(_folder[$".staging-{int.MaxValue}-0"]));
            Assert.True(File.Exists(written));
        }
    }

    private IEnumerable<string?> Names() => Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order();
}

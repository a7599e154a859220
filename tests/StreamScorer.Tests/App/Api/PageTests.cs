using System.Net;
using System.Text.RegularExpressions;
using Xunit;

namespace StreamScorer.Tests.App.Api;

/// <summary>The pages as files: complete, from here alone, without code that their rules forbid, and readable in both themes.</summary>
public sealed partial class PageTests
{
    private static readonly string Folder = Path.Combine(RepositoryFolder.Path, "src", "StreamScorer.App", "Pages");

    private static IEnumerable<(string Name, string Text)> Files =>
        Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Select(file => (Path.GetRelativePath(Folder, file), File.ReadAllText(file)));

    [Fact]
    public async Task Every_page_and_every_file_that_it_names_is_served()
    {
        await using var service = await ApiService.StartAsync();
        var open = new Queue<string>(["/", "/stream", "/model", "/login", "/docs"]);
        var seen = new HashSet<string>(open);
        while (open.TryDequeue(out var path))
        {
            var answer = await service.GetAsync(path, key: "");
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            Assert.Contains("default-src 'none'", answer.Headers["Content-Security-Policy"], StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", answer.Headers["Content-Security-Policy"], StringComparison.Ordinal);
            foreach (var link in Linked().Matches(answer.Body).Select(match => match.Groups[1].Value))
            {
                var found = new Uri(new Uri(service.Address, path), link).AbsolutePath;
                if (found.StartsWith("/pages/", StringComparison.Ordinal) && seen.Add(found))
                    open.Enqueue(found);
            }
        }

        // Modules, styles, icons: nothing lies in the folder that no page uses.
        Assert.Equal(Files.Count(file => !file.Name.EndsWith(".html", StringComparison.Ordinal)), seen.Count(path => path.StartsWith("/pages/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_file_that_has_not_changed_is_not_sent_again()
    {
        await using var service = await ApiService.StartAsync();
        var first = await service.GetAsync("/pages/base.css", key: "");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/pages/base.css");
        request.Headers.TryAddWithoutValidation("If-None-Match", first.Headers["ETag"]);
        var again = await service.SendAsync(request, "");
        Assert.Equal(HttpStatusCode.NotModified, again.Status);
        Assert.Empty(again.Body);
    }

    [Fact]
    public void Nothing_comes_from_elsewhere_and_nothing_needs_inline_code() => RepositoryTests.NoFaults(
        from file in Files
        from found in Forbidden().Matches(file.Text.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal))
        select $"{file.Name}: {found.Value}");

    [Fact]
    public void Text_has_the_contrast_that_WCAG_AA_asks_for()
    {
        var css = File.ReadAllText(Path.Combine(Folder, "base.css"));
        var colours = Colour().Matches(css);
        Assert.True(colours.Count >= 20, $"{colours.Count} colours read, there are more");
        List<Dictionary<string, double>> themes = [.. new[] { 2, 3 }.Select(theme =>
            colours.ToDictionary(colour => colour.Groups[1].Value, colour => Luminance(colour.Groups[theme].Value)))];
        (string Text, string Ground)[] pairs =
        [
            ("ink", "paper"), ("ink", "card"), ("ink", "sunken"), ("soft", "paper"), ("soft", "card"), ("soft", "sunken"),
            ("accent", "card"), ("accent", "paper"), ("on-accent", "accent"), ("hot", "card"), ("hot", "hot-soft"), ("good", "good-soft"),
            ("warn", "warn-soft"), ("bad", "bad-soft"), ("bad", "card"), ("ink", "accent-soft"), ("soft", "accent-soft"), ("soft", "hot-soft"),
        ];
        RepositoryTests.NoFaults(
            from theme in themes
            from pair in pairs
            let ratio = Contrast(theme[pair.Text], theme[pair.Ground])
            where ratio < 4.5
            select $"--{pair.Text} on --{pair.Ground}: {ratio:0.00}, at least 4.5");
        // What is not text, but tells: lines of charts and borders of controls.
        RepositoryTests.NoFaults(
            from theme in themes
            from name in (string[])["series-1", "series-2", "series-3", "line-strong"]
            let ratio = Contrast(theme[name], theme["card"])
            where ratio < 3
            select $"--{name} on --card: {ratio:0.00}, at least 3");
    }

    private static double Contrast(double one, double other) => (Math.Max(one, other) + 0.05) / (Math.Min(one, other) + 0.05);

    // Relative luminance, WCAG 2.2.
    private static double Luminance(string hex)
    {
        double Channel(int at)
        {
            var share = Convert.ToInt32(hex.Substring(at, 2), 16) / 255.0;
            return share <= 0.04045 ? share / 12.92 : Math.Pow((share + 0.055) / 1.055, 2.4);
        }

        return (0.2126 * Channel(0)) + (0.7152 * Channel(2)) + (0.0722 * Channel(4));
    }

    [GeneratedRegex("""(?:href="|src="|from "|import "|`)((?:/pages/|\./|\.\./)[\w./-]+)""")]
    private static partial Regex Linked();

    [GeneratedRegex("""https?:|//[a-z]+\.|\son[a-z]+="|\sstyle="|<style|<script>|\beval\(|\.(inner|outer)HTML\b|insertAdjacentHTML|new Function|@import""")]
    private static partial Regex Forbidden();

    /// <summary>A colour's name, and how it is in the light and in the dark.</summary>
    [GeneratedRegex(@"--([a-z0-9-]+): light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\);")]
    private static partial Regex Colour();
}

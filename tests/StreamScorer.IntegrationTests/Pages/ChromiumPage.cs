using System.Diagnostics;
using System.Text.Json;

namespace StreamScorer.IntegrationTests.Pages;

/// <summary>One open page: what it asked for, what it complained of, and what a person could do with it.</summary>
internal sealed class ChromiumPage(Chromium browser, string session, string target)
{
    private static readonly Dictionary<string, int> KeyCodes = new()
    {
        ["Tab"] = 9,
        ["Enter"] = 13,
        ["Escape"] = 27,
        ["End"] = 35,
        ["ArrowDown"] = 40,
    };

    private readonly List<string> _complaints = [];
    private readonly List<string> _requests = [];

    /// <summary>Errors and warnings on the console, exceptions, and refusals by the page's rules.</summary>
    public IReadOnlyList<string> Complaints
    {
        get
        {
            lock (_complaints)
                return [.. _complaints];
        }
    }

    /// <summary>Everything that it asked for.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    public async Task PrepareAsync(int width, int height, bool phone, string scheme)
    {
        foreach (var domain in (string[])["Page", "Runtime", "Log", "Network"])
            await SendAsync(domain + ".enable");
        await SendAsync("Emulation.setDeviceMetricsOverride", new { width, height, deviceScaleFactor = 1, mobile = phone });
        await SendAsync("Emulation.setEmulatedMedia", new { features = new[] { new { name = "prefers-color-scheme", value = scheme } } });
    }

    public Task<JsonElement> SendAsync(string method, object? parameters = null) => browser.SendAsync(method, parameters, session);

    public async Task GoToAsync(Uri address)
    {
        await SendAsync("Page.navigate", new { url = address.ToString() });
        await WaitAsync($"document.readyState === 'complete' && location.origin === '{address.GetLeftPart(UriPartial.Authority)}'", $"the page {address.AbsolutePath}");
    }

    /// <summary>The value of an expression in the page.</summary>
    public async Task<T> EvaluateAsync<T>(string expression)
    {
        var answer = await SendAsync("Runtime.evaluate", new { expression, returnByValue = true, awaitPromise = true });
        if (answer.TryGetProperty("exceptionDetails", out var failure))
            throw new InvalidOperationException($"{expression}: {failure.GetProperty("exception").GetProperty("description").GetString()}");
        return answer.GetProperty("result").TryGetProperty("value", out var value) ? value.Deserialize<T>()! : default!;
    }

    /// <summary>Waits until an expression holds in the page; fails with what the page shows.</summary>
    public async Task WaitAsync(string condition, string what, int seconds = 30)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed.TotalSeconds < seconds; await Task.Delay(25))
        {
            try
            {
                if (await EvaluateAsync<bool>(condition))
                    return;
            }
            catch (InvalidOperationException)
            {
                // Between two documents there is nothing to ask.
            }
        }

        var shown = await EvaluateAsync<string>("document.body?.innerText.slice(0, 1500) ?? ''");
        throw new InvalidOperationException($"No {what}. Complaints: {string.Join("; ", Complaints)}\nThe page shows:\n{shown}");
    }

    /// <summary>Presses a key, as the keyboard does.</summary>
    public async Task PressAsync(string key)
    {
        var code = KeyCodes[key];
        if (key == "Enter")
            await SendAsync("Input.dispatchKeyEvent", new { type = "keyDown", key, code = key, windowsVirtualKeyCode = code, text = "\r" });
        else
            await SendAsync("Input.dispatchKeyEvent", new { type = "rawKeyDown", key, code = key, windowsVirtualKeyCode = code });
        await SendAsync("Input.dispatchKeyEvent", new { type = "keyUp", key, code = key, windowsVirtualKeyCode = code });
    }

    /// <summary>Types into what has the focus.</summary>
    public Task TypeAsync(string text) => SendAsync("Input.insertText", new { text });

    /// <summary>Whether the page is wider than its window.</summary>
    public Task<bool> IsCutAsync() => EvaluateAsync<bool>("document.documentElement.scrollWidth > innerWidth");

    /// <summary>Writes what it looks like to a PNG file.</summary>
    public async Task SaveAsync(string file)
    {
        var picture = await SendAsync("Page.captureScreenshot");
        await File.WriteAllBytesAsync(file, picture.GetProperty("data").GetBytesFromBase64());
    }

    public Task CloseAsync() => browser.SendAsync("Target.closeTarget", new { targetId = target });

    internal void Hear(string method, JsonElement what)
    {
        switch (method)
        {
            case "Network.requestWillBeSent":
                lock (_requests)
                    _requests.Add(what.GetProperty("request").GetProperty("url").GetString()!);
                break;
            case "Runtime.exceptionThrown":
                Complain(what.GetProperty("exceptionDetails").ToString());
                break;
            case "Runtime.consoleAPICalled" when what.GetProperty("type").GetString() is "error" or "warning" or "assert":
                Complain(what.GetProperty("args").ToString());
                break;
            case "Log.entryAdded" when what.GetProperty("entry").GetProperty("level").GetString() is "error" or "warning":
                Complain(what.GetProperty("entry").ToString());
                break;
        }
    }

    private void Complain(string complaint)
    {
        lock (_complaints)
            _complaints.Add(complaint);
    }
}

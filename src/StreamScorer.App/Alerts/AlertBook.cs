namespace StreamScorer.App.Alerts;

/// <summary>What is told to people about one alert.</summary>
/// <param name="Rule">The condition.</param>
/// <param name="Finding">What it holds, or held, for.</param>
/// <param name="IsResolved">False: it holds; true: it has ended.</param>
/// <param name="Since">Since when it holds, or held.</param>
internal sealed record AlertNotice(AlertRule Rule, AlertFinding Finding, bool IsResolved, DateTimeOffset Since);

/// <summary>
/// Which alerts are on, and what people have been told: a condition is told once it has lasted, again at intervals, and
/// its end once, to those only who were told of its beginning. What could not be delivered stays due. One thread at a time.
/// </summary>
internal sealed class AlertBook(AlertOptions options, TimeProvider clock)
{
    private readonly Dictionary<(string Rule, string Subject), Entry> _entries = [];

    /// <summary>Alerts that have lasted long enough to be told, oldest first.</summary>
    public IReadOnlyList<AlertNotice> Firing =>
        [.. _entries.Values.Where(entry => entry.Holds && entry.IsRipe).Select(entry => entry.Notice).OrderBy(notice => notice.Since)];

    /// <summary>Takes in the figures of now and gives what is due to be told.</summary>
    public IReadOnlyList<AlertNotice> Look(IReadOnlyList<AlertRule> rules, AlertFigures figures)
    {
        var now = clock.GetUtcNow();
        foreach (var entry in _entries.Values)
            entry.Holds = false;
        foreach (var rule in rules)
            foreach (var finding in rule.Check(figures))
                Note(rule, finding, now);
        foreach (var key in _entries.Where(each => !each.Value.Holds && each.Value.ToldAt is null).Select(each => each.Key).ToList())
            _entries.Remove(key);
        foreach (var entry in _entries.Values)
            entry.IsRipe = now - entry.Since >= entry.Rule.For * options.PatienceFactor;
        return [.. _entries.Values.Where(entry => IsDue(entry, now)).Select(entry => entry.Notice)];
    }

    /// <summary>A notice was delivered.</summary>
    public void Told(AlertNotice notice)
    {
        var key = (notice.Rule.Name, notice.Finding.Subject);
        if (notice.IsResolved)
            _entries.Remove(key);
        else if (_entries.TryGetValue(key, out var entry))
            entry.ToldAt = clock.GetUtcNow();
    }

    private void Note(AlertRule rule, AlertFinding finding, DateTimeOffset now)
    {
        if (!_entries.TryGetValue((rule.Name, finding.Subject), out var entry))
            _entries.Add((rule.Name, finding.Subject), entry = new Entry(rule, now));
        entry.Finding = finding;
        entry.Holds = true;
    }

    private bool IsDue(Entry entry, DateTimeOffset now) => entry.Holds
        ? entry.IsRipe && (entry.ToldAt is not { } told || now - told >= options.RepeatInterval)
        : entry.ToldAt is not null;

    private sealed class Entry(AlertRule rule, DateTimeOffset since)
    {
        public AlertRule Rule => rule;

        public DateTimeOffset Since => since;

        public AlertFinding Finding { get; set; }

        public bool Holds { get; set; }

        public bool IsRipe { get; set; }

        public DateTimeOffset? ToldAt { get; set; }

        public AlertNotice Notice => new(rule, Finding, !Holds, since);
    }
}

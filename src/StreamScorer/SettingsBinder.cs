using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;

namespace StreamScorer;

/// <summary>The settings are wrong; <see cref="Faults"/> lists every fault, so that one look mends all of them.</summary>
public sealed class SettingsException(IReadOnlyList<string> faults)
    : Exception("The settings are not valid:\n" + string.Join("\n", faults.Select(f => "  - " + f)))
{
    /// <summary>One sentence per fault: the key, what is wrong, what is allowed.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}

/// <summary>
/// Turns configuration into one <see cref="StreamScorerOptions"/>, once. Unknown keys are refused, because a misspelt
/// setting that is silently ignored is found out in production.
/// </summary>
public static class SettingsBinder
{
    private static readonly string[] ForeignSections = ["Logging", "AllowedHosts", "Urls", "$schema"];

    /// <summary>Binds and validates.</summary>
    /// <exception cref="SettingsException">Any key is unknown, or any value does not parse or is out of its bounds.</exception>
    public static StreamScorerOptions Bind(IConfiguration configuration)
    {
        var faults = new List<string>();
        foreach (var name in RootKeysOfFiles(configuration))
            if (!ForeignSections.Contains(name, StringComparer.OrdinalIgnoreCase) && FindProperty(typeof(StreamScorerOptions), name) is null)
                faults.Add($"{name}: there is no such section.{Suggest(typeof(StreamScorerOptions), name)}");
        var options = new StreamScorerOptions();
        foreach (var property in typeof(StreamScorerOptions).GetProperties())
            BindSection(configuration.GetSection(property.Name), property.GetValue(options)!, faults);
        if (faults.Count == 0)
            CrossCheck(options, faults);
        return faults.Count == 0 ? options : throw new SettingsException(faults);
    }

    private static IEnumerable<string> RootKeysOfFiles(IConfiguration configuration) =>
        configuration is not IConfigurationRoot root
            ? []
            : root.Providers.OfType<JsonConfigurationProvider>()
                .SelectMany(provider => provider.GetChildKeys([], null)).Distinct(StringComparer.OrdinalIgnoreCase);

    private static void BindSection(IConfigurationSection section, object target, List<string> faults)
    {
        foreach (var child in section.GetChildren())
        {
            var property = FindProperty(target.GetType(), child.Key);
            if (property is null)
                faults.Add($"{child.Path}: there is no such setting.{Suggest(target.GetType(), child.Key)}");
            else
                BindProperty(child, property, target, faults);
        }

        foreach (var property in SettableProperties(target.GetType()))
            Validate(section.Path + ":" + property.Name, property, target, faults);
    }

    private static void BindProperty(IConfigurationSection child, PropertyInfo property, object target, List<string> faults)
    {
        if (property.GetValue(target) is IDictionary dictionary)
        {
            foreach (var entry in child.GetChildren())
                dictionary[entry.Key.Replace('_', '.')] = entry.Value ?? "";
            return;
        }

        try
        {
            property.SetValue(target, child.Get(property.PropertyType));
        }
        catch (InvalidOperationException)
        {
            // The value is not echoed: a setting may hold a secret.
            faults.Add($"{child.Path}: the value is not {Describe(property.PropertyType)}.");
        }
    }

    private static void Validate(string path, PropertyInfo property, object target, List<string> faults)
    {
        var value = property.GetValue(target);
        foreach (var rule in property.GetCustomAttributes<ValidationAttribute>())
        {
            if (rule.IsValid(value))
                continue;
            faults.Add(rule switch
            {
                RangeAttribute range => $"{path}: {value} is outside {range.Minimum} to {range.Maximum}.",
                RequiredAttribute => $"{path}: a value is needed.",
                StringLengthAttribute length => $"{path}: must have {length.MinimumLength} to {length.MaximumLength} characters.",
                RegularExpressionAttribute pattern => $"{path}: must match {pattern.Pattern}.",
                _ => rule.FormatErrorMessage(path),
            });
        }
    }

    private static void CrossCheck(StreamScorerOptions options, List<string> faults)
    {
        if (options.Kafka.DrainBudget > options.Kafka.SessionTimeout * 2 / 3)
            faults.Add($"Kafka:DrainBudget: {options.Kafka.DrainBudget} is more than two thirds of Kafka:SessionTimeout "
                + $"({options.Kafka.SessionTimeout}); a drain that outlives the session is work thrown away.");
        if (options.Kafka.EffectiveDeadLetterTopic == options.Kafka.Topic)
            faults.Add("Kafka:DeadLetterTopic: must differ from Kafka:Topic, or dead letters would be read as events.");
    }

    private static IEnumerable<PropertyInfo> SettableProperties(Type type) => type.GetProperties().Where(p => p.CanWrite);

    private static PropertyInfo? FindProperty(Type type, string name) =>
        SettableProperties(type).FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static string Suggest(Type type, string name)
    {
        var names = SettableProperties(type).Select(p => p.Name).ToArray();
        var near = names.MinBy(candidate => EditDistance(candidate.ToUpperInvariant(), name.ToUpperInvariant()));
        return near is not null && EditDistance(near.ToUpperInvariant(), name.ToUpperInvariant()) <= 3
            ? $" Did you mean {near}?"
            : $" Known here: {string.Join(", ", names)}.";
    }

    private static int EditDistance(string a, string b)
    {
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var current = new int[b.Length + 1];
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            previous = current;
        }

        return previous[b.Length];
    }

    private static string Describe(Type type) =>
        type == typeof(TimeSpan) ? "a duration (hours:minutes:seconds, such as 00:00:05)"
        : type == typeof(bool) ? "true or false"
        : type == typeof(int) || type == typeof(long) ? "a whole number"
        : type == typeof(double) ? "a number"
        : type.IsEnum ? "one of " + string.Join(", ", Enum.GetNames(type))
        : "text";
}

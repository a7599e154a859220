using System.Globalization;
using System.Text;
using StreamScorer.Forests;

namespace StreamScorer.Scoring;

/// <summary>Turns a <see cref="LeadEvent"/> into a feature row by the rules of the event contract.</summary>
internal static class LeadEventEncoder
{
    /// <summary>Fills <paramref name="row"/>, schema count doubles.</summary>
    /// <exception cref="ArgumentException">A required feature is absent or a value has the wrong type.</exception>
    public static void Encode(FeatureSchema schema, LeadEvent lead, Span<double> row)
    {
        foreach (var feature in schema.Features)
        {
            if (lead.Features.TryGetValue(feature.StreamName, out var value))
                row[feature.Index] = Encode(feature, value, lead.OccurredAt);
            else if (feature.Required)
                throw new ArgumentException(
                    $"The required feature {feature.StreamName} is absent; null is allowed.", nameof(lead));
            else
                row[feature.Index] = double.NaN;
        }
    }

    private static double Encode(Feature feature, object? value, DateTimeOffset? occurredAt)
    {
        switch (value)
        {
            case null:
                return double.NaN;
            case string text:
                var utf8 = Encoding.UTF8.GetBytes(text);
                if (feature.IsNullToken(utf8))
                    return double.NaN;
                if (feature.Kind != FeatureKind.Categorical)
                    break;
                feature.TryGetCategory(utf8, out var code);
                return code;
            case bool flag when feature.Kind == FeatureKind.Boolean:
                return flag ? 1 : 0;
            case DateTimeOffset instant when feature.Kind == FeatureKind.Timestamp:
                return occurredAt is { } now ? Feature.AgeInDays(Micros(instant), Micros(now)) : double.NaN;
            case IConvertible and not (bool or char or DateTime) when feature.Kind == FeatureKind.Numeric:
                var number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
                if (double.IsFinite(number))
                    return number;
                break;
        }

        throw new ArgumentException(
            $"The feature {feature.StreamName} is {feature.Kind.ToString().ToLowerInvariant()} and cannot take a value of type "
            + $"{value.GetType().Name} (a number must be finite).");
    }

    private static long Micros(DateTimeOffset instant) =>
        (instant.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
}

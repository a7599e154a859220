using System.Globalization;
using System.Text;
using OpenTelemetry.Metrics;

namespace StreamScorer.App.Api;

/// <summary>Writes metrics in Prometheus' text format 0.0.4; one writer per collection.</summary>
internal sealed class PrometheusWriter
{
    private readonly StringBuilder _text = new(64 * 1024);
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    /// <summary>Appends a metric with all its series; another one of the same name is left out, as the format demands.</summary>
    public void Write(Metric metric)
    {
        var name = NameOf(metric.Name, metric.Unit, IsCounter(metric.MetricType));
        // Only histograms may end in _count, so that their parts cannot be taken for metrics: the runtime has gauges that do.
        if (metric.MetricType != MetricType.Histogram && name.EndsWith("_count", StringComparison.Ordinal))
            name = name[..^"_count".Length] + "_number";
        if (!_written.Add(name))
            return;
        _text.Append("# HELP ").Append(name).Append(' ').Append(EscapeHelp(metric.Description)).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(' ').Append(TypeOf(metric.MetricType)).Append('\n');
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            if (metric.MetricType == MetricType.Histogram)
                WriteHistogram(name, point);
            else
                WriteSample(name, "", Labels(point), ValueOf(metric.MetricType, point));
        }
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    /// <summary>A metric's name by OpenTelemetry's compatibility rules for Prometheus.</summary>
    /// <param name="name">Such as <c>messaging.process.duration</c>.</param>
    /// <param name="unit">UCUM; a unit in braces is an annotation and is dropped.</param>
    /// <param name="isCounter">Whether it only rises: then <c>_total</c> comes last.</param>
    public static string NameOf(string name, string? unit, bool isCounter)
    {
        var result = new StringBuilder();
        foreach (var letter in name)
            result.Append(char.IsAsciiLetterOrDigit(letter) || letter is '_' or ':' ? letter : '_');
        var suffix = unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            "1" when !isCounter => "_ratio",
            _ => "",
        };
        if (suffix.Length > 0 && !result.ToString().EndsWith(suffix, StringComparison.Ordinal))
            result.Append(suffix);
        if (isCounter && !result.ToString().EndsWith("_total", StringComparison.Ordinal))
            result.Append("_total");
        return result.ToString();
    }

    private static bool IsCounter(MetricType type) => type is MetricType.LongSum or MetricType.DoubleSum;

    private static string TypeOf(MetricType type) =>
        IsCounter(type) ? "counter" : type == MetricType.Histogram ? "histogram" : "gauge";

    private static double ValueOf(MetricType type, in MetricPoint point) => type switch
    {
        MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
        MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => point.GetSumDouble(),
        MetricType.LongGauge => point.GetGaugeLastValueLong(),
        MetricType.DoubleGauge => point.GetGaugeLastValueDouble(),
        _ => double.NaN,
    };

    private void WriteHistogram(string name, in MetricPoint point)
    {
        var labels = Labels(point);
        var below = 0L;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            below += bucket.BucketCount;
            var bound = double.IsPositiveInfinity(bucket.ExplicitBound) ? "+Inf" : Number(bucket.ExplicitBound);
            WriteSample(name, "_bucket", labels.Length == 0 ? $"le=\"{bound}\"" : $"{labels},le=\"{bound}\"", below);
        }

        WriteSample(name, "_sum", labels, point.GetHistogramSum());
        WriteSample(name, "_count", labels, point.GetHistogramCount());
    }

    private void WriteSample(string name, string suffix, string labels, double value)
    {
        _text.Append(name).Append(suffix);
        if (labels.Length > 0)
            _text.Append('{').Append(labels).Append('}');
        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Labels(in MetricPoint point)
    {
        var labels = new StringBuilder();
        foreach (var (key, value) in point.Tags)
        {
            if (labels.Length > 0)
                labels.Append(',');
            labels.Append(NameOf(key, null, false)).Append("=\"").Append(EscapeLabel(Convert.ToString(value, CultureInfo.InvariantCulture))).Append('"');
        }

        return labels.ToString();
    }

    private static string Number(double value) =>
        double.IsNaN(value) ? "NaN"
        : double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString(CultureInfo.InvariantCulture);

    private static string EscapeHelp(string? text) =>
        (text ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string EscapeLabel(string? text) => EscapeHelp(text).Replace("\"", "\\\"", StringComparison.Ordinal);
}

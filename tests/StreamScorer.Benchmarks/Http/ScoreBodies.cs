using System.Text;
using System.Text.Json;
using StreamScorer.Forests;
using StreamScorer.Training.Generation;
using StreamScorer.Training.LeadScoring;

namespace StreamScorer.Benchmarks.Http;

/// <summary>Bodies of scoring requests with generated leads, the same for every server.</summary>
internal static class ScoreBodies
{
    public static byte[] Make(int leads)
    {
        var generator = new LeadGenerator(7);
        var text = new StringBuilder("{\"request_id\":\"bench\",\"leads\":[");
        for (var i = 0; i < leads; i++)
        {
            var lead = generator.Create(i);
            text.Append(i == 0 ? "{" : ",{").Append("\"lead_id\":\"lead-").Append(i).Append('"');
            foreach (var feature in LeadScoringSchema.Features)
            {
                var cell = lead.Cell(feature.ColumnName);
                text.Append(",\"").Append(feature.ApiName).Append("\":").Append(
                    cell is null or "" ? "null" : feature.Kind == FeatureKind.Numeric ? cell : JsonSerializer.Serialize(cell));
            }

            text.Append('}');
        }

        return Encoding.UTF8.GetBytes(text.Append("]}").ToString());
    }
}

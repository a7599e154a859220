using System.Text;

namespace StreamScorer.Training.Schemas;

/// <summary>Stream (camelCase) and API (snake_case) names from a business name or a column title.</summary>
/// <remarks>
/// Words end at anything that is neither letter nor digit, before a capital that follows a small letter or a digit, and
/// before the last capital of a run that goes on in small letters: <c>HTTPStatus code</c> is http, status, code.
/// </remarks>
public static class FieldNames
{
    public static string Camel(string title)
    {
        var words = Words(title);
        return string.Concat(words.Select((word, i) => i == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));
    }

    public static string Snake(string title) => string.Join('_', Words(title));

    private static List<string> Words(string title)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        for (var i = 0; i < title.Length; i++)
        {
            var letter = title[i];
            if (!char.IsLetterOrDigit(letter) || StartsWord(title, i)) End();
            if (char.IsLetterOrDigit(letter)) word.Append(char.ToLowerInvariant(letter));
        }

        End();
        if (words.Count == 0) words.Add("column");
        return words;

        void End()
        {
            if (word.Length > 0) words.Add(word.ToString());
            word.Clear();
        }
    }

    private static bool StartsWord(string title, int i)
    {
        if (i == 0 || !char.IsUpper(title[i])) return false;
        var before = title[i - 1];
        if (char.IsLower(before) || char.IsDigit(before)) return true;
        return char.IsUpper(before) && i + 1 < title.Length && char.IsLower(title[i + 1]);
    }
}

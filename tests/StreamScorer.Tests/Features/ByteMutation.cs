using System.Text;

namespace StreamScorer.Tests.Features;

/// <summary>Breaks documents at random places, as links, programs and attackers do.</summary>
internal static class ByteMutation
{
    /// <summary>The bytes with one to four pieces flipped, cut out, doubled, spliced in or cut off.</summary>
    /// <param name="good">What is broken; it stays as it is.</param>
    /// <param name="random">Decides; the same seed breaks in the same way.</param>
    /// <param name="pieces">What is spliced in: text that changes a meaning more often than random bytes do.</param>
    public static byte[] Of(byte[] good, Random random, string[] pieces)
    {
        var bytes = good.ToList();
        for (var changes = random.Next(1, 5); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 12), bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, Math.Min(random.Next(1, 60), bytes.Count - at)));
                    break;
                case 4:
                    if (random.Next(4) == 0)
                        bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(pieces[random.Next(pieces.Length)]));
                    break;
            }
        }

        return [.. bytes];
    }
}

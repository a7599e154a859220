using System.Security.Cryptography;
using StreamScorer.Forests;
using Xunit;

namespace StreamScorer.Tests.Forests;

public class ModelFileTests
{
    private static readonly SyntheticLeads Leads = new(9, 800);

    [Fact]
    public void A_loaded_model_has_the_same_bytes_and_scores()
    {
        var model = Leads.TrainForest();
        var bytes = model.ToBytes();
        var loaded = ForestModel.Load(bytes, "memory");
        Assert.Equal(bytes, loaded.ToBytes());
        Assert.Equal(model.Id, loaded.Id);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), loaded.Id);
        var (one, other) = (new double[800], new double[800]);
        model.CreateScorer().Score(Leads.Rows, one, new double[800]);
        loaded.CreateScorer().Score(Leads.Rows, other, new double[800]);
        Assert.Equal(one, other);
        Assert.Equal(model.Baseline.Features[2].Counts, loaded.Baseline.Features[2].Counts);
    }

    [Fact]
    public void Saving_replaces_the_file_and_leaves_nothing_beside_it()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "model.forest");
        File.WriteAllText(path, "old");
        var model = Leads.TrainForest(trees: 3);
        model.Save(path);
        Assert.Equal(model.Id, ForestModel.Load(path).Id);
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Faults_of_the_file_name_it()
    {
        var bytes = Leads.TrainForest(trees: 3).ToBytes();
        AssertFault("absent.forest", () => ForestModel.Load("absent.forest"));
        foreach (var length in new[] { 0, 7, 12, 40, bytes.Length / 2, bytes.Length - 1 })
            AssertFault("cut", () => ForestModel.Load(bytes.AsSpan(0, length), "cut"));
        bytes[bytes.Length / 2] ^= 1;
        AssertFault("hash", () => ForestModel.Load(bytes, "flipped"));
        bytes[8] = 99;
        AssertFault("format 99", () => ForestModel.Load(bytes, "newer"));
    }

    // The hash is made right again, so that what lies behind it must stand on its own.
    [Fact]
    public void Hostile_files_with_a_right_hash_are_refused_or_score_without_a_crash()
    {
        const int seed = 20240607;
        var random = new Random(seed);
        var original = Leads.TrainForest(trees: 4, depth: 4).ToBytes();
        var row = Leads.Rows.AsSpan(0, Leads.Schema.Count).ToArray();
        var refused = 0;
        for (var round = 0; round < 4000; round++)
        {
            var bytes = Mutate(original, random);
            SHA256.HashData(bytes.AsSpan(0, bytes.Length - 32)).CopyTo(bytes.AsSpan(bytes.Length - 32));
            try
            {
                var model = ForestModel.Load(bytes, "hostile");
                if (model.Schema.Count == Leads.Schema.Count)
                    model.CreateScorer().Score(row, new double[1], new double[1]);
            }
            catch (ForestException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, round {round}: {e}");
            }
        }

        Assert.True(refused > 1000, $"only {refused} refused: the mutations no longer reach the checks");
    }

    private static void AssertFault(string part, Func<ForestModel> load) =>
        Assert.Contains(part, Assert.Throws<ForestException>(load).Message, StringComparison.Ordinal);

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(12, bytes.Count - 32);
            switch (random.Next(4))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes.Insert(at, (byte)random.Next(256)); break;
                default: bytes.RemoveRange(at, Math.Min(random.Next(1, 20), bytes.Count - 32 - at)); break;
            }
        }

        return [.. bytes];
    }
}

using System.Runtime.Intrinsics.X86;
using StreamScorer.Forests;
using Xunit;

namespace StreamScorer.Tests.Forests;

/// <summary>Every fast path gives the reference scorer's bits, for every model and batch size.</summary>
public class ScoringEqualityTests
{
    private static readonly int[] BatchSizes = [1, 2, 4, 5, 7, 8, 9, 55, 63, 64, 65, 127, 128, 129, 200];

    [Theory]
    [InlineData(1, 1, 1, 0)]
    [InlineData(2, 3, 7, 5)]
    [InlineData(3, 10, 100, 10)]
    [InlineData(4, 10, 33, 14)]
    [InlineData(5, 90, 40, 9)]
    [InlineData(6, 400, 120, 8)]
    public void Random_models_score_alike(int seed, int features, int trees, int depth)
    {
        var models = new RandomModels(seed);
        foreach (var chained in new[] { true, false })
        {
            for (var members = 1; members <= 2; members++)
            {
                var model = models.Next(features, trees, depth, chained, members);
                AssertEqual(model, models.Rows(model, 400), $"seed {seed}, chained {chained}, {members} members");
            }
        }
    }

    [Fact]
    public void More_than_255_thresholds_of_a_feature_take_several_columns()
    {
        var leads = new SyntheticLeads(5, 4000);
        var forests = Enumerable.Range(0, 6).Select(part => Part(leads, part)).ToArray();
        var merged = new ForestModel(
            "merged", leads.Schema,
            [
                new ForestMember
                {
                    Algorithm = "merged",
                    Output = MemberOutput.MeanOfLeaves,
                    Trees = [.. forests.SelectMany(forest => forest.Members[0].Trees)],
                },
            ],
            Calibration.Identity, ForestModel.DefaultBucketEdges, forests[0].Baseline);
        Assert.True(merged.Members[0].Trees.SelectMany(tree => tree.Threshold).Distinct().Count() > 600);
        AssertEqual(merged, leads.Rows, "merged");
    }

    [Fact]
    public void A_trained_forest_scores_alike_in_every_batch_size()
    {
        var leads = new SyntheticLeads(5, 1500);
        AssertEqual(leads.TrainForest(100, 10), leads.Rows, "trained");
    }

    [Theory]
    [InlineData(1, 1, 2, 0)]
    [InlineData(2, 7, 60, 6)]
    [InlineData(3, 60, 30, 9)]
    public void Every_way_of_summing_leaves_gives_the_same_bits(int seed, int features, int trees, int depth)
    {
        var models = new RandomModels(seed);
        var model = models.Next(features, trees, depth, chained: true);
        var rows = models.Rows(model, RowCoder.BlockRows);
        var (member, forest) = (model.Members[0], model.Compiled[0]!);
        Assert.NotNull(forest.Block);
        Assert.Equal(Avx512Vbmi.IsSupported, forest.Levels is not null);
        Assert.Equal(Avx512Vbmi.IsSupported && forest.Coder.ColumnCount <= 64, forest.Lanes is not null);
        var sums = new LeafSums(forest);
        var codes = new AlignedBytes(forest.Coder.BlockBytes);
        for (var count = 1; count <= RowCoder.BlockRows; count++)
        {
            forest.Coder.Encode(rows.AsSpan(0, count * features), features, count, codes.Span);
            foreach (var way in Enum.GetValues<BlockWay>())
            {
                var found = new double[count];
                Array.Fill(found, member.BaseScore);
                var leaves = new FoundLeaves(forest);
                sums.Add(way, codes, found, leaves);
                AssertLeaves(member, leaves, rows, count, $"seed {seed}, {way}, {count} rows");
                for (var row = 0; row < count; row++)
                {
                    var expected = ReferenceScorer.Raw(model, rows.AsSpan(row * features, features));
                    Assert.True(member.Finish(found[row]).Equals(expected), $"seed {seed}, {way}, row {row} of {count}");
                }
            }
        }
    }

    [Theory]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(400)]
    [InlineData(512)]
    public void Trees_of_up_to_512_leaves_score_alike_in_whole_blocks(int leaves)
    {
        for (var seed = 1; seed <= 5; seed++)
        {
            var models = new RandomModels(seed);
            var model = models.WithLeaves(features: 6, leaves);
            var rows = models.Rows(model, RowCoder.BlockRows);
            var (member, forest) = (model.Members[0], model.Compiled[0]!);
            var codes = new AlignedBytes(forest.Coder.BlockBytes);
            forest.Coder.Encode(rows, 6, RowCoder.BlockRows, codes.Span);
            Assert.NotNull(forest.Block);
            // The second page begins with a level: a first one that is not full leaves less than 512 places.
            if (leaves < 512)
                Assert.Equal(Avx512Vbmi.IsSupported, forest.Levels is not null);
            foreach (var way in new[] { BlockWay.WholeBlock, BlockWay.LevelsOfBlock })
            {
                var found = new double[RowCoder.BlockRows];
                var noted = new FoundLeaves(forest);
                new LeafSums(forest).Add(way, codes, found, noted);
                AssertLeaves(member, noted, rows, RowCoder.BlockRows, $"seed {seed}, {way}, {leaves} leaves");
                for (var row = 0; row < found.Length; row++)
                    Assert.Equal(ReferenceScorer.Raw(model, rows.AsSpan(row * 6, 6)), member.Finish(found[row]));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(257)]
    [InlineData(400)]
    public void Two_blocks_at_once_score_alike(int leaves)
    {
        const int block = RowCoder.BlockRows * 6;
        var models = new RandomModels(leaves);
        var model = models.WithLeaves(features: 6, leaves);
        var rows = models.Rows(model, 2 * RowCoder.BlockRows);
        var (member, forest) = (model.Members[0], model.Compiled[0]!);
        if (forest.Levels is not { } levels)
            return;
        AlignedBytes[] codes = [new(forest.Coder.BlockBytes), new(forest.Coder.BlockBytes)];
        forest.Coder.Encode(rows.AsSpan(0, block), 6, RowCoder.BlockRows, codes[0].Span);
        forest.Coder.Encode(rows.AsSpan(block), 6, RowCoder.BlockRows, codes[1].Span);
        foreach (var count in new[] { 65, 67, 68, 127, 128 })
        {
            var (found, plain) = (new double[count], new double[count]);
            FoundLeaves[] noted = [new(forest), new(forest)];
            new LeafSums(forest).AddTwo(levels, codes, found, noted);
            new LeafSums(forest).AddTwo(levels, codes, plain, null);
            AssertLeaves(member, noted[0], rows[..block], RowCoder.BlockRows, $"{leaves} leaves, first block");
            AssertLeaves(member, noted[1], rows[block..], count - RowCoder.BlockRows, $"{leaves} leaves, second block");
            Assert.Equal(found, plain);
            for (var row = 0; row < count; row++)
                Assert.Equal(ReferenceScorer.Raw(model, rows.AsSpan(row * 6, 6)), member.Finish(found[row]));
        }
    }

    // By walking down the tree and counting the leaves above where the row ends, and those to the left on its level.
    private static void AssertLeaves(ForestMember member, FoundLeaves found, double[] rows, int count, string which)
    {
        var features = rows.Length / RowCoder.BlockRows;
        var ranks = member.Trees.Select(Ranks).ToArray();
        for (var row = 0; row < count; row++)
        {
            var leaves = found.Of(row);
            var first = 0;
            for (var tree = 0; tree < member.Trees.Count; tree++)
            {
                var end = member.Trees[tree].FindLeaf(rows.AsSpan(row * features, features));
                Assert.True(leaves[tree] == first + ranks[tree][end], $"{which}: row {row}, tree {tree}");
                first += ranks[tree].Count;
            }
        }
    }

    private static Dictionary<int, int> Ranks(DecisionTree tree)
    {
        var depth = new int[tree.NodeCount];
        for (var node = 0; node < tree.NodeCount; node++)
        {
            if (tree.Feature[node] != DecisionTree.Leaf)
                depth[node + 1] = depth[tree.Right[node]] = depth[node] + 1;
        }

        return Enumerable.Range(0, tree.NodeCount).Where(node => tree.Feature[node] == DecisionTree.Leaf)
            .OrderBy(leaf => depth[leaf]).ThenBy(leaf => leaf)
            .Select((leaf, rank) => (leaf, rank)).ToDictionary(pair => pair.leaf, pair => pair.rank);
    }

    [Fact]
    public void Trees_of_more_than_512_leaves_have_no_block_form()
    {
        var leads = new SyntheticLeads(5, 4000);
        var schema = leads.Schema;
        var options = new RandomForestOptions { Trees = 2, MaxDepth = 20, MinLeafRows = 1 };
        var model = RandomForestTrainer.Train("deep", schema, leads.Rows, leads.Labels, options);
        Assert.True(model.Members[0].Trees.Max(tree => tree.NodeCount) > 2 * 512);
        Assert.Null(model.Compiled[0]!.Block);
        AssertEqual(model, leads.Rows, "deep");
    }

    [Fact]
    public void Scoring_allocates_nothing()
    {
        var leads = new SyntheticLeads(5, 1000);
        var scorer = leads.TrainForest().CreateScorer();
        var (raw, probability) = (new double[1000], new double[1000]);
        scorer.Score(leads.Rows, raw, probability);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++)
        {
            scorer.Score(leads.Rows, raw, probability);
            scorer.Score(leads.Rows.AsSpan(0, leads.Schema.Count), raw.AsSpan(0, 1), probability.AsSpan(0, 1));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Wrong_lengths_are_refused()
    {
        var leads = new SyntheticLeads(5, 100);
        var scorer = leads.TrainForest(2).CreateScorer();
        Assert.Throws<ArgumentException>(() => scorer.Score(leads.Rows, new double[99], new double[99]));
        Assert.Throws<ArgumentException>(() => scorer.Score(leads.Rows, new double[100], new double[99]));
    }

    private static ForestModel Part(SyntheticLeads leads, int part)
    {
        var stride = leads.Schema.Count;
        var rows = Enumerable.Range(0, leads.Labels.Length).Where(row => row % 6 == part).ToArray();
        return RandomForestTrainer.Train(
            "part", leads.Schema,
            rows.SelectMany(row => leads.Rows.Skip(row * stride).Take(stride)).ToArray(),
            Array.ConvertAll(rows, row => leads.Labels[row]),
            new RandomForestOptions { Trees = 20, MinLeafRows = 1 });
    }

    private static void AssertEqual(ForestModel model, double[] rows, string what)
    {
        var stride = model.Schema.Count;
        var count = rows.Length / stride;
        var expected = new double[count];
        for (var row = 0; row < count; row++)
            expected[row] = ReferenceScorer.Raw(model, rows.AsSpan(row * stride, stride));
        var scorer = model.CreateScorer();
        var raw = new double[count];
        var probability = new double[count];
        foreach (var size in BatchSizes)
        {
            for (var first = 0; first < count; first += size)
            {
                var batch = Math.Min(size, count - first);
                scorer.Score(
                    rows.AsSpan(first * stride, batch * stride), raw.AsSpan(first, batch), probability.AsSpan(first, batch));
            }

            for (var row = 0; row < count; row++)
            {
                Assert.True(
                    BitConverter.DoubleToInt64Bits(raw[row]) == BitConverter.DoubleToInt64Bits(expected[row]),
                    $"{what}, batches of {size}, row {row}: {raw[row]:R}, expected {expected[row]:R}");
                Assert.Equal(model.Calibration.Apply(expected[row]), probability[row]);
            }
        }
    }
}

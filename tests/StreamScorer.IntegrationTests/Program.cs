using StreamScorer.IntegrationTests.ParquetFiles;

// Not how the tests are run: a test starts this assembly as a process of its own and kills it.
switch (args)
{
    case ["write-parquet", var folder, var seed]:
        EndlessWriter.Run(folder, int.Parse(seed, System.Globalization.CultureInfo.InvariantCulture));
        return 0;
    default:
        Console.Error.WriteLine("usage: write-parquet FOLDER SEED");
        return 2;
}

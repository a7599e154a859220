using System.CommandLine;

// The verb table: one line per verb, one file per verb under Commands/.
var root = new RootCommand("StreamScorer: real-time lead scoring on Kafka.");
return await root.Parse(args).InvokeAsync();

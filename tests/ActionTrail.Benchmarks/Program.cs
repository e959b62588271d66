using ActionTrail.Benchmarks.Segments;

// Each name is a load command that prints a markdown table; results are kept in docs/benchmarks.md.
return args switch
{
    ["ingest", .. var rest] => IngestLoad.Run(rest),
    ["segment", .. var rest] => SegmentLoad.Run(rest),
    ["codecs"] => CodecLoad.Run(),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project tests/ActionTrail.Benchmarks -- ingest [rounds] | segment [rounds] | codecs");
    return 2;
}

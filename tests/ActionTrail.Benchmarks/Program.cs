using ActionTrail.Benchmarks.Access;
using ActionTrail.Benchmarks.Formats;
using ActionTrail.Benchmarks.Peers;
using ActionTrail.Benchmarks.Segments;
using ActionTrail.Benchmarks.Store;

// Each name is a load command that prints a markdown table; results are kept in docs/benchmarks.md.
return args switch
{
    ["auth", .. var rest] => await AuthLoad.RunAsync(rest),
    ["rpc", .. var rest] => await RpcLoad.RunAsync(rest),
    ["ingest", .. var rest] => IngestLoad.Run(rest),
    ["telemetry", .. var rest] => await TelemetryLoad.RunAsync(rest),
    ["telemetry-collector"] => await TelemetryLoad.CollectAsync(),
    ["formats", .. var rest] => FormatLoad.Run(rest),
    ["segment", .. var rest] => SegmentLoad.Run(rest),
    ["compact", .. var rest] => CompactLoad.Run(rest),
    ["sessions"] => SessionTrailLoad.Run(),
    ["compaction", .. var rest] => await CompactionLoad.RunAsync(rest),
    ["codecs"] => CodecLoad.Run(),
    ["deliver", .. var rest] => await DeliverLoad.RunAsync(rest),
    ["deliver-parts", .. var rest] => await DeliverPartsLoad.RunAsync(rest),
    ["objects"] => ObjectSizeLoad.Run(),
    ["lookup", .. var rest] => await LookupLoad.RunAsync(rest),
    ["peers", .. var rest] => await PeersLoad.RunAsync(rest),
    ["growth", .. var rest] => await GrowthLoad.RunAsync(rest),
    ["tiny", .. var rest] => await TinyLoad.RunAsync(rest),
    ["aggregate", .. var rest] => await AggregateLoad.RunAsync(rest),
    ["report", .. var rest] => await FullReport.RunAsync(rest),
    ["digests", .. var rest] => await DigestLoad.RunAsync(rest),
    ["logstore", .. var rest] => await LogstoreLoad.RunAsync(rest),
    ["pipeline", .. var rest] => await PipelineLoad.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project tests/ActionTrail.Benchmarks -- auth [rounds] | rpc [lookups] | ingest [rounds] | telemetry [turns] | formats [rounds] | segment [rounds] | compact [one|many|cloudtrail|sessions] | sessions | compaction [events] | codecs | deliver [events] | deliver-parts [rounds] | objects | lookup [events] [memory] | digests [files] [MiB] | pipeline [events] | logstore [seconds] [events/s] | peers [events] [--only NAME,...] [--report] | growth [events ...] [--report] | tiny [events] [--report] | aggregate [events] [--report] | report [most events]");
    return 2;
}

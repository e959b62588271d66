using ActionTrail.Cli.Output;

namespace ActionTrail.Cli.Quarantine;

/// <summary>The columns of quarantined records; docs/cli.md lists them.</summary>
internal static class QuarantineColumns
{
    private const string TableDefault = "id,quarantinedAt,reason,field,rule,bytes,replayedAt";

    public static IReadOnlyList<Column> All { get; } =
    [
        Column.At("id", 60, "id"),
        Column.At("partition", 24, "partition"),
        Column.At("sequenceNumber", 20, "sequenceNumber"),
        Column.At("index", 8, "index"),
        Column.At("enqueuedTime", 24, "enqueuedTime"),
        Column.At("quarantinedAt", 24, "quarantinedAt"),
        Column.At("reason", 16, "reason"),
        Column.At("field", 32, "field"),
        Column.At("rule", 80, "rule"),
        Column.At("bytes", 10, "bytes"),
        Column.At("replayedAt", 24, "replayedAt"),
    ];

    public static IReadOnlyList<Column> For(OutputForm form, string? wanted) =>
        wanted is null && form == OutputForm.Csv ? All : Column.Choose(wanted ?? TableDefault, All);
}

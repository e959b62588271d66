namespace ActionTrail.Cli.Output;

/// <summary>How a command writes what it found.</summary>
internal enum OutputForm
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>One JSON array.</summary>
    Json,

    /// <summary>One JSON object per line.</summary>
    Ndjson,

    /// <summary>RFC 4180 with a header line, safe to open in a spreadsheet.</summary>
    Csv,
}

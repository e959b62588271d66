namespace ActionTrail.Events.Redaction;

/// <summary>Masks the secrets of one record after the other. Deterministic; masking what is masked changes nothing. Keeps its buffers between calls.</summary>
internal sealed class RecordRedactor(RedactionRules rules)
{
    private readonly RecordBuffer output = new();
    private readonly RedactionTally tally = new();
    private readonly JsonSecrets secrets = new(rules, depth: 0);

    /// <summary>
    /// False when there is nothing to mask, which is nearly always. Else the record with each secret, or the secret part of a text, replaced by
    /// <c>***</c>: the same members in the same order, every byte outside the texts concerned as it was.
    /// </summary>
    /// <param name="record">One JSON object in valid UTF-8.</param>
    /// <param name="redacted">Valid until the next call.</param>
    public bool TryRedact(ReadOnlySpan<byte> record, out ReadOnlySpan<byte> redacted)
    {
        redacted = default;
        if (!SecretSweep.IsSuspect(rules, record))
            return false;
        output.Clear();
        tally.Clear();
        if (!secrets.TryMask(record, output, tally))
            return false;
        tally.Report();
        redacted = output.Written;
        return true;
    }

    public void Shrink()
    {
        output.Shrink();
        secrets.Shrink();
    }
}

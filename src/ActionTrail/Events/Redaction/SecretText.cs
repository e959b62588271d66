namespace ActionTrail.Events.Redaction;

/// <summary>Masks the secrets inside one text that is no JSON and leaves the rest as it is.</summary>
internal sealed class SecretText(RedactionRules rules)
{
    private readonly List<SecretPart> found = [];

    /// <summary>True when something was masked; the text is then appended to <paramref name="output"/>.</summary>
    public bool TryMask(ReadOnlySpan<byte> text, RecordBuffer output, RedactionTally tally)
    {
        found.Clear();
        AssignedSecrets.Find(rules, text, found);
        SecretShapes.Find(text, found);
        if (found.Count == 0)
            return false;

        // Parts may overlap, as a token behind a header's name does: what touches becomes one.
        found.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        var copied = 0;
        for (var i = 0; i < found.Count; i++)
        {
            var part = found[i];
            var end = part.Start + part.Length;
            while (i + 1 < found.Count && found[i + 1].Start < end)
                end = Math.Max(end, found[i + 1].Start + found[++i].Length);
            output.Append(text[copied..part.Start]);
            output.Append(JsonSecrets.Mask);
            copied = end;
            tally.Add(part.Rule);
        }

        output.Append(text[copied..]);
        return true;
    }
}

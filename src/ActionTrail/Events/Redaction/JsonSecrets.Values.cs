using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace ActionTrail.Events.Redaction;

/// <content>What becomes of each name and each text.</content>
internal sealed partial class JsonSecrets
{
    private Member Name(ref Utf8JsonReader reader)
    {
        ref readonly var frame = ref frames[open - 1];
        if (frame.HasFreeNames || !text.TryRead(ref reader, out var name))
            return default;

        // The event's own fields are never masked by name, and those that identify it never at all.
        if (depth == 0 && open == 1 && EventFields.Find(name) is var field and not EventField.Unknown)
        {
            return new Member(
                IsIdentifying(field) ? new NameRule(NameKinds.Never, default) : default,
                HasFreeNames: field == EventField.ReferencedResources,
                IsIdentity: field == EventField.UserIdentity);
        }

        if (frame.IsIdentity && IsIdentityField(name))
            return new Member(name.SequenceEqual("accountId"u8) ? new NameRule(NameKinds.Never, default) : default);
        return new Member(frame.IsSecret ? rules.Find(name) : rules.FindMarked(name));
    }

    private static bool IsIdentifying(EventField field) => field is EventField.EventId or EventField.EventTime or EventField.RecipientAccountId or EventField.EventRW
        or EventField.Time or EventField.CloudTrailEventId or EventField.InsertId or EventField.PlatformEventId or EventField.ResourceOwnerId or EventField.SpecVersion;

    private static bool IsIdentityField(ReadOnlySpan<byte> name) => name.SequenceEqual("type"u8) || name.SequenceEqual("userName"u8)
        || name.SequenceEqual("accountId"u8) || name.SequenceEqual("principalId"u8) || name.SequenceEqual("accessKeyId"u8) || name.SequenceEqual("sessionContext"u8);

    private void ReadText(ref Utf8JsonReader reader, Member member)
    {
        if (member.Rule.Is(NameKinds.Never) || reader.ValueSpan.IsEmpty)
            return;
        if (!text.TryRead(ref reader, out var value))
        {
            ReadUnreadable(ref reader, member);
            return;
        }

        var start = (int)reader.TokenStartIndex;
        var editsBefore = edits.Count;
        var isUnderSecret = open > 0 && frames[open - 1].IsSecret && !member.Rule.Is(NameKinds.Label);
        var rule = member.Rule.Is(NameKinds.Suspect) || open == 0 ? member.Rule.Rule : frames[open - 1].Rule;
        if ((member.Rule.Is(NameKinds.Secret) || isUnderSecret) && !SecretValues.IsHarmless(value))
            Cover(ref reader, rule);
        else if (member.Rule.Is(NameKinds.MaybeSecret) && SecretValues.IsKeyMaterial(value))
            Cover(ref reader, rule);
        else if (member.Rule.Is(NameKinds.Header) && !IsLikeJson(value) && !SecretValues.IsHarmless(value))
            Cover(ref reader, rule);
        else if (member.Rule.Is(NameKinds.Packed))
            ReadPacked(ref reader, value);
        else if (SecretSweep.IsSuspectText(rules, value))
            ReadSuspect(ref reader, value);
        if (open > 0 && !frames[open - 1].HasFreeNames)
            NotePair(start, (int)reader.BytesConsumed - start, value, member, edits.Count > editsBefore ? editsBefore : -1);
    }

    // Half a surrogate pair: the text cannot be taken apart, so it is masked whole when anything is suspicious.
    private void ReadUnreadable(ref Utf8JsonReader reader, Member member)
    {
        var isUnderSecret = open > 0 && frames[open - 1].IsSecret && !member.Rule.Is(NameKinds.Label);
        if (isUnderSecret || member.Rule.Is(NameKinds.Secret | NameKinds.MaybeSecret | NameKinds.Header) || SecretSweep.IsSuspect(rules, reader.ValueSpan))
            Cover(ref reader, RedactionRule.Unreadable);
    }

    private void ReadPacked(ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> base64)
    {
        var bytes = new byte[base64.Length];
        if (Base64.DecodeFromUtf8(base64, bytes, out _, out var length) != OperationStatus.Done || !SecretSweep.IsSuspect(rules, bytes.AsSpan(0, length)))
            return;
        masked.Clear();
        if (!Utf8.IsValid(bytes.AsSpan(0, length)))
            Cover(ref reader, RedactionRule.Unreadable);
        else if (TryMaskText(bytes.AsSpan(0, length)))
            Replace(ref reader, Encoding.ASCII.GetBytes(Convert.ToBase64String(masked.Written)));
    }

    private void ReadSuspect(ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> value)
    {
        masked.Clear();
        if (depth == MaxDepth && IsLikeJson(value))
            Cover(ref reader, RedactionRule.Unreadable);
        else if (TryMaskText(value))
            Replace(ref reader, masked.Written);
    }

    // True with the text in masked when something was masked. Text that is no JSON after all is read as text.
    private bool TryMaskText(scoped ReadOnlySpan<byte> value) =>
        IsLikeJson(value) && depth < MaxDepth && tally.MayTryText && TryReadInner(value, out var changed) ? changed : plain.TryMask(value, masked, tally);

    // False when the text is no JSON after all.
    private bool TryReadInner(scoped ReadOnlySpan<byte> value, out bool changed)
    {
        var counts = tally.Save();
        inner ??= new JsonSecrets(rules, depth + 1);
        try
        {
            changed = inner.TryMask(value, masked, tally);
            return true;
        }
        catch (JsonException)
        {
            tally.Restore(counts);
            tally.NoteBrokenText();
            changed = false;
            return false;
        }
    }

    private void NotePair(int start, int length, scoped ReadOnlySpan<byte> value, Member member, int edit)
    {
        ref var frame = ref frames[open - 1];
        if (member.Rule.Is(NameKinds.KeyName))
        {
            frame.NamesSecret = true;
            frame.PairRule = RedactionRule.Key;
        }
        else if (member.Rule.Is(NameKinds.PairName) && rules.Find(value) is var named && named.Is(NameKinds.Suspect))
        {
            frame.NamesSecret |= named.Is(NameKinds.Secret | NameKinds.Header);
            frame.MayNameSecret |= named.Is(NameKinds.MaybeSecret);
            frame.PairRule = named.Rule;
        }

        if (member.Rule.Is(NameKinds.PairValue) && !SecretValues.IsHarmless(value))
            paired.Add(new PairedValue(start, length, edit, SecretValues.IsKeyMaterial(value)));
    }

    private void Cover(ref Utf8JsonReader reader, RedactionRule rule)
    {
        var start = (int)reader.TokenStartIndex;
        edits.Add(MaskEdit(start, (int)reader.BytesConsumed - start));
        tally.Add(rule);
    }

    private static bool IsLikeJson(ReadOnlySpan<byte> value) => value.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..];
}

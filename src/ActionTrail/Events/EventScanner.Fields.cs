using System.Text.Json;

namespace ActionTrail.Events;

/// <content>How each known field is read.</content>
internal sealed partial class EventScanner
{
    private void ReadKnown<TValues>(ref Utf8JsonReader reader, ref TValues values, EventField field)
        where TValues : IAttributeValues, allows ref struct
    {
        var type = EventFields.TypeOf(field);
        if (type == FieldType.Text)
        {
            if (TryText(ref reader, EventFields.Pointer(field), out var value))
            {
                ReadText(ref values, field, value);
            }

            if (field == EventField.EventId && !HasEventId)
            {
                EmptyEventId = ((int)reader.TokenStartIndex, (int)(reader.BytesConsumed - reader.TokenStartIndex));
            }

            return;
        }

        if (reader.TokenType != JsonTokenType.Null && !Fits(ref reader, type))
        {
            Fail(RejectCode.WrongType, EventFields.Pointer(field), type switch
            {
                FieldType.Flag => Rules.Flag,
                FieldType.Object => Rules.Object,
                _ => Rules.TextOrInteger,
            });
            Skip(ref reader);
        }
        else if (reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }
        else if (field == EventField.UserIdentity)
        {
            ReadIdentity(ref reader, ref values);
        }
        else if (field == EventField.ReferencedResources)
        {
            ReadReferences(ref reader, ref values);
        }
        else if (field == EventField.EventAttributes)
        {
            ReadFlags(ref reader, ref values);
        }
        else
        {
            Skip(ref reader);
        }
    }

    private static bool Fits(ref Utf8JsonReader reader, FieldType type) => type switch
    {
        FieldType.Flag => reader.TokenType is JsonTokenType.True or JsonTokenType.False,
        FieldType.Object => reader.TokenType == JsonTokenType.StartObject,
        _ => reader.TokenType == JsonTokenType.String || (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out _)),
    };

    // True with the value when it is text; a null is passed over silently, anything else and half a surrogate pair is a fault.
    private bool TryText(ref Utf8JsonReader reader, string pointer, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (reader.TokenType == JsonTokenType.String)
        {
            if (text.TryRead(ref reader, out value))
            {
                return true;
            }

            Fail(RejectCode.BadEncoding, pointer, Rules.Surrogates);
        }
        else if (reader.TokenType != JsonTokenType.Null)
        {
            Fail(RejectCode.WrongType, pointer, Rules.Text);
            Skip(ref reader);
        }

        return false;
    }

    private void ReadText<TValues>(ref TValues values, EventField field, scoped ReadOnlySpan<byte> value)
        where TValues : IAttributeValues, allows ref struct
    {
        if (value.IsEmpty)
        {
            return;
        }

        present |= EventFields.Bit(field);
        var pointer = EventFields.Pointer(field);
        switch (field)
        {
            case EventField.EventTime:
                if (EventTimes.TryParse(value, out var time))
                {
                    EventTimeMs = time;
                }
                else
                {
                    Fail(RejectCode.BadValue, pointer, Rules.Time);
                }

                return;
            case EventField.RecipientAccountId:
                if (AccountIds.IsValid(value))
                {
                    recipientAccount = accounts.Find(value);
                }
                else
                {
                    Fail(RejectCode.BadValue, pointer, Rules.Account);
                }

                return;
            case EventField.EventId when !EventIds.IsValid(value):
                Fail(RejectCode.BadValue, pointer, Rules.EventId);
                return;
            case EventField.EventRW when !value.SequenceEqual("Read"u8) && !value.SequenceEqual("Write"u8):
                Fail(RejectCode.BadValue, pointer, Rules.ReadOrWrite);
                return;
            case EventField.ResourceType:
                GiveParts(ref values, EventAttribute.ResourceType, value, pointer);
                return;
            case EventField.ResourceName:
                GiveParts(ref values, EventAttribute.ResourceName, value, pointer);
                return;
            default:
                if (EventFields.TryAttribute(field, out var attribute))
                {
                    Give(ref values, attribute, value, pointer);
                }

                return;
        }
    }

    private void GiveParts<TValues>(ref TValues values, EventAttribute attribute, scoped ReadOnlySpan<byte> joined, string pointer)
        where TValues : IAttributeValues, allows ref struct
    {
        while (joined.IndexOf((byte)';') is var at and >= 0)
        {
            Give(ref values, attribute, joined[..at], pointer);
            joined = joined[(at + 1)..];
        }

        Give(ref values, attribute, joined, pointer);
    }

    private void ReadIdentity<TValues>(ref Utf8JsonReader reader, ref TValues values)
        where TValues : IAttributeValues, allows ref struct
    {
        var met = IdentityField.None;
        var isRole = false;
        Span<byte> role = stackalloc byte[256];
        var roleLength = 0;
        byte[]? longRole = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var field = text.TryRead(ref reader, out var name) ? FindIdentity(name) : IdentityField.None;
            reader.Read();
            if (field == IdentityField.None)
            {
                Skip(ref reader);
                continue;
            }

            var pointer = Pointer(field);
            if ((met & field) != 0)
            {
                Fail(RejectCode.BadValue, pointer, Rules.Twice);
            }

            met |= field;
            if (field == IdentityField.SessionContext)
            {
                if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.Null))
                {
                    Fail(RejectCode.WrongType, pointer, Rules.Object);
                }

                Skip(ref reader);
                continue;
            }

            if (!TryText(ref reader, pointer, out var value) || value.IsEmpty)
            {
                continue;
            }

            switch (field)
            {
                case IdentityField.Type:
                    isRole = value.SequenceEqual("assumed-role"u8);
                    break;
                case IdentityField.AccountId:
                    identityAccountIsBad = !AccountIds.IsValid(value);
                    identityAccount = identityAccountIsBad ? null : accounts.Find(value);
                    break;
                case IdentityField.UserName:
                    Give(ref values, EventAttribute.User, value, pointer);
                    var part = value.IndexOf((byte)':') is var colon and >= 0 ? value[..colon] : value;
                    longRole = part.Length > role.Length ? part.ToArray() : null;
                    roleLength = part.Length;
                    (longRole is null ? part : default).CopyTo(role);
                    break;
                default:
                    Give(ref values, field == IdentityField.PrincipalId ? EventAttribute.PrincipalId : EventAttribute.AccessKeyId, value, pointer);
                    break;
            }
        }

        if (isRole)
        {
            Give(ref values, EventAttribute.RoleName, longRole ?? role[..roleLength], Pointer(IdentityField.UserName));
        }
    }

    private void ReadReferences<TValues>(ref Utf8JsonReader reader, ref TValues values)
        where TValues : IAttributeValues, allows ref struct
    {
        const string Pointer = "/referencedResources";
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (text.TryRead(ref reader, out var type))
            {
                Give(ref values, EventAttribute.ResourceType, type, Pointer);
            }
            else
            {
                Fail(RejectCode.BadEncoding, Pointer, Rules.Surrogates);
            }

            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                Fail(RejectCode.WrongType, Pointer, Rules.References);
                Skip(ref reader);
                continue;
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType != JsonTokenType.String)
                {
                    Fail(RejectCode.WrongType, Pointer, Rules.References);
                    Skip(ref reader);
                }
                else if (text.TryRead(ref reader, out var name))
                {
                    Give(ref values, EventAttribute.ResourceName, name, Pointer);
                }
                else
                {
                    Fail(RejectCode.BadEncoding, Pointer, Rules.Surrogates);
                }
            }
        }
    }

    private void ReadFlags<TValues>(ref Utf8JsonReader reader, ref TValues values)
        where TValues : IAttributeValues, allows ref struct
    {
        const string Pointer = "/eventAttributes/SensitiveAction";
        var met = false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var isSensitive = text.TryRead(ref reader, out var name) && name.SequenceEqual("SensitiveAction"u8);
            reader.Read();
            if (!isSensitive)
            {
                Skip(ref reader);
                continue;
            }

            if (met)
            {
                Fail(RejectCode.BadValue, Pointer, Rules.Twice);
            }

            met = true;
            if (reader.TokenType == JsonTokenType.True)
            {
                Give(ref values, EventAttribute.SensitiveAction, "true"u8, Pointer);
            }
            else if (reader.TokenType != JsonTokenType.False && TryText(ref reader, Pointer, out var value) && value.SequenceEqual("true"u8))
            {
                Give(ref values, EventAttribute.SensitiveAction, value, Pointer);
            }
        }
    }

    [Flags]
    private enum IdentityField
    {
        None = 0,
        Type = 1,
        AccountId = 2,
        PrincipalId = 4,
        UserName = 8,
        AccessKeyId = 16,
        SessionContext = 32,
    }

    private static IdentityField FindIdentity(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 when name.SequenceEqual("type"u8) => IdentityField.Type,
        8 when name.SequenceEqual("userName"u8) => IdentityField.UserName,
        9 when name.SequenceEqual("accountId"u8) => IdentityField.AccountId,
        11 when name.SequenceEqual("principalId"u8) => IdentityField.PrincipalId,
        11 when name.SequenceEqual("accessKeyId"u8) => IdentityField.AccessKeyId,
        14 when name.SequenceEqual("sessionContext"u8) => IdentityField.SessionContext,
        _ => IdentityField.None,
    };

    private static string Pointer(IdentityField field) => field switch
    {
        IdentityField.Type => "/userIdentity/type",
        IdentityField.AccountId => "/userIdentity/accountId",
        IdentityField.PrincipalId => "/userIdentity/principalId",
        IdentityField.UserName => "/userIdentity/userName",
        IdentityField.AccessKeyId => "/userIdentity/accessKeyId",
        _ => "/userIdentity/sessionContext",
    };
}

using System.Text.Json;

namespace ActionTrail.Events.Azure;

/// <summary>
/// What was acted upon: <c>resourceType</c> and <c>resourceName</c> as spelled in the record, and <c>referencedResources</c> with whole ids in lower case,
/// because the stream spells one resource in several ways. One instance is used again and again.
/// </summary>
/// <param name="pages">The text of the record that is being mapped.</param>
internal sealed class AzureReferences(TextPages pages)
{
    private readonly List<Reference> found = [];
    private readonly ByTypeThenId order = new(pages);

    public void Write(AzureEvent read, MappedEvent output)
    {
        found.Clear();
        ReadOnlySpan<byte> type = read.Resource.Type, name = read.Resource.Name;
        ReferLower(type, read[AzureField.ResourceId]);
        ReferLower(read.Resource.ParentType, read.Resource.ParentId);
        if (read.Record.Has(AzureField.Entity))
        {
            ReferLower(AzureResourceId.Parse(read[AzureField.Entity], pages).Type, read[AzureField.Entity]);
        }

        if (read.Kind.IsEntra())
        {
            ReferTargets(read, ref type, ref name);
        }
        else if (read.Kind == AzureKind.Resource)
        {
            ReferInside(read);
        }

        output.Utf8("resourceType"u8, type);
        output.Utf8("resourceName"u8, name);
        WriteFound(output.Json);
    }

    // What a resource holds and was asked for: an object of Kubernetes, a blob, a database.
    private void ReferInside(AzureEvent read)
    {
        if (read.Record.Has(AzureField.AuditResource) && read.Record.Has(AzureField.AuditName))
        {
            Refer(AzureEvent.Join(pages, "kubernetes"u8, (byte)'/', read[AzureField.AuditResource]), AzureEvent.Join(pages, read[AzureField.AuditNamespace], (byte)'/', read[AzureField.AuditName]));
        }

        Refer("object"u8, read[AzureField.ObjectKey]);
        Refer("database"u8, read[AzureField.SqlDatabase]);
        if (!AzureAddress.HostOf(read[AzureField.Id]).IsEmpty)
        {
            Refer("object"u8, read[AzureField.Id]);
        }
    }

    private void ReferTargets(AzureEvent read, ref ReadOnlySpan<byte> type, ref ReadOnlySpan<byte> name)
    {
        var json = read[AzureField.TargetResources];
        if (json is [(byte)'[', ..])
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1000 });
            reader.Read();
            while (found.Count < ResourceReferences.Max && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    var target = ReadTarget(ref reader);
                    type = type.IsEmpty ? pages[target.Type] : type;
                    name = name.IsEmpty ? pages[target.Label] : name;
                    found.Add(new(target.Type, target.Id));
                }

                reader.Skip();
            }
        }

        ReferOldTarget(read, ref type, ref name);
        Target(read[AzureField.TargetIdentityType], read[AzureField.TargetIdentityId], read[AzureField.TargetIdentityName], ref type, ref name);
        Target("SourceIdentity"u8, read[AzureField.SourceIdentityId], read[AzureField.SourceIdentityName], ref type, ref name);
        if (read.Kind == AzureKind.SignIn && read.Record.Has(AzureField.ResourceDisplayName))
        {
            type = type.IsEmpty ? "Application"u8 : type;
            name = name.IsEmpty ? read[AzureField.ResourceDisplayName] : name;
        }
    }

    private void Target(ReadOnlySpan<byte> kind, ReadOnlySpan<byte> id, ReadOnlySpan<byte> label, ref ReadOnlySpan<byte> type, ref ReadOnlySpan<byte> name)
    {
        if (id.IsEmpty && label.IsEmpty)
        {
            return;
        }

        kind = kind.IsEmpty ? "Identity"u8 : kind;
        Refer(kind, id.IsEmpty ? label : id);
        if (name.IsEmpty)
        {
            type = kind;
            name = label.IsEmpty ? id : label;
        }
    }

    // Until 2018: UPN__ObjectID__ObjectClass names the parts of ann@contoso.com__2f9c__User.
    private void ReferOldTarget(AzureEvent read, ref ReadOnlySpan<byte> type, ref ReadOnlySpan<byte> name)
    {
        var names = read[AzureField.TargetResourceType];
        var parts = read[AzureField.TargetResourceName];
        if (names.IsEmpty || parts.IsEmpty)
        {
            return;
        }

        ReadOnlySpan<byte> id = default, kind = default, label = default;
        for (var i = 0; !names.IsEmpty && !parts.IsEmpty; i++)
        {
            var part = Cut(ref parts);
            var named = Cut(ref names);
            label = i == 0 ? part : label;
            id = named.SequenceEqual("ObjectID"u8) ? part : id;
            kind = named.SequenceEqual("ObjectClass"u8) ? part : kind;
        }

        Target(kind.IsEmpty ? "Other"u8 : kind, id, label, ref type, ref name);
    }

    private static ReadOnlySpan<byte> Cut(scoped ref ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf("__"u8);
        var part = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[(end + 2)..];
        return part;
    }

    private (TextSlice Type, TextSlice Id, TextSlice Label) ReadTarget(ref Utf8JsonReader reader)
    {
        TextSlice id = default, kind = default, principal = default, label = default;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var at = reader.ValueTextEquals("id"u8) ? 1 : reader.ValueTextEquals("type"u8) ? 2 : reader.ValueTextEquals("userPrincipalName"u8) ? 3 : reader.ValueTextEquals("displayName"u8) ? 4 : 0;
            reader.Read();
            if (at > 0 && reader.TokenType == JsonTokenType.String && !reader.ValueSpan.Trim(" \t\r\n"u8).IsEmpty)
            {
                var text = pages.AddString(ref reader);
                (id, kind, principal, label) = (at == 1 ? text : id, at == 2 ? text : kind, at == 3 ? text : principal, at == 4 ? text : label);
            }

            reader.Skip();
        }

        label = !principal.IsEmpty ? principal : !label.IsEmpty ? label : id;
        return (kind.IsEmpty ? pages.Add("Other"u8) : kind, id.IsEmpty ? label : id, label);
    }

    private void ReferLower(ReadOnlySpan<byte> type, ReadOnlySpan<byte> id)
    {
        if (!type.IsEmpty && !id.IsEmpty)
        {
            found.Add(new(pages.AddLower(type), pages.AddLower(id)));
        }
    }

    private void Refer(ReadOnlySpan<byte> type, ReadOnlySpan<byte> id)
    {
        if (!type.IsEmpty && !id.IsEmpty)
        {
            found.Add(new(pages.Add(type), pages.Add(id)));
        }
    }

    private void WriteFound(Utf8JsonWriter json)
    {
        if (found.Count > 1)
        {
            found.Sort(order);
        }

        ReadOnlySpan<byte> type = default, id = default;
        foreach (var reference in found)
        {
            if (reference.Id.IsEmpty)
            {
                continue;
            }

            var nextType = pages[reference.Type];
            var nextId = pages[reference.Id];
            if (!nextType.SequenceEqual(type))
            {
                if (type.IsEmpty)
                {
                    json.WriteStartObject("referencedResources"u8);
                }
                else
                {
                    json.WriteEndArray();
                }

                json.WriteStartArray(nextType);
                id = default;
            }

            if (!nextId.SequenceEqual(id))
            {
                json.WriteStringValue(nextId);
            }

            type = nextType;
            id = nextId;
        }

        if (!type.IsEmpty)
        {
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private readonly record struct Reference(TextSlice Type, TextSlice Id);

    private sealed class ByTypeThenId(TextPages pages) : IComparer<Reference>
    {
        public int Compare(Reference x, Reference y) =>
            pages[x.Type].SequenceCompareTo(pages[y.Type]) is var byType and not 0 ? byType : pages[x.Id].SequenceCompareTo(pages[y.Id]);
    }
}

using System.Text.Json;

namespace ActionTrail.Events.Azure;

/// <summary>Where a call came from, and hosts of URIs.</summary>
internal static class AzureAddress
{
    /// <summary>The address of the caller without port; empty when the record has none.</summary>
    public static ReadOnlySpan<byte> Of(AzureEvent read)
    {
        var address = read.First(AzureField.CallerIpAddress, AzureField.IpAddress, AzureField.InitiatingUserIp, AzureField.ClaimIp, AzureField.HttpClientIp);
        address = address.IsEmpty ? FirstOf(read[AzureField.AuditSourceIps]) : address;
        return WithoutPort(address.IsEmpty && read.Kind == AzureKind.Directory ? AzureDetails.Find(read.Record, "ipaddr"u8) : address);
    }

    /// <summary>The host that an absolute URI names; empty when it names none.</summary>
    public static ReadOnlySpan<byte> HostOf(ReadOnlySpan<byte> uri)
    {
        var scheme = uri.IndexOf("://"u8);
        if (scheme <= 0)
        {
            return default;
        }

        uri = uri[(scheme + 3)..];
        var end = uri.IndexOfAny("/?#:"u8);
        uri = end < 0 ? uri : uri[..end];
        return uri[(uri.LastIndexOf((byte)'@') + 1)..];
    }

    private static ReadOnlySpan<byte> FirstOf(ReadOnlySpan<byte> jsonArray)
    {
        var reader = new Utf8JsonReader(jsonArray, new JsonReaderOptions { MaxDepth = 1000 });
        return jsonArray is [(byte)'[', ..] && reader.Read() && reader.Read() && reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped
            ? jsonArray.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length) : default;
    }

    private static ReadOnlySpan<byte> WithoutPort(ReadOnlySpan<byte> address)
    {
        if (address is [(byte)'[', ..] && address.IndexOf((byte)']') is var end and > 0)
        {
            return address[1..end];
        }

        var colon = address.IndexOf((byte)':');
        return colon > 0 && colon == address.LastIndexOf((byte)':') && address[..colon].Contains((byte)'.') ? address[..colon] : address;
    }
}

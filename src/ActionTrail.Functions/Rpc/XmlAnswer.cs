using System.Text;
using System.Text.Json;
using System.Xml;

namespace ActionTrail.Functions.Rpc;

/// <summary>
/// Turns an answer of the RPC API from JSON into XML: a member becomes an element of its name, an array the element once for each item. What XML
/// cannot hold is replaced: characters by U+FFFD, names by their <c>_xHHHH_</c> spelling.
/// </summary>
internal static class XmlAnswer
{
    private const int MaxDepth = 512;

    private static readonly XmlWriterSettings Settings = new() { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) };

    public static byte[] Convert(ReadOnlyMemory<byte> json, string root)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
        using var buffer = new MemoryStream();
        using (var xml = XmlWriter.Create(buffer, Settings))
            Write(xml, XmlConvert.EncodeLocalName(root), document.RootElement);
        return buffer.ToArray();
    }

    private static void Write(XmlWriter xml, string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
                Write(xml, name, item);
            return;
        }

        xml.WriteStartElement(name);
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject())
                Write(xml, Name(member), member.Value);
        }
        else if (value.ValueKind != JsonValueKind.Null)
        {
            xml.WriteString(Clean(Text(value)));
        }

        xml.WriteEndElement();
    }

    private static string Name(JsonProperty member)
    {
        try
        {
            return member.Name.Length == 0 ? "_" : XmlConvert.EncodeLocalName(member.Name);
        }
        catch (InvalidOperationException)
        {
            // As for texts below.
            return "_";
        }
    }

    private static string Text(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
            return value.GetRawText();
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair in an escape: valid JSON, no text. It is shown as it is written.
            return value.GetRawText();
        }
    }

    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            clean.Append(rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value) ? "\uFFFD" : rune.ToString());
        return clean.ToString();
    }
}

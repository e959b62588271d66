using System.Globalization;
using System.Text;
using Azure;

namespace ActionTrail.Azure.Tables;

/// <summary>
/// An entity-group transaction: a multipart/mixed body with one change set, which holds one HTTP request per action. The answer
/// is shaped alike: one HTTP response per action when all happened, a single one with an error when nothing did.
/// Lines end in CR LF. The boundaries are constant: every body is one line of JSON, which never begins with two hyphens.
/// </summary>
internal static class TableBatch
{
    internal const string ContentType = "multipart/mixed; boundary=batch_actiontrail";

    private const string BatchBoundary = "--batch_actiontrail";
    private const string ChangeBoundary = "--changeset_actiontrail";

    public static byte[] Write(string endpoint, string table, IReadOnlyList<TableTransactionAction> actions)
    {
        using var body = new MemoryStream();
        Line(body, BatchBoundary);
        Line(body, "Content-Type: multipart/mixed; boundary=changeset_actiontrail");
        Line(body, "");
        foreach (var action in actions)
        {
            var write = TableWrite.For(table, action);
            Line(body, ChangeBoundary);
            Line(body, "Content-Type: application/http");
            Line(body, "Content-Transfer-Encoding: binary");
            Line(body, "");
            Line(body, $"{write.Method} {endpoint}{write.Path} HTTP/1.1");
            Line(body, $"Accept: {TableRequests.MinimalMetadata}");
            Line(body, $"DataServiceVersion: {TableRequests.DataServiceVersion}");
            if (write.IfMatch is not null)
                Line(body, $"If-Match: {write.IfMatch}");
            if (write.Body is not null)
            {
                Line(body, "Prefer: return-no-content");
                Line(body, $"Content-Type: {TableRequests.JsonType}");
                Line(body, $"Content-Length: {write.Body.Length.ToString(CultureInfo.InvariantCulture)}");
            }

            Line(body, "");
            body.Write(write.Body ?? []);
            Line(body, "");
        }

        Line(body, ChangeBoundary + "--");
        Line(body, BatchBoundary + "--");
        return body.ToArray();
    }

    /// <summary>The responses inside an answer, in order.</summary>
    /// <exception cref="InvalidDataException">The answer is cut or is no such answer.</exception>
    public static List<Response> Read(Response answer)
    {
        var text = answer.Content.ToString();
        var outer = Boundary(answer.Headers.ContentType ?? "");
        var responses = new List<Response>();
        foreach (var part in Parts(text, outer))
        {
            var (headers, content) = SplitHead(part);
            var inner = headers.Find(static h => h.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)).Value ?? "";
            if (inner.StartsWith("multipart/mixed", StringComparison.OrdinalIgnoreCase))
                responses.AddRange(Parts(content, Boundary(inner)).Select(change => ReadResponse(SplitHead(change).Content, answer.ClientRequestId)));
            else
                responses.Add(ReadResponse(content, answer.ClientRequestId));
        }

        return responses.Count > 0 ? responses : throw new InvalidDataException("The answer to a transaction holds no response.");
    }

    /// <summary>The index that the service puts before its message: <c>4:The specified entity already exists.</c></summary>
    public static int? FailedIndex(string? message)
    {
        var colon = message?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        return colon > 0 && int.TryParse(message.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;
    }

    private static Response ReadResponse(string text, string clientRequestId)
    {
        var lineEnd = text.IndexOf('\n', StringComparison.Ordinal);
        var statusLine = (lineEnd < 0 ? text : text[..lineEnd]).TrimEnd('\r').Split(' ', 3);
        if (statusLine.Length < 2 || !int.TryParse(statusLine[1], NumberStyles.None, CultureInfo.InvariantCulture, out var status))
            throw new InvalidDataException("A response inside a transaction has no status line.");
        var (headers, content) = SplitHead(text[(lineEnd + 1)..]);
        return new TableBatchResponse(status, statusLine.Length > 2 ? statusLine[2] : "", headers, Encoding.UTF8.GetBytes(content.Trim()), clientRequestId);
    }

    private static IEnumerable<string> Parts(string text, string boundary)
    {
        var parts = ("\n" + text).Split("\n--" + boundary, StringSplitOptions.None);
        if (parts.Length < 3 || !parts[^1].StartsWith("--", StringComparison.Ordinal))
            throw new InvalidDataException("The answer to a transaction is cut.");
        return parts[1..^1].Select(static part => part.TrimStart('\r', '\n'));
    }

    private static string Boundary(string contentType)
    {
        var at = contentType.IndexOf("boundary=", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            throw new InvalidDataException("The answer to a transaction is not multipart.");
        return contentType[(at + "boundary=".Length)..].Split(';')[0].Trim().Trim('"');
    }

    private static (List<(string Name, string Value)> Headers, string Content) SplitHead(string text)
    {
        var headers = new List<(string, string)>();
        var position = 0;
        while (position < text.Length)
        {
            var end = text.IndexOf('\n', position);
            var line = (end < 0 ? text[position..] : text[position..end]).TrimEnd('\r');
            position = end < 0 ? text.Length : end + 1;
            if (line.Length == 0)
                break;
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
                headers.Add((line[..colon].Trim(), line[(colon + 1)..].Trim()));
        }

        return (headers, text[position..]);
    }

    private static void Line(MemoryStream body, string line)
    {
        body.Write(Encoding.UTF8.GetBytes(line));
        body.Write("\r\n"u8);
    }
}

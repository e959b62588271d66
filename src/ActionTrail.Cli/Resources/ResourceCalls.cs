using System.Text;
using System.Text.Json;
using ActionTrail.Cli.Connection;
using ActionTrail.Cli.Output;

namespace ActionTrail.Cli.Resources;

/// <summary>Shows, lists and changes what the API manages: accounts, access keys, trails and directories.</summary>
internal sealed class ResourceCalls(ApiClient api, OutputForm form, Surroundings around)
{
    /// <summary>One resource: a line per member in the order of the API, or the JSON as it came.</summary>
    public Task<int> ShowAsync(string path, CancellationToken cancellationToken) => ShowAsync(path, only: null, cancellationToken);

    /// <summary>As <see cref="ShowAsync(string, CancellationToken)"/>, of the members that <paramref name="only"/> names.</summary>
    public async Task<int> ShowAsync(string path, Func<string, bool>? only, CancellationToken cancellationToken)
    {
        var (json, _) = await api.GetAsync(path, cancellationToken);
        using (json)
        {
            if (only is null)
            {
                Show(json.RootElement);
                return ExitCode.Ok;
            }

            using var part = JsonDocument.Parse(Body([.. json.RootElement.EnumerateObject().Where(member => only(member.Name)).Select(static member => (member.Name, (object?)new Json(member.Value.GetRawText())))]));
            Show(part.RootElement);
            if (!part.RootElement.EnumerateObject().Any())
                around.Tell("there is none");
        }

        return ExitCode.Ok;
    }

    /// <summary>Looks at a resource until its member has a value that ends the waiting; shows it then, and returns the value.</summary>
    /// <exception cref="CliException">Unavailable: the time is over and it still has not.</exception>
    public async Task<string> WaitAsync(string path, string member, Func<string, bool> isEnd, TimeSpan interval, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var begun = around.Time.GetTimestamp();
        while (true)
        {
            var (json, _) = await api.GetAsync(path, cancellationToken);
            using (json)
            {
                var value = json.RootElement.TryGetProperty(member, out var found) ? found.GetString() ?? "" : throw new CliException(ExitCode.Unavailable, $"The answer has no {member}. Is the endpoint the address of the service?");
                if (isEnd(value))
                {
                    Show(json.RootElement);
                    return value;
                }

                if (around.Time.GetElapsedTime(begun) >= timeout)
                    throw new CliException(ExitCode.Unavailable, $"It is still {TerminalText.Clean(value)}.");
            }

            await Task.Delay(interval, around.Time, cancellationToken);
        }
    }

    /// <summary>An answer in a form of its own.</summary>
    public async Task<int> WriteAsync(string path, string query, Func<JsonElement, string> format, CancellationToken cancellationToken)
    {
        var (json, _) = await api.GetAsync(query.Length == 0 ? path : $"{path}?{query}", cancellationToken);
        using (json)
            Store.StoreText.Write(around, format(json.RootElement));
        return ExitCode.Ok;
    }

    /// <summary>A whole list.</summary>
    public async Task<int> ListAsync(string path, string query, IReadOnlyList<Column> columns, CancellationToken cancellationToken)
    {
        var writer = RecordWriter.Create(form, columns, isStreaming: false, around);
        await foreach (var page in ApiPages.ReadAsync(api, path, query, cancellationToken))
            writer.Write(page.Records);
        writer.Finish();
        if (writer.Count == 0)
            around.Tell("there are none");
        return ExitCode.Ok;
    }

    /// <summary>The id of the directory that the account is in.</summary>
    public async Task<string> FindDirectoryAsync(CancellationToken cancellationToken)
    {
        var (json, _) = await api.GetAsync("v1/directories", cancellationToken);
        using (json)
        {
            return json.RootElement.GetProperty("value") is { } list && list.GetArrayLength() > 0
                ? list[0].GetProperty("directoryId").GetString()!
                : throw new CliException(ExitCode.NotFound, "The account is in no directory.");
        }
    }

    /// <summary>A change; shows the resource that the answer has, else says what was done.</summary>
    public async Task<int> ChangeAsync(HttpMethod method, string path, string? body, string done, CancellationToken cancellationToken)
    {
        using var json = await api.ChangeAsync(method, path, body, cancellationToken);
        if (json is not null)
            Show(json.RootElement);
        around.Tell(done);
        return ExitCode.Ok;
    }

    /// <summary>JSON of the members that are given.</summary>
    /// <param name="members">A string, a bool, a whole number, or a text of JSON marked by <see cref="Json"/>; null: left out.</param>
    public static string Body(params IReadOnlyList<(string Name, object? Value)> members)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, value) in members)
            {
                switch (value)
                {
                    case string text:
                        json.WriteString(name, text);
                        break;
                    case bool flag:
                        json.WriteBoolean(name, flag);
                        break;
                    case int number:
                        json.WriteNumber(name, number);
                        break;
                    case Json raw:
                        json.WritePropertyName(name);
                        json.WriteRawValue(raw.Text);
                        break;
                    default:
                        break;
                }
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>A value that is JSON already.</summary>
    public sealed record Json(string Text);

    private void Show(JsonElement resource)
    {
        var raw = JsonWriter.OneLine(resource.GetRawText());
        var text = form == OutputForm.Json ? (around.IsOutputTerminal ? TerminalText.CleanJson(raw) : raw) + "\n" : Lines(resource);
        Store.StoreText.Write(around, text);
    }

    private static string Lines(JsonElement resource)
    {
        var members = resource.EnumerateObject().ToList();
        var width = members.Select(static m => m.Name.Length).DefaultIfEmpty(0).Max() + 2;
        var text = new StringBuilder();
        foreach (var member in members)
        {
            var value = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : JsonWriter.OneLine(member.Value.GetRawText());
            text.Append(TerminalText.Clean(member.Name).PadRight(width)).Append(TerminalText.Clean(value)).Append('\n');
        }

        return text.ToString();
    }
}

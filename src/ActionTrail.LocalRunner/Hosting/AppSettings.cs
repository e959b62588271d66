using System.Text;
using System.Text.Json;
using ActionTrail.LocalRunner.Options;

namespace ActionTrail.LocalRunner.Hosting;

/// <summary>App settings: <c>Values</c> of local.settings.json (or of its example), overlaid with what the runner computed. As in the Functions tools, a variable of the environment goes before the file's value of that name.</summary>
internal sealed class AppSettings
{
    private readonly Dictionary<string, string> values = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyDictionary<string, string> Values => values;

    public string? this[string name]
    {
        get => values.GetValueOrDefault(name);
        set => values[name] = value ?? "";
    }

    /// <summary>Reads the first of the files that exists; none is fine.</summary>
    public static AppSettings Load(params string[] candidates)
    {
        var settings = new AppSettings();
        var path = Array.Find(candidates, File.Exists);
        if (path is null)
        {
            return settings;
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (document.RootElement.TryGetProperty(nameof(Values), out var section))
            {
                foreach (var property in section.EnumerateObject())
                {
                    settings.values[property.Name] = Environment.GetEnvironmentVariable(property.Name) is { Length: > 0 } given ? given : property.Value.ToString();
                }
            }

            return settings;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new RunnerException($"{path} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>Replaces each <c>%NAME%</c>; null when a name has no setting, which disables the function that asked, as on the real host.</summary>
    public string? Resolve(string text)
    {
        var result = new StringBuilder();
        var position = 0;
        while (text.IndexOf('%', position) is >= 0 and var open)
        {
            var close = text.IndexOf('%', open + 1);
            if (close < 0)
            {
                break;
            }

            var value = this[text[(open + 1)..close]];
            if (string.IsNullOrEmpty(value))
            {
                return null;
            }

            result.Append(text, position, open - position).Append(value);
            position = close + 1;
        }

        return result.Append(text, position, text.Length - position).ToString();
    }

    /// <summary>A connection by the host's rules: <c>AzureWebJobs{name}</c> before <c>{name}</c>.</summary>
    public string? FindConnection(string name) =>
        this["AzureWebJobs" + name] is { Length: > 0 } prefixed ? prefixed : this[name] is { Length: > 0 } plain ? plain : null;
}

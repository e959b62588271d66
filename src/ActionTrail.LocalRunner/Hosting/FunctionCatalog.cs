using System.Globalization;
using System.Text.Json;
using ActionTrail.LocalRunner.Options;
using ActionTrail.LocalRunner.Triggers;

namespace ActionTrail.LocalRunner.Hosting;

/// <summary>The functions of a script root, read from its folders.</summary>
internal static class FunctionCatalog
{
    /// <summary>
    /// Every folder below <paramref name="folder"/> that holds a <c>function.json</c>, by name. A function that is disabled, or asks for a setting
    /// that is not there, is left out with a warning, as the real host does; one the runner has no form for is a <see cref="RunnerException"/>.
    /// </summary>
    public static IReadOnlyList<FunctionDefinition> Load(string folder, AppSettings settings, Action<string> warn)
    {
        var functions = new List<FunctionDefinition>();
        foreach (var path in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal).Select(child => Path.Combine(child, "function.json")).Where(File.Exists))
        {
            var name = Path.GetFileName(Path.GetDirectoryName(path)!);
            try
            {
                using var document = JsonDocument.Parse(File.ReadAllBytes(path));
                if (document.RootElement.TryGetProperty("disabled", out var disabled) && disabled.IsTrue()
                    || string.Equals(settings[$"AzureWebJobs.{name}.Disabled"], "true", StringComparison.OrdinalIgnoreCase))
                {
                    warn($"function {name} is disabled");
                    continue;
                }

                functions.Add(new FunctionDefinition(name, ParseTrigger(document.RootElement, settings)));
            }
            catch (UnresolvedSettingException e)
            {
                warn($"function {name} is in error and does not run: {e.Message}");
            }
            catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
            {
                throw new RunnerException($"{path} cannot be used: {e.Message}", e);
            }
        }

        return functions.Count > 0 ? functions : throw new RunnerException($"No function.json was found below {folder}.");
    }

    private static TriggerDefinition ParseTrigger(JsonElement root, AppSettings settings)
    {
        var bindings = root.GetProperty("bindings").EnumerateArray().ToList();
        var binding = bindings.Single(item => Text(item, "type", null).EndsWith("Trigger", StringComparison.OrdinalIgnoreCase));
        var others = bindings.Where(item => Text(item, "name", null) != Text(binding, "name", null)).ToList();
        var name = Text(binding, "name", null);
        var type = Text(binding, "type", null);
        if (others.Any(item => type != "httpTrigger" || Text(item, "type", null) != "http"))
        {
            throw new FormatException("The runner serves triggers without further bindings; only an httpTrigger may have its http output.");
        }

        return type switch
        {
            "httpTrigger" when others.Count == 1 => new HttpTriggerDefinition(
                name,
                Text(binding, "route", ""),
                binding.TryGetProperty("methods", out var methods) ? [.. methods.EnumerateArray().Select(item => item.GetString()!.ToUpperInvariant())] : []),
            "httpTrigger" => throw new FormatException("Requests are passed on raw only with exactly one http output binding."),
            "eventHubTrigger" => EventHub(binding, name, root, settings),
            "queueTrigger" => new QueueTriggerDefinition(name, Resolved(binding, "queueName", settings), Connection(binding, "Storage", settings)),
            "timerTrigger" => new TimerTriggerDefinition(
                name,
                Resolved(binding, "schedule", settings),
                binding.TryGetProperty("runOnStartup", out var startup) && startup.IsTrue(),
                !binding.TryGetProperty("useMonitor", out var monitor) || monitor.IsTrue()),
            _ => throw new FormatException($"The runner does not know the trigger '{type}'."),
        };
    }

    private static EventHubTriggerDefinition EventHub(JsonElement binding, string name, JsonElement root, AppSettings settings)
    {
        if (Text(binding, "cardinality", "one") != "many")
        {
            throw new FormatException("The runner feeds event hubs with cardinality many only.");
        }

        return new EventHubTriggerDefinition(
            name,
            Resolved(binding, "eventHubName", settings),
            binding.TryGetProperty("consumerGroup", out _) ? Resolved(binding, "consumerGroup", settings) : "$Default",
            Connection(binding, "EventHub", settings),
            Text(binding, "dataType", "string") == "binary",
            root.TryGetProperty("retry", out var retry) ? ParseRetry(retry) : null);
    }

    private static RetryPolicy ParseRetry(JsonElement retry)
    {
        var count = retry.GetProperty("maxRetryCount").GetInt32();
        return Text(retry, "strategy", null) switch
        {
            "fixedDelay" => RetryPolicy.Fixed(count, Duration(retry, "delayInterval")),
            "exponentialBackoff" => RetryPolicy.Exponential(count, Duration(retry, "minimumInterval"), Duration(retry, "maximumInterval")),
            var other => throw new FormatException($"The retry strategy '{other}' is not known."),
        };
    }

    private static TimeSpan Duration(JsonElement element, string name) => TimeSpan.Parse(Text(element, name, null), CultureInfo.InvariantCulture);

    private static string Connection(JsonElement binding, string fallback, AppSettings settings)
    {
        var name = settings.Resolve(Text(binding, "connection", fallback));
        return (name is null ? null : settings.FindConnection(name))
            ?? throw new UnresolvedSettingException($"the setting '{name ?? Text(binding, "connection", fallback)}' is missing or empty");
    }

    private static string Resolved(JsonElement binding, string name, AppSettings settings)
    {
        var text = Text(binding, name, null);
        return settings.Resolve(text) ?? throw new UnresolvedSettingException($"{name} is '{text}', and no such setting has a value");
    }

    private static string Text(JsonElement element, string name, string? fallback) =>
        element.TryGetProperty(name, out var value) ? value.GetString()! : fallback ?? throw new FormatException($"'{name}' is missing.");

    private sealed class UnresolvedSettingException(string message) : Exception(message);
}

using System.Text;
using System.Text.Json;
using ActionTrail.Cli.Output;

namespace ActionTrail.Cli.Connection;

/// <summary>One broken rule: a JSON pointer into the body, or <c>?name</c> for a query parameter.</summary>
internal sealed record ProblemFault(string Pointer, string Rule);

/// <summary>What an error answer says (RFC 9457 as docs/api.md has it, or any other text), safe to print.</summary>
/// <param name="Code">Our code, such as <c>InvalidEvents</c>; empty for an answer that is not ours.</param>
/// <param name="Text">One line.</param>
/// <param name="Faults">The broken rules, at most as many as the server lists.</param>
internal sealed record Problem(string Code, string Text, IReadOnlyList<ProblemFault> Faults)
{
    private const int MaxText = 400;

    public static Problem Parse(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Something between us and the service answered; its text says what.
        }

        var text = TerminalText.Clean(Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, MaxText)))).Trim();
        return new Problem("", text.Length == 0 ? "(no text)" : text, []);
    }

    private static Problem Read(JsonElement root)
    {
        var detail = Member(root, "detail");
        var text = Member(root, "title") + (detail.Length == 0 ? "" : " " + detail);
        var faults = new List<ProblemFault>();
        if (root.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array)
        {
            foreach (var error in errors.EnumerateArray().Where(static e => e.ValueKind == JsonValueKind.Object))
                faults.Add(new ProblemFault(Member(error, "pointer"), Member(error, "rule")));
        }

        return new Problem(Member(root, "code"), text.Length == 0 ? "(no text)" : text, faults);
    }

    private static string Member(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? TerminalText.Clean(value.GetString()!) : "";
}

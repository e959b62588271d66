using System.Net;
using System.Text.Json;
using ActionTrail.Tests.Functions;

namespace ActionTrail.Tests.Events.Corpus;

public class CorpusApiTests
{
    /// <summary>Types that the call refuses before it looks at the body.</summary>
    private static readonly string[] ForeignTypes = ["application/cloudevents+avro", "///"];

    [Fact]
    public async Task Whatever_is_posted_is_stored_or_refused_by_pointer_and_rule_and_never_fails()
    {
        await using var app = await TestApp.StartAsync(clock: new FixedClock());
        var rows = CorpusTests.Rows.Values;
        foreach (var account in rows.SelectMany(static r => r.Expected.Split("; ")).Where(static o => o.StartsWith("ok ", StringComparison.Ordinal)).Select(static o => o.Split(' ')[1]).Distinct(StringComparer.Ordinal))
            Assert.Equal(HttpStatusCode.Created, (await app.SendAsync("POST", "/v1/accounts", $$"""{"accountId":"{{account}}"}""")).Status);

        var wrong = new List<string>();
        foreach (var row in rows)
        {
            var answer = await PostAsync(app, row);
            if (Fault(row, answer) is { } fault)
                wrong.Add($"{row.Name}: {fault}: {(int)answer.Status} {answer.Text}");
        }

        Assert.Empty(wrong);
    }

    private static string? Fault(OddRecord row, Answer answer)
    {
        if (ForeignTypes.Contains(row.ContentType, StringComparer.Ordinal) && row.Properties.Length == 0)
            return answer.Status == HttpStatusCode.UnsupportedMediaType ? null : "a foreign type is refused";
        var outcomes = row.Expected.Split("; ", StringSplitOptions.RemoveEmptyEntries);
        var refused = outcomes.Where(static o => !o.StartsWith("ok ", StringComparison.Ordinal)).ToArray();

        // Headers are text: what is a number or null as a property is text there, and may be judged otherwise. Gzip may also be the encoding of the body: one more of it is opened.
        var isJudgedAlike = row.Properties.Length == 0 && row.Name != "message: gzip of gzip";
        if (answer.Status == HttpStatusCode.OK)
            return isJudgedAlike && (refused.Length > 0 || answer.Json.GetProperty("accepted").GetInt32() != outcomes.Length) ? "other records are stored" : null;
        if (answer.Status == HttpStatusCode.RequestEntityTooLarge)
            return refused is ["TooLarge"] ? null : "it is not too large";
        if (answer.Status != HttpStatusCode.BadRequest || answer.Code != "InvalidEvents")
            return "a refusal is a bad request";
        if (isJudgedAlike && refused.Length == 0 && outcomes.Length > 0)
            return "nothing is wrong with it";
        var errors = answer.Json.GetProperty("errors").EnumerateArray().ToArray();
        if (errors.Length == 0 || !Array.TrueForAll(errors, static e => e.GetProperty("pointer").GetString() is "" or ['/', ..] && IsSentence(e.GetProperty("rule"))))
            return "a refusal has pointers and rules";
        return isJudgedAlike && !Array.TrueForAll(refused, r => Array.Exists(answer.Pointers, p => p.EndsWith(r.Split(' ') is [_, var pointer] ? pointer : "", StringComparison.Ordinal)))
            ? "the field is named"
            : null;
    }

    private static bool IsSentence(JsonElement rule) => rule.GetString() is [.., '.'];

    private static async Task<Answer> PostAsync(TestApp app, OddRecord row)
    {
        var content = new ByteArrayContent(row.Message);
        content.Headers.TryAddWithoutValidation("Content-Type", row.ContentType ?? "application/json");
        (string, string)[] headers = [.. row.Properties.Select(static p => (p.Name.Replace("cloudEvents:", "ce-", StringComparison.Ordinal).Replace('_', '-'), Uri.EscapeDataString(p.Json.Trim('"'))))];
        return await app.SendContentAsync("POST", "/v1/events", content, user: null, headers);
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(RecordingSink.ReceiveTimeMs);
    }
}

using System.Text;
using System.Text.Json;
using ActionTrail.Events.Redaction;

namespace ActionTrail.Tests.Events.Redaction;

public class RedactionTests
{
    [Theory]
    [MemberData(nameof(SecretTables.MaskedRows), MemberType = typeof(SecretTables))]
    public void A_secret_is_masked_and_the_rest_stays(string json, string redacted)
    {
        Assert.Equal(redacted, Redact(json));
        Assert.Equal(redacted, Redact(redacted));
    }

    [Theory]
    [MemberData(nameof(SecretTables.KeptRows), MemberType = typeof(SecretTables))]
    public void What_is_no_secret_keeps_every_byte(string json) => Assert.Equal(json, Redact(json));

    [Fact]
    public void The_tables_are_long() => Assert.True(SecretTables.MaskedRows.Count() + SecretTables.KeptRows.Count() >= 150);

    // The quick look may err only on the side of suspicion, wherever in a block of 32 bytes a name ends.
    [Theory]
    [MemberData(nameof(SecretTables.MaskedRows), MemberType = typeof(SecretTables))]
    public void A_secret_is_seen_at_every_position(string json, string redacted)
    {
        for (var shift = 0; shift < 40; shift++)
        {
            var padding = $$"""{"n":"{{new string('x', shift)}}",""";
            Assert.Equal(padding + redacted[1..], Redact(padding + json[1..]));
        }
    }

    [Fact]
    public void Json_text_in_json_text_is_masked_to_any_depth()
    {
        var json = """{"password":"planted-secret"}""";
        for (var depth = 1; depth <= 8; depth++)
        {
            json = $$"""{"text":{{JsonSerializer.Serialize(json, TextJson.Default.String)}}}""";
            var redacted = Redact(json);
            Assert.DoesNotContain("planted", redacted, StringComparison.Ordinal);
            using var valid = JsonDocument.Parse(redacted);
        }
    }

    [Fact]
    public void Added_names_are_masked_and_kept_names_are_not()
    {
        var rules = RedactionRules.Create(["licence_number"], ["DbPassword", "userData"]);

        Assert.Equal("""{"LicenceNumber":"***","dbPassword":"a","password":"***","userData":"Password=x;"}""",
            Redact("""{"LicenceNumber":"a","dbPassword":"a","password":"a","userData":"Password=x;"}""", rules));
        Assert.Equal("""{"eventName":"a","userIdentity":{"userName":"b"},"x":{"userName":"***"}}""",
            Redact("""{"eventName":"a","userIdentity":{"userName":"b"},"x":{"userName":"c"}}""", RedactionRules.Create(["eventName", "userName"], [])));
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("a b c")]
    [InlineData("___")]
    [InlineData("ü-name")]
    public void What_is_no_name_is_refused(string name) => Assert.Throws<ArgumentException>(() => RedactionRules.Create([name], []));

    // A megabyte of what makes each rule look closer: work stays linear.
    [Theory]
    [InlineData("eyJ")]
    [InlineData("eyJ.")]
    [InlineData("eyJ.eyJ")]
    [InlineData("a:")]
    [InlineData("pwd=")]
    [InlineData("sig=")]
    [InlineData("' \\\\")]
    [InlineData("'pwd':'\\\\")]
    [InlineData("'pwd':{")]
    [InlineData("://:")]
    [InlineData("://a:b@")]
    [InlineData("Basic ")]
    [InlineData("Bearer a1")]
    [InlineData("-----BEGIN PRIVATE KEY")]
    [InlineData("-----BEGIN ")]
    [InlineData("authorization: ")]
    [InlineData("     =")]
    public void A_megabyte_of_anything_is_valid_json_afterwards(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, (1 << 20) / piece.Length));
        using var valid = JsonDocument.Parse(Redact($$"""{"pwd":"x","text":"{{text}}"}"""));
        Assert.Equal("***", valid.RootElement.GetProperty("pwd").GetString());
    }

    [Fact]
    public void Thousands_of_texts_that_only_begin_like_json_are_read_as_text()
    {
        var texts = string.Join(',', Enumerable.Repeat("\"[pwd=a\"", 50_000));
        Assert.DoesNotContain("pwd=a", Redact($$"""{"texts":[{{texts}}]}"""), StringComparison.Ordinal);
    }

    internal static string Redact(string json, RedactionRules? rules = null)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        return new RecordRedactor(rules ?? RedactionRules.Default).TryRedact(bytes, out var redacted) ? Encoding.UTF8.GetString(redacted) : json;
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class TextJson : System.Text.Json.Serialization.JsonSerializerContext;

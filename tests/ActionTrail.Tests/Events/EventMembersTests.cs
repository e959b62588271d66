using System.Text;
using System.Text.Json;
using ActionTrail.Events;

namespace ActionTrail.Tests.Events;

/// <summary>The members that are found are those that a reader of tokens finds.</summary>
public sealed class EventMembersTests
{
    [Fact]
    public void Members_lie_where_a_reader_of_tokens_sees_them()
    {
        var (events, members, scanned) = (new RandomEvent(seed: 3), new EventMembers(), 0);
        for (var round = 0; round < 3000; round++)
        {
            var body = events.Next();
            scanned += members.TryRead(body) ? 1 : 0;
            members.Read(body);
            Assert.Equal(Expected(body), members.All.ToArray());
        }

        // Names with escapes are rare, and the only ones that go the other way.
        Assert.InRange(scanned, 2000, 2990);
    }

    [Fact]
    public void Whatever_else_comes_is_refused_as_before_or_has_the_same_members()
    {
        var (events, members, random) = (new RandomEvent(seed: 4), new EventMembers(), new Random(4));
        var (sound, refused) = (0, 0);
        for (var round = 0; round < 20_000; round++)
        {
            var body = events.Next();
            for (var change = random.Next(3); change >= 0; change--)
                body[random.Next(body.Length)] = (byte)"{}[]\",:\\ ax1"[random.Next(12)];
            if (random.Next(4) == 0)
                body = body[..random.Next(body.Length)];
            EventMember[]? expected = null;
            try
            {
                expected = Expected(body);
            }
            catch (JsonException)
            {
                refused++;
            }

            // A value that is no JSON may pass, since only its end is looked for: stored bodies were checked when they came.
            if (expected is null)
                Assert.True(Record.Exception(() => members.Read(body)) is null or JsonException);
            else if (members.TryRead(body))
                Assert.Equal(expected, members.All.ToArray());
            sound += expected is null ? 0 : 1;
        }

        Assert.True(sound > 1000 && refused > 1000);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("{")]
    [InlineData("{\"a\"")]
    [InlineData("{\"a\":")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":1,")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":x}")]
    [InlineData("{\"a\":\"b}")]
    [InlineData("{\"a\":[\"]}")]
    [InlineData("{a:1}")]
    [InlineData("{\"a\":1 \"b\":2}")]
    public void What_is_no_object_throws(string json) => Assert.ThrowsAny<JsonException>(() => new EventMembers().Read(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void An_event_of_very_many_members_has_them_all()
    {
        var body = Encoding.UTF8.GetBytes("{" + string.Join(',', Enumerable.Range(0, 1000).Select(static i => $"\"m{i}\":{{\"n\":[{i}]}}")) + "}");
        var members = new EventMembers();
        Assert.True(members.TryRead(body));
        Assert.Equal(1000, members.All.Length);
        Assert.Equal("{\"n\":[999]}", Encoding.UTF8.GetString(members.Find(body, "m999"u8)!.Value.Value(body)));
        Assert.Null(members.Find(body, "m1000"u8));
    }

    private static EventMember[] Expected(byte[] body)
    {
        var found = new List<EventMember>();
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 1000 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (start, length) = ((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
            reader.Read();
            var value = (int)reader.TokenStartIndex;
            reader.Skip();
            found.Add(new(start, length, value, (int)reader.BytesConsumed));
        }

        return [.. found];
    }
}

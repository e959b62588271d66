using ActionTrail.Events;
using ActionTrail.Query;

namespace ActionTrail.Tests.Query;

public class PageTokenTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    private static readonly LookupQuery Sample = new()
    {
        AccountId = "account-1",
        FromMs = 1_000,
        ToMs = 2_000,
        Conditions = [new LookupCondition(EventAttribute.User, "alice"), new LookupCondition(EventAttribute.EventName, "DeleteDisk")],
    };

    [Fact]
    public void A_token_gives_back_range_and_position()
    {
        var random = new Random(7);
        var tokens = new PageToken(Key);
        for (var i = 0; i < 1_000; i++)
        {
            var query = Sample with { FromMs = random.NextInt64(), ToMs = random.NextInt64() };
            var position = new LookupPosition(random.NextInt64(), (ulong)random.NextInt64());
            Assert.Equal(query with { After = position }, tokens.Decode(tokens.Encode(query, position), query with { FromMs = 0, ToMs = 0 }, rangeGiven: false));
        }
    }

    [Fact]
    public void Conditions_in_another_order_are_the_same_query()
    {
        var tokens = new PageToken(Key);
        var token = tokens.Encode(Sample, new LookupPosition(1_500, 42));
        Assert.NotNull(tokens.Decode(token, Sample with { Conditions = [.. Sample.Conditions.Reverse()], PageSize = 3 }, rangeGiven: true));
    }

    [Fact]
    public void Every_flipped_bit_and_every_cut_is_refused()
    {
        var tokens = new PageToken(Key);
        var token = tokens.Encode(Sample, new LookupPosition(1_500, 42));
        var refused = 0;
        for (var i = 0; i < token.Length; i++)
        {
            Assert.Null(tokens.Decode(token[..i], Sample, rangeGiven: false));
            for (var bit = 0; bit < 7; bit++)
            {
                var changed = token.ToCharArray();
                changed[i] = (char)(changed[i] ^ (1 << bit));
                Assert.Null(tokens.Decode(new string(changed), Sample, rangeGiven: false));
                refused++;
            }
        }

        Assert.Null(tokens.Decode(token + "A", Sample, rangeGiven: false));
        Assert.Equal(token.Length * 7, refused);
    }

    public static TheoryData<LookupQuery> OtherQueries() =>
    [
        Sample with { AccountId = "account-2" },
        Sample with { Direction = LookupDirection.Forward },
        Sample with { Conditions = [] },
        Sample with { Conditions = [Sample.Conditions[0]] },
        Sample with { Conditions = [Sample.Conditions[0], new LookupCondition(EventAttribute.EventName, "DeleteDisks")] },
        Sample with { Conditions = [Sample.Conditions[0], new LookupCondition(EventAttribute.ErrorCode, "DeleteDisk")] },
        Sample with { FromMs = 1_001 },
        Sample with { ToMs = 2_001 },
    ];

    [Theory]
    [MemberData(nameof(OtherQueries))]
    public void A_token_of_another_query_account_or_range_is_refused(LookupQuery other)
    {
        var tokens = new PageToken(Key);
        Assert.Null(tokens.Decode(tokens.Encode(Sample, new LookupPosition(1_500, 42)), other, rangeGiven: true));
    }

    [Fact]
    public void A_token_of_another_installation_is_refused()
    {
        var token = new PageToken([.. Key.Reverse()]).Encode(Sample, new LookupPosition(1_500, 42));
        Assert.Null(new PageToken(Key).Decode(token, Sample, rangeGiven: true));
    }
}

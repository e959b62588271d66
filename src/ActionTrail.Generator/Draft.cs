using System.Text;

namespace ActionTrail.Generator;

/// <summary>What was drawn for one event, before and apart from its bytes.</summary>
internal struct Draft
{
    public int Account;
    public ulong AccountSeed;
    public Actor Actor;
    public CatalogEntry Service;
    public CatalogAction Action;
    public int Region;
    public int Resource;
    public DateTime Time;
    public ulong EventIdHigh;
    public ulong EventIdLow;
    public ulong RequestSeed;
    public ulong AddressSeed;
    public CatalogError? Error;

    public readonly bool IsConsole => Service.Name == "AasSub";

    public readonly ReadOnlySpan<byte> RegionName => Regions.Utf8(Service.IsGlobal ? 0 : Region);

    public readonly ReadOnlySpan<byte> WriteEventId(Span<byte> destination) => Ids.Guid(destination, EventIdHigh, EventIdLow, upper: false);

    /// <summary>The principal's id: one per actor and account; for an assumed role <c>role id:session</c>.</summary>
    public readonly ReadOnlySpan<byte> WritePrincipal(Span<byte> destination)
    {
        if (Actor.Kind != ActorKind.AssumedRole)
            return Ids.Principal(destination, Chance.Mix(AccountSeed, Actor.Seed));
        var length = Ids.Text(destination, "3"u8, Chance.Mix(AccountSeed, (ulong)Actor.Role.Length + Actor.Role[0]), 17, "0123456789"u8).Length;
        return AppendSession(destination, length, (byte)':');
    }

    /// <summary>The user's name; <c>role:session</c> for an assumed role, the calling service for the system.</summary>
    public readonly ReadOnlySpan<byte> WriteUserName(Span<byte> destination)
    {
        switch (Actor.Kind)
        {
            case ActorKind.AssumedRole:
                Actor.Role.CopyTo(destination);
                return AppendSession(destination, Actor.Role.Length, (byte)':');
            case ActorKind.System:
                return WriteServiceHost(destination, withRegion: false);
            default:
                return Actor.Name(destination);
        }
    }

    /// <summary>The access key: a long-lived one for users, one per day for a session, none in the console and for the system.</summary>
    public readonly ReadOnlySpan<byte> WriteAccessKey(Span<byte> destination)
    {
        if (IsConsole || Actor.Kind == ActorKind.System)
            return default;
        var seed = Chance.Mix(AccountSeed, Actor.Seed + 1);
        return Actor.Kind == ActorKind.AssumedRole
            ? Ids.Text(destination, "STS.NU"u8, Chance.Mix(seed, (ulong)(Time.Ticks / TimeSpan.TicksPerDay)), 22, Ids.Base62)
            : Ids.Text(destination, "LTAI5t"u8, seed + (ulong)(EventIdLow & 15) / 12, 18, Ids.Base62);
    }

    public readonly ReadOnlySpan<byte> WriteResource(Span<byte> destination) =>
        Ids.Text(destination, Action.Resource.IdPrefixUtf8, Chance.Mix(AccountSeed, ((ulong)Action.Resource.Index << 32) + (uint)Resource), 17, Ids.Base36);

    public readonly ReadOnlySpan<byte> WriteAddress(Span<byte> destination) =>
        Actor.Kind == ActorKind.System ? WriteServiceHost(destination, withRegion: false) : Ids.Address(destination, AddressSeed);

    public readonly ReadOnlySpan<byte> WriteServiceHost(Span<byte> destination, bool withRegion)
    {
        var at = 0;
        Append(destination, ref at, Service.HostUtf8);
        if (withRegion && !Service.IsGlobal)
        {
            destination[at++] = (byte)'.';
            Append(destination, ref at, RegionName);
        }
        Append(destination, ref at, ".aliyuncs.com"u8);
        return destination[..at];
    }

    public readonly GeneratedEvent Describe(IReadOnlyList<string> accounts)
    {
        Span<byte> scratch = stackalloc byte[256];
        var key = WriteAccessKey(scratch);
        var accessKeyId = key.IsEmpty ? null : Encoding.UTF8.GetString(key);
        return new GeneratedEvent
        {
            EventId = Encoding.UTF8.GetString(WriteEventId(scratch)),
            AccountId = accounts[Account],
            EventTime = new DateTimeOffset(Time, TimeSpan.Zero),
            EventName = Action.Name,
            ServiceName = Service.Name,
            Region = Encoding.UTF8.GetString(RegionName),
            UserName = Encoding.UTF8.GetString(WriteUserName(scratch)),
            AccessKeyId = accessKeyId,
            ResourceType = Action.Resource.Type,
            ResourceName = Encoding.UTF8.GetString(WriteResource(scratch)),
            SourceIpAddress = Encoding.UTF8.GetString(WriteAddress(scratch)),
            IsWrite = Action.IsWrite,
            IsSensitive = Action.IsSensitive,
            ErrorCode = Error?.Code,
        };
    }

    private readonly ReadOnlySpan<byte> AppendSession(Span<byte> destination, int length, byte separator)
    {
        destination[length++] = separator;
        return destination[..(length + Actor.Name(destination[length..]).Length)];
    }

    private static void Append(Span<byte> destination, ref int at, ReadOnlySpan<byte> text)
    {
        text.CopyTo(destination[at..]);
        at += text.Length;
    }
}
